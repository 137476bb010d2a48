"""The whole way, offline, with the mouse and keys: run, score, study, judge, read the results.

The embedded model makes 200 outputs for held-out questions; they are judged and shown beside
outputs of the same questions that were imported.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sit_core.embedded import shipped
from sit_core.jobs.process import kill
from sit_core.store import Store
from sit_core.store.jobs import list_jobs
from sit_core.store.runs import list_runs
from tests.browser.conftest import all_saved, go, sample_on_screen, sign_in
from tests.browser.servers import AppServer, sit

pytestmark = pytest.mark.slow
ALL, JUDGED = 200, 6
PATIENCE_MS = 180_000
WORDING = "First repeat the input, then answer the question."


@pytest.fixture
def server(
    app_server: Callable[..., AppServer], store_at: Callable[..., Store]
) -> Iterator[AppServer]:
    made = app_server()
    yield made
    for job in list_jobs(store_at(made.home), active=True):
        if job.pid is not None:
            kill(job.pid, job.process)


def imported(folder: Path) -> Path:
    """Outputs of the same questions, as some other program would have made them."""
    path = folder / "imported.jsonl"
    lines = (shipped.HELD_OUT / "answer.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    path.write_text(
        "".join(
            json.dumps(
                {
                    "instruction": WORDING,
                    "input": row["input"],
                    "target": row["reference"],
                    "output": f"{row['input']}\n{row['reference']}",
                }
            )
            + "\n"
            for row in rows
        ),
        encoding="utf-8",
    )
    return path


def fill_in(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")


def test_predictions_are_made_scored_judged_and_shown_beside_imported_ones(
    server: AppServer, store_at: Callable[..., Store], page: Page, tmp_path: Path
) -> None:
    page.set_default_timeout(PATIENCE_MS)
    wait: dict[str, Any] = {"timeout": PATIENCE_MS}

    go(page, f"{server.url}/import")
    page.set_input_files("input[type=file]", imported(tmp_path))
    page.get_by_role("button", name="Import 1 file").click()
    expect(page.get_by_role("button", name="Make a study of these runs")).to_be_visible(**wait)

    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Runs", exact=True).click()
    fill_in(page, "Name of the run", "made")
    page.get_by_role("button", name="Start the run").click()
    expect(page.get_by_test_id("stProgress")).to_contain_text(f"of {ALL}", **wait)
    finished = page.get_by_text(f"{ALL} of {ALL} outputs", exact=True)
    expect(finished).to_be_visible(**wait)
    counts = {run.name: (run.outputs, run.state) for run in list_runs(store_at(server.home))}
    assert counts == {"made": (ALL, "complete"), "imported": (ALL, "complete")}

    go(page, f"{server.url}/runs?run=made&run=imported")
    page.get_by_role("button", name="Score", exact=True).click()
    page.get_by_role("button", name="Score 2 runs").click()
    expect(page.get_by_text("A click on a figure opens its samples")).to_be_visible(**wait)

    go(page, f"{server.url}/runs?run=made&run=imported")
    page.get_by_role("button", name="Make a study").click()
    fill_in(page, "Name", "the way")
    fill_in(page, "Examples per run", "5")
    page.get_by_role("button", name="Make the study").click()
    expect(page.get_by_text("The study is made.")).to_be_visible(**wait)

    sign_in(page, f"{server.url}/?study=the+way", "Ann")
    for number in range(JUDGED):
        sample = sample_on_screen(page)
        assert sample is not None
        page.keyboard.press("1" if number % 2 else "3")  # repeated: yes, no
        page.keyboard.press("q")  # answered: yes
        page.wait_for_selector(f'.desk[data-sample]:not([data-sample="{sample}"])')
    all_saved(page)

    go(page, f"{server.url}/results?study=the+way")
    grid = page.get_by_test_id("stDataFrame").first.locator("table")
    grid.locator("[role=gridcell]").first.wait_for(state="attached")
    shown = " ".join(grid.locator("[role=gridcell]").all_text_contents())
    assert "made" in shown
    assert "imported" in shown
    table = json.loads(sit(server.home, "results", "following", "--study", "the way", "--json"))[
        "rows"
    ]
    answered = [row for row in table if row["letter"] == "A"]
    assert {row["run"] for row in answered} == {"made", "imported"}
    assert sum(row["n"] for row in answered) == JUDGED
    assert sum(row["followed"] for row in answered) == JUDGED
    repeated = [row for row in table if row["letter"] == "R"]
    assert sum(row["followed"] for row in repeated) == JUDGED // 2
    for row in answered:
        if row["n"]:
            assert re.search(rf"100 % \[.*n={row['n']}", shown), shown

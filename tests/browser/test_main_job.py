"""The main job on real outputs: judge by keyboard, read the rates, export; counted by hand."""

import csv
import json
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from sqlalchemy import select

from sit_core.store import Store
from sit_core.store.schema import judgments, predictions, runs
from tests.browser.conftest import all_saved, go, sample_on_screen, sign_in
from tests.browser.servers import AppServer, sit

RUNS = ["Meta-Llama-3-8B-Instruct", "Llama-2-7b-chat-hf", "self-seq-Llama-2-7b-hf-alpaca-tulu"]
REPEAT = {"1": "yes", "2": "partly", "3": "no", "4": "unsure"}
ANSWER = {"q": "yes", "w": "partly", "e": "no", "r": "unsure"}
ORDER = {"a": "yes", "d": "no", "f": "unsure"}
JUDGED = 20


def test_three_real_runs_judged_by_keyboard_alone(
    real_data: Path,
    tmp_path: Path,
    app_server: Callable[..., AppServer],
    store_at: Callable[..., Store],
    page: Page,
) -> None:
    home = tmp_path / "home"
    files = [str(real_data / "csqa_repeat" / f"{run}.jsonl") for run in RUNS]
    report = json.loads(sit(home, "import", *files))
    assert report["refused"] == 0
    assert report["imported"] == 250
    sit(home, "study", "create", "table 1", "--runs", ",".join(RUNS), "--sample", "7",
        "--seed", "3", "--blind", "--ask-order")  # fmt: skip
    server = app_server(home)
    sign_in(page, f"{server.url}/?study=table+1", "Ann")

    rng = random.Random(5)
    given: dict[str, dict[str, str]] = {}
    for _ in range(JUDGED):
        sample = sample_on_screen(page)
        assert sample is not None
        assert sample not in given
        r, a, o = rng.choice("1111234"), rng.choice("qqqqwer"), rng.choice("aadf")
        given[sample] = {"repeat": REPEAT[r], "answer": ANSWER[a], "in_order": ORDER[o]}
        for key in (r, a, o):
            page.keyboard.press(key)
        page.wait_for_selector(f'.desk[data-sample]:not([data-sample="{sample}"])')
    all_saved(page)

    store = store_at(home)
    with store.read() as connection:
        named = select(predictions.c.id, runs.c.name)
        run_of = dict(
            tuple(row)
            for row in connection.execute(named.join(runs, runs.c.id == predictions.c.run_id))
        )
        rows = [
            dict(row._mapping)
            for row in connection.execute(select(judgments).order_by(judgments.c.id))
        ]
    assert {(r["prediction_id"], r["step"]): r["verdict"] for r in rows} == {
        (p, step): verdict for p, said in given.items() for step, verdict in said.items()
    }

    by_hand = count_by_hand(given, run_of)
    table = json.loads(sit(home, "results", "following", "--study", "table 1", "--json"))
    found: dict[tuple[str, str], Any] = {}
    for row in table["rows"]:
        found[row["run"], row["letter"]] = (row["followed"], row["n"], row["unsure"])
    for key, figures in by_hand.items():
        assert found[key] == figures, key

    go(page, f"{server.url}/results?study=table+1")
    for run, cells in table_on_the_page(page).items():
        for letter in ("R", "A", "R+A"):
            followed, n, unsure = by_hand[run, letter]
            assert cells[letter].startswith(f"{100 * followed / n:.0f} % ["), (run, letter)
            assert f"n={n}" in cells[letter]
            assert (f"{unsure} unsure" in cells[letter]) == bool(unsure)

    exported = [json.loads(line) for line in sit(
        home, "export", "judgments", "--study", "table 1", "--format", "jsonl"
    ).splitlines()]  # fmt: skip
    assert {(e["prediction_id"], e["step"], e["revision"], e["verdict"]) for e in exported} == {
        (r["prediction_id"], r["step"], r["revision"], r["verdict"]) for r in rows
    }
    assert len(exported) == len(rows)
    out = tmp_path / "judgments.csv"
    sit(home, "export", "judgments", "--study", "table 1", "--format", "csv", "--out", str(out))
    with out.open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(rows)


def table_on_the_page(page: Page) -> dict[str, dict[str, str]]:
    """Run → column → what stands there; read from the grid's table for screen readers."""
    grid = page.locator("[data-testid=stDataFrame]").first.locator("table")
    grid.locator("[role=gridcell]").first.wait_for(state="attached")
    head = grid.locator("[role=columnheader]").all_text_contents()
    rows = grid.locator("[role=row]:has([role=gridcell])").all()
    cells = [row.locator("[role=gridcell]").all_text_contents() for row in rows]
    assert {row[0] for row in cells} == set(RUNS)
    return {row[0]: dict(zip(head, row, strict=True)) for row in cells}


def count_by_hand(
    given: dict[str, dict[str, str]], run_of: dict[str, str]
) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(run, letter) → followed, decided, undecided; partly counts as done."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for sample, said in given.items():
        run = run_of[sample]
        done = {"yes": True, "partly": True, "no": False, "unsure": None}
        r, a = done[said["repeat"]], done[said["answer"]]
        both = False if False in (r, a) else None if None in (r, a) else True
        for letter, value in (("R", r), ("A", a), ("R+A", both)):
            figures = counts[run, letter]
            if value is None:
                figures[2] += 1
            else:
                figures[1] += 1
                figures[0] += value
    return {key: (f, n, u) for key, (f, n, u) in counts.items()}

"""The chain of work pressed through as its three users do it, with what was chosen carried over.

An annotator judges a study to its end. A researcher goes from a file to exported verdicts, and from
instruction data to the scores of an own adapter. Who demonstrates keeps what was seen live.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from sit_core.embedded import shipped
from sit_core.jobs.process import kill
from sit_core.store import Store
from sit_core.store.jobs import list_jobs
from sit_core.store.renaming import rename_study
from sit_core.store.runs import list_runs
from sit_core.store.scores import scored_runs
from tests.browser.conftest import READY, all_saved, go, sample_on_screen, sign_in
from tests.browser.servers import AppServer, sit
from tests.factories import make_run, make_study

PATIENCE_MS = 300_000
"""A training and a run of the embedded model, on a machine that has other work."""
needs_model = pytest.mark.skipif(
    not (shipped.BASE / "model.safetensors").is_file(), reason="no embedded model here"
)


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    page.context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield page
    expect.set_options(timeout=5_000)


@pytest.fixture
def server(app_server: Callable[..., AppServer]) -> AppServer:
    return app_server()


@pytest.fixture
def store(server: AppServer, store_at: Callable[..., Store]) -> Iterator[Store]:
    """The server's store; a job that a test leaves behind is ended by its own pid."""
    opened = store_at(server.home)
    yield opened
    for job in list_jobs(opened, active=True):
        if job.pid is not None:
            kill(job.pid, job.process)


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def fill_in(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")
    page.wait_for_selector(READY)


def choose(page: Page, box: str, option: str) -> None:
    page.get_by_label(box, exact=True).click()
    page.get_by_role("option", name=option).first.click()
    page.wait_for_selector(READY)


def follow(page: Page, link: str, to: str) -> None:
    """Press one of the page's own links, and wait for the page that it leads to."""
    page.get_by_test_id("stMain").get_by_role("link", name=link, exact=True).last.click()
    page.wait_for_url(f"**/{to}*")
    page.wait_for_selector(READY)


def judge_all(page: Page, samples: int) -> None:
    """Each step of each sample by keys."""
    for left in range(samples, 0, -1):
        sample = sample_on_screen(page)
        assert sample is not None
        page.keyboard.press("1")
        page.keyboard.press("e")
        if left > 1:
            page.wait_for_selector(f'.desk[data-sample]:not([data-sample="{sample}"])')
    all_saved(page)


def test_an_annotator_follows_a_link_judges_and_comes_to_the_end(
    server: AppServer, store: Store, page: Page
) -> None:
    make_run(store, "model", 3)
    make_study(store, "as it was sent", ["model"])
    rename_study(store, "as it was sent", "as it is called")  # the link is older than the name
    sign_in(page, f"{server.url}/annotate?study=as+it+was+sent", "Ann")
    assert query(page)["study"] == ["as it is called"]
    judge_all(page, 3)
    page.wait_for_selector(".desk[data-state=done]")
    (table,) = [
        json.loads(sit(server.home, "results", "following", "--study", "as it was sent", "--json"))
    ]
    assert {row["letter"]: row["n"] for row in table["rows"]}["R"] == 3


def test_a_researcher_goes_from_a_file_to_exported_verdicts(
    server: AppServer, store: Store, page: Page, tmp_path: Path
) -> None:
    rows = [
        {
            "instruction": "First repeat the input, then answer.",
            "input": f"{i}?",
            "output": f"{i}?\n{i}",
        }
        for i in range(4)
    ]
    file = tmp_path / "mine.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    go(page, f"{server.url}/import")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Import 1 file").click()
    page.get_by_role("button", name="Make a study of these runs").click()
    page.wait_for_url("**/studies*")
    expect(page.get_by_test_id("stMultiSelect").filter(has_text="mine")).to_be_visible()
    fill_in(page, "Name", "pilot")
    page.get_by_role("button", name="Make the study").click()
    expect(page.get_by_text("The study is made.")).to_be_visible()
    follow(page, "Annotate", "annotate")
    assert query(page)["study"] == ["pilot"]
    page.get_by_role("textbox", name="Your name").fill("Ann")
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector(".desk[data-state=working]")
    judge_all(page, 1)
    go(page, f"{server.url}/studies?study=pilot")
    follow(page, "Results", "results")
    assert query(page)["study"] == ["pilot"]
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download", exact=True).click()
    exported = [json.loads(line) for line in Path(caught.value.path()).read_text().splitlines()]
    assert {row["run"] for row in exported} == {"mine"}
    assert {row["verdict"] for row in exported} == {"yes", "no"}


def test_runs_go_to_judge_and_study_by_addresses_that_can_be_sent(
    server: AppServer, store: Store, page: Page
) -> None:
    for name in ("a", "b"):
        make_run(store, name)
    go(page, f"{server.url}/runs?run=a&run=b")
    page.get_by_role("button", name="Judge", exact=True).click()
    page.wait_for_url("**/judge*")
    chosen = page.get_by_test_id("stMultiSelect").first
    expect(chosen).to_contain_text("a")
    expect(chosen).to_contain_text("b")
    go(page, f"{server.url}/studies?run=b")
    expect(page.get_by_test_id("stMultiSelect").first).to_contain_text("b")
    go(page, f"{server.url}/runs?new=1&model=org/base")
    expect(page.get_by_label("Hub id or folder", exact=True)).to_have_value("org/base")
    adapter = page.get_by_label("Adapter (PEFT)", exact=True)
    adapter.fill("org/typed")
    adapter.press("Enter")
    page.wait_for_selector(READY)
    page.get_by_text("The command it runs").click()
    expect(page.get_by_text("--adapter=org/typed")).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Jobs", exact=True).click()
    page.wait_for_url("**/jobs*")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Runs", exact=True).click()
    expect(page.get_by_label("Hub id or folder", exact=True)).to_have_value("org/base")
    expect(page.get_by_label("Adapter (PEFT)", exact=True)).to_have_value("org/typed")


@needs_model
@pytest.mark.slow
def test_a_researcher_goes_from_instruction_data_to_scores_of_an_own_adapter(
    server: AppServer, store: Store, page: Page
) -> None:
    go(page, f"{server.url}/augment")
    choose(page, "Examples", "Micro lab")
    fill_in(page, "How many", "60")
    fill_in(page, "Name of the mixture", "sequences")
    page.get_by_role("button", name="Make the mixture").click()
    follow(page, "Train on this", "train")
    expect(page.get_by_label("Data", exact=True)).to_have_value("A mixture")
    expect(page.get_by_label("Mixture", exact=True)).to_have_value("sequences")
    fill_in(page, "Updates", "4")
    fill_in(page, "Name of the training", "mine")
    page.get_by_role("button", name="Start training").click()
    follow(page, "Run this adapter", "runs")
    expect(page.get_by_label("Adapter (PEFT)", exact=True)).to_have_value("mine (adapter)")
    expect(page.get_by_label("Model", exact=True)).to_have_value("Embedded model")
    fill_in(page, "Limit", "4")
    fill_in(page, "Name of the run", "by mine")
    page.get_by_role("button", name="Start the run").click()
    expect(page.get_by_text("4 of 4 outputs", exact=True)).to_be_visible()
    (run,) = list_runs(store)
    assert (run.name, run.outputs, Path(run.adapter or "").name) == ("by mine", 4, "mine")
    go(page, f"{server.url}/runs?run=by+mine")
    page.get_by_role("button", name="Score", exact=True).click()
    page.get_by_role("button", name="Score 1 run").click()
    expect(page.get_by_text("A click on a figure opens its samples")).to_be_visible()
    assert scored_runs(store) == ["by mine"]


@needs_model
@pytest.mark.slow
def test_who_demonstrates_runs_an_example_live_and_keeps_it_for_a_study(
    server: AppServer, store: Store, page: Page
) -> None:
    go(page, f"{server.url}/live")
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector(".live-column[data-phase=done]")
    expect(page.locator(".live-column:not([data-phase=done])")).to_have_count(0)
    page.get_by_role("button", name="Keep", exact=False).first.click()
    fill_in(page, "Name", "seen in the talk")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_test_id("stMain").get_by_role("link", name="Annotate").last.click()
    page.wait_for_url("**/annotate*")
    assert query(page)["study"] == ["seen in the talk"]
    page.get_by_role("textbox", name="Your name").fill("Ann")
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector(".desk[data-state=working]")
    assert list_runs(store)

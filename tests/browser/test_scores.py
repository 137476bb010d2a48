"""Runs are chosen, scored and read with the mouse alone; a number opens exactly its samples."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from pages.inspect_outputs.address import filter_from
from sit_core.store import Store
from sit_core.store.browse import count_hits, page_of_hits
from sit_core.store.scores import score_table
from tests.browser.conftest import READY, go
from tests.browser.servers import AppServer
from tests.factories import make_run

QUESTION = "Question: Where do bees carry nectar?\nChoices: A:flower, B:hive, C:sea"
HEAD, ROW, MARKER = 35, 35, 30
"""Pixels of the table's head, of a row, of the column of its boxes."""


def grid(page: Page) -> Locator:
    """The first table."""
    return page.get_by_test_id("stDataFrame").first


def cell(page: Page, column: str, row: int) -> str:
    """What a cell of the first table says; from the table for screen readers."""
    table = page.get_by_test_id("stDataFrame").first.locator("table")
    heads = table.locator("[role=columnheader]")
    heads.get_by_text(column, exact=True).first.wait_for(state="attached")
    place = heads.all_text_contents().index(column)
    found = table.locator("[role=row]:has([role=gridcell])").nth(row)
    return found.locator("[role=gridcell]").nth(place).text_content() or ""


def press_cell(page: Page, x: int, row: int) -> None:
    """Press a cell of the first table as a hand does, that comes by way of the cells beside it."""
    y = HEAD + ROW * row + ROW // 2
    grid(page).hover(position={"x": x - 10, "y": y - 5})
    expect(grid(page).get_by_test_id("stElementToolbar")).to_be_visible()
    grid(page).click(position={"x": x, "y": y})


def test_two_runs_are_scored_and_a_number_opens_its_samples(
    app_server: Callable[..., AppServer],
    store_at: Callable[..., Store],
    page: Page,
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    store = store_at(home)
    inputs = [QUESTION + " " * i for i in range(4)]
    for name, outputs in (
        ("second", ["B", "", "", f"{QUESTION}\nAnswer: A"]),
        ("first", [f"{QUESTION}\nAnswer: B", "hive", "", f"{QUESTION}\nC"]),
    ):
        make_run(store, name, outputs, inputs=inputs, expected=True)
    server = app_server(home)

    page.set_viewport_size({"width": 1800, "height": 900})  # all columns of the table are drawn
    go(page, f"{server.url}/runs")
    for row in (0, 1):
        grid(page).click(position={"x": MARKER // 2, "y": HEAD + ROW * row + ROW // 2})
        page.wait_for_selector(READY)
    expect(page.get_by_text("2 runs chosen")).to_be_visible()
    page.get_by_role("button", name="Score", exact=True).click()
    page.get_by_role("button", name="Score 2 runs").click()
    expect(page.get_by_text("A click on a figure opens its samples")).to_be_visible(timeout=60_000)

    rows = {(r.run, r.metric, r.step): r for r in score_table(store, ["first", "second"])}
    run = cell(page, "run", 0)
    for column, metric, step in (
        ("following · answer", "following", "answer"),
        ("rouge-l · repeat", "rouge-l", "repeat"),
    ):
        row, said = rows[run, metric, step], cell(page, column, 0)
        assert said.startswith(f"{100 * (row.mean or 0):.1f}")
        assert f"n={row.n}" in said
        assert (f"{row.scored} present" in said) == (row.scored < row.n)

    # The run's name is 400 pixels wide, accuracy 215; then comes ROUGE-L.
    grid(page).click(position={"x": 720, "y": HEAD + ROW // 2})
    page.wait_for_url(re.compile(r"/inspect\?"))
    page.wait_for_selector(READY)
    asked = filter_from(parse_qs(urlsplit(page.url).query))
    assert asked.runs == (run,)
    assert asked.score is not None
    assert (asked.score.metric, asked.score.step) == ("rouge-l", "repeat")
    n = rows[run, "rouge-l", "repeat"].n
    assert count_hits(store, asked) == n == 4
    expect(page.get_by_text(f"{n} output{'' if n == 1 else 's'}", exact=True)).to_be_visible()
    listed = page.get_by_role("option")
    expect(listed).to_have_count(n)
    outputs = [hit.output for hit in page_of_hits(store, asked)]
    for i, output in enumerate(outputs):
        expect(listed.nth(i)).to_contain_text(" ".join(output[:180].split()) or "(no text)")
    present = [output for output in outputs if output.startswith(QUESTION)]
    assert len(present) == rows[run, "rouge-l", "repeat"].scored

    page.go_back()
    expect(page.get_by_text("A click on a figure opens its samples")).to_be_visible(timeout=60_000)
    assert "/scores" in page.url

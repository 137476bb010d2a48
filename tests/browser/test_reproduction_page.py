"""From a number of the Reproduction page to the outputs behind it, on a fresh machine."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from pages.inspect_outputs.address import filter_from
from pages.reproduction.tables import WIDTH
from sit_core.reproduction.report import kept_reproduction
from sit_core.results.reproduction import CellKey
from sit_core.store import Store
from sit_core.store.browse import count_hits
from tests.browser.conftest import READY, go
from tests.browser.servers import AppServer

HEAD, ROW, MODEL = 35, 35, 210
"""Pixels of a table's head, of a row, of the column of models."""
TABLE = {number: number - 7 for number in range(1, 7)}
"""Number of a table → its place among all, from the end: the claims' tables come first."""


def test_a_number_of_table_1_opens_its_outputs_at_the_first_start(
    app_server: Callable[..., AppServer], store_at: Callable[..., Store], page: Page
) -> None:
    server = app_server(starter=True)
    go(page, f"{server.url}/reproduction")
    expect(page.get_by_role("heading", name="Table 6")).to_be_visible()
    first = page.get_by_test_id("stDataFrame").nth(TABLE[1])
    # Row SIT(+R), column R: base, IT, SIT(+R); ROUGE-L, BERTScore, R.
    first.click(position={"x": MODEL + 2 * WIDTH + 30, "y": HEAD + ROW * 2 + ROW // 2})
    page.wait_for_url(re.compile(r"/inspect\?"))
    page.wait_for_selector(READY)
    asked = filter_from(parse_qs(urlsplit(page.url).query))
    cell = kept_reproduction().cells[CellKey("sit-repeat", "R+A", "following", "repeat")]
    assert asked.runs == ("micro lab SIT(+R), R+A",)
    assert asked.score is not None
    assert (asked.score.metric, asked.score.step) == ("following", "repeat")
    assert count_hits(store_at(server.home), asked) == cell.n
    expect(page.get_by_text(f"{cell.n} outputs", exact=True)).to_be_visible()


def test_what_is_not_in_the_store_yet_is_put_there_by_one_press(
    app_server: Callable[..., AppServer], page: Page
) -> None:
    server = app_server(starter=True)
    go(page, f"{server.url}/reproduction")
    button = page.get_by_role("button", name="Put the outputs into the store")
    expect(page.get_by_role("heading", name="Table 6")).to_be_visible()
    table_5 = page.get_by_test_id("stDataFrame").nth(TABLE[5])
    table_5.click(position={"x": MODEL + WIDTH // 2, "y": HEAD + ROW * 2 + ROW // 2})
    expect(page.get_by_text("is not in the store")).to_be_visible()
    button.click()
    # The number is still chosen: with its samples there, it opens them.
    page.wait_for_url(re.compile(r"/inspect\?"), timeout=60_000)
    page.wait_for_selector(READY)
    assert filter_from(parse_qs(urlsplit(page.url).query)).runs == ("micro lab SIT(+R), A",)
    go(page, f"{server.url}/reproduction")
    expect(page.get_by_role("heading", name="Table 6")).to_be_visible()
    expect(button).to_have_count(0)

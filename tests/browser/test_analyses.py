"""The Analyses page in a real browser: a point, a cell, a key each open exactly their samples."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import Page, expect

from sit_core.metrics.registry import Score
from sit_core.store import Store
from sit_core.store.browse import Filter, count_hits, page_of_hits
from sit_core.store.scores import save_scores
from tests.browser.conftest import READY, go
from tests.browser.servers import AppServer
from tests.factories import make_run

EVIL = '<img src=x onerror="document.title=1">'
ASKED = {"analysis": "length", "metric": "accuracy", "smooth": "4"}


def filled(store: Store) -> list[str]:
    """A run of twelve outputs for inputs of 1 to 12 words; the first half is right."""
    ids = make_run(store, EVIL, 12, inputs=["word " * (i + 1) for i in range(12)])
    made = [Score(one, "accuracy", float(i < 6)) for i, one in enumerate(ids)]
    save_scores(store, made, {"accuracy": ""}, "rules-1")
    return ids


def opened(page: Page, store: Store) -> set[str]:
    """The samples that Inspect shows after a click."""
    expect(page).to_have_url(re.compile("inspect"))
    page.wait_for_selector(READY)
    expect(page.get_by_role("option")).not_to_have_count(0)
    kept = parse_qs(urlsplit(page.url).query)["list"][0]
    asked = Filter(listed=kept)
    found = {one.id for one in page_of_hits(store, asked, limit=100)}
    assert count_hits(store, asked) == len(found)
    expect(page.get_by_role("option")).to_have_count(len(found))
    return found


def test_a_point_of_the_figure_and_its_row_open_its_samples(
    app_server: Callable[..., AppServer], store_at: Callable[..., Store], page: Page
) -> None:
    server = app_server()
    store = store_at(server.home)
    ids = filled(store)
    address = f"{server.url}/analyses?{urlencode(ASKED)}"

    go(page, address)
    marks = page.locator(".js-plotly-plot .scatterlayer .points path")
    expect(marks).to_have_count(9)
    expect(page.locator(".js-plotly-plot")).to_be_in_viewport(ratio=1)
    box = marks.nth(3).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2 - 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert opened(page, store) == set(ids[3:7])
    expect(page.get_by_text(f"Length: {EVIL}").first).to_be_visible()

    # Back: the settings are as they were, and nothing is open again by itself.
    page.go_back()
    page.wait_for_selector(READY)
    expect(page.get_by_text("Points of the figure as a table")).to_be_visible()
    asked = parse_qs(urlsplit(page.url).query)
    assert {name: asked[name][0] for name in ASKED} == ASKED

    # The same without a pointer: the points are a table of links.
    page.get_by_text("Points of the figure as a table").click()
    link = page.get_by_role("region", name="Points of the figure").get_by_role("link")
    last = link.last
    last.focus()
    page.keyboard.press("Enter")
    assert opened(page, store) == set(ids[8:12])

    # And by its address, as another tab has it.
    go(page, address)
    page.get_by_text("Points of the figure as a table").click()
    href = link.first.get_attribute("href")
    assert href is not None
    page.goto(f"{server.url}/{href}")
    assert opened(page, store) == set(ids[:4])
    assert page.title() != "1"


def test_a_figure_of_the_table_opens_its_samples_and_settings_are_the_address(
    app_server: Callable[..., AppServer], store_at: Callable[..., Store], page: Page
) -> None:
    server = app_server()
    store = store_at(server.home)
    ids = filled(store)
    go(page, f"{server.url}/analyses?{urlencode(ASKED)}")
    page.get_by_role("button", name="Settings").click()
    window = page.get_by_role("spinbutton", name="Window")
    expect(window).to_have_value("4")
    window.fill("6")
    window.press("Enter")
    expect(page).to_have_url(re.compile("smooth=6"))
    page.wait_for_selector(READY)
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator(".js-plotly-plot .scatterlayer .points path")).to_have_count(7)
    page.get_by_role("region", name="Length").get_by_role("link").nth(1).click()
    assert opened(page, store) == set(ids)

"""Inspect by keyboard and by hand: the list, the output, another run's beside it, on a phone."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from sit_core.records import Step, chain
from sit_core.store import Store
from sit_core.store.browse import Filter, page_of_hits
from tests.browser.conftest import PATIENCE_MS, go
from tests.browser.servers import AppServer
from tests.factories import judge, make_run, make_study, remark

EVIL = "<img src=x onerror=\"document.title='hacked'\"> **b** $x$"
QUESTION = "Question: Where do bees live?\nChoices: A:hive, B:sea"
STEPS = chain([Step("repeat", "R"), Step("answer", "A")])


@pytest.fixture
def site(app_server: Callable[..., AppServer], store_at: Callable[..., Store]) -> AppServer:
    """Two runs of 130 outputs, of which one holds both parts; a study with verdicts and a flag."""
    server = app_server()
    store = store_at(server.home)
    inputs = [QUESTION.replace("bees", f"bees {i}") for i in range(130)]
    outputs = [f"{asked}\nThe answer is A" for asked in inputs]
    first = make_run(store, "first", outputs, steps=STEPS, inputs=inputs)
    make_run(store, EVIL, [f"{EVIL} {i}" for i in range(130)], steps=STEPS, inputs=inputs)
    make_study(store, "s", ["first"])
    judge(store, "s", first[1], EVIL, {"repeat": "yes", "answer": "no"})
    remark(store, "s", first[1], EVIL, f"{EVIL}\nodd", flagged=True)
    return server


def open_is(page: Page, number: int, total: int) -> None:
    expect(page.locator(".top .who .number")).to_contain_text(f"· {number} of {total}")
    expect(page.locator(".option[aria-selected=true] .marks .number").last).to_have_text(
        str(number)
    )


def test_the_list_is_walked_by_keys_and_the_text_is_read_as_it_is(
    site: AppServer, page: Page
) -> None:
    go(page, f"{site.url}/inspect?run=first")
    open_is(page, 1, 130)
    expect(page.get_by_text("130 outputs · 1–100", exact=True)).to_be_visible()
    page.get_by_role("listbox").focus()
    page.keyboard.press("ArrowDown")
    open_is(page, 2, 130)
    assert "sample" in parse_qs(urlsplit(page.url).query)
    page.keyboard.press("j")
    open_is(page, 3, 130)
    page.keyboard.press("k")
    page.keyboard.press("k")
    open_is(page, 1, 130)
    for _ in range(6):  # faster than answers come
        page.keyboard.press("ArrowDown")
    open_is(page, 7, 130)
    page.keyboard.press("Enter")
    expect(page.locator(".texts")).to_be_focused()
    # The letters of the parts are no text: a copy has what the model wrote.
    read = page.locator(".output .read")
    wrote = f"{QUESTION.replace('bees', 'bees 6')}\nThe answer is A"
    assert read.evaluate("e => e.textContent") == wrote
    letters = read.locator(".part").evaluate_all(
        "parts => parts.map(p => getComputedStyle(p, '::before').content)"
    )
    assert letters == ['"R"', '"A"']
    # A key typed into a filter is a letter, not a step in the list.
    page.get_by_role("textbox", name="Text").fill("")
    page.get_by_role("textbox", name="Text").press("j")
    open_is(page, 7, 130)


SELECTED = """list => {
  window.seen = []
  const look = () => {
    const one = list.querySelector("[aria-selected=true]")
    if (one) window.seen.push(Number(one.querySelector(".marks .number:last-child").textContent))
  }
  new MutationObserver(look).observe(list, { attributes: true, subtree: true, childList: true })
}"""


def test_an_answer_that_comes_late_does_not_move_the_choice_back(
    site: AppServer, page: Page
) -> None:
    go(page, f"{site.url}/inspect?run=first")
    open_is(page, 1, 130)
    page.get_by_role("listbox").focus()
    page.get_by_role("listbox").evaluate(SELECTED)
    for _ in range(12):
        page.keyboard.press("ArrowDown", delay=100)  # longer than keys are waited for
    open_is(page, 13, 130)
    seen = page.evaluate("window.seen")
    assert seen == sorted(seen)
    assert {2, 13} <= set(seen)


def test_the_list_drawn_anew_stays_where_it_was(
    site: AppServer, store_at: Callable[..., Store], page: Page
) -> None:
    go(page, f"{site.url}/inspect?run=first")
    page.get_by_role("option").nth(60).click()
    open_is(page, 61, 130)
    lines = page.get_by_role("listbox")
    lines.focus()
    scrolled = lines.evaluate("e => e.scrollTop")
    assert scrolled > 0
    store = store_at(site.home)
    shown = page_of_hits(store, Filter(runs=("first",)), offset=59, limit=1)
    judge(store, "s", shown[0].id, "ann", {"repeat": "no", "answer": "no"})
    page.keyboard.press("ArrowUp")
    open_is(page, 60, 130)
    expect(page.locator(".option[aria-selected=true] .verdict")).to_have_count(2)
    expect(lines).to_be_focused()
    assert lines.evaluate("e => e.scrollTop") == scrolled


def test_over_the_edge_of_a_page_of_the_list_the_next_one_comes(
    site: AppServer, page: Page
) -> None:
    go(page, f"{site.url}/inspect?run=first")
    page.get_by_role("listbox").focus()
    page.keyboard.press("End")
    open_is(page, 100, 130)
    page.keyboard.press("ArrowDown")
    open_is(page, 101, 130)
    expect(page.get_by_role("option")).to_have_count(30)
    page.get_by_role("button", name="Earlier").click()
    expect(page.get_by_role("option")).to_have_count(100)
    expect(page.locator(".option[aria-selected=true]")).to_have_count(0)
    page.go_back()
    open_is(page, 100, 130)


def test_the_run_beside_stays_and_nothing_jumps(site: AppServer, page: Page) -> None:
    go(page, f"{site.url}/inspect?run=first")
    page.get_by_role("option").nth(40).click()
    open_is(page, 41, 130)
    scrolled = page.get_by_role("listbox").evaluate("e => e.scrollTop")
    assert scrolled > 0
    beside = page.get_by_role("button", name=EVIL)
    beside.click()
    expect(page.locator(".output")).to_have_count(2)
    expect(beside).to_have_attribute("aria-pressed", "true")
    expect(beside).to_be_focused()
    assert page.get_by_role("listbox").evaluate("e => e.scrollTop") == scrolled
    page.keyboard.press("j")
    open_is(page, 42, 130)
    expect(page.locator(".output .read").last).to_have_text(f"{EVIL} 41")
    page.get_by_text("words that differ").click()
    expect(page.locator(".output mark").first).to_be_visible()
    expect(page.get_by_label("words that differ")).to_be_focused()
    page.get_by_role("button", name="Link to this output").click()
    address = page.get_by_label("This address opens exactly this output").input_value()
    page.get_by_role("button", name="Open this one").click()
    expect(page.locator(".top h2")).to_have_text(re.compile(re.escape(EVIL)))
    go(page, address)
    expect(page.locator(".output .read")).to_contain_text("bees 41")


def test_flagged_outputs_are_found_and_say_who_said_what(site: AppServer, page: Page) -> None:
    go(page, f"{site.url}/inspect")
    page.get_by_role("button", name="More").click()
    page.get_by_role("combobox", name="Remarks").click()
    page.get_by_role("option", name="flagged", exact=True).click()
    expect(page.get_by_text("1 output", exact=True)).to_be_visible()
    # The menu stays open for the next filter, and says that one is set.
    expect(page.get_by_role("combobox", name="Remarks")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="More · 1")).to_be_visible()
    side = page.locator(".side")
    expect(side).to_contain_text("flagged")
    expect(side).to_contain_text(f"{EVIL}\nodd", use_inner_text=True)
    verdicts = side.locator(".verdict").evaluate_all("all => all.map(v => v.dataset.verdict)")
    assert verdicts == ["yes", "no"]
    assert page.title() != "hacked"
    assert page.locator("img[src='x']").count() == 0


def test_on_a_narrow_screen_a_tap_opens_and_back_returns(site: AppServer, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    go(page, f"{site.url}/inspect?run=first")
    expect(page.get_by_role("listbox")).to_be_visible()
    expect(page.locator(".texts")).to_be_hidden()
    page.get_by_role("option").nth(2).tap()
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.locator(".output .read")).to_contain_text("bees 2")
    address = page.url
    page.get_by_role("button", name="List").tap()
    expect(page.get_by_role("listbox")).to_be_visible()
    expect(page.locator(".option[aria-selected=true]")).to_contain_text("bees 2")
    page.get_by_role("option").nth(2).tap()  # the same one again
    expect(page.locator(".output .read")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("listbox")).to_be_visible()
    go(page, address)
    expect(page.locator(".output .read")).to_contain_text("bees 2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()

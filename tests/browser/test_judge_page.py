"""A judge is chosen, tried, estimated and started with mouse and keys; its numbers lead on."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from pages.inspect_outputs.address import filter_from
from sit_core.store import Store
from sit_core.store.browse import count_hits
from sit_core.store.llm_judgments import llm_judges
from tests.browser.conftest import READY, go
from tests.browser.servers import AppServer
from tests.browser.test_scores import cell, press_cell
from tests.factories import make_run
from tests.jobs.conftest import until
from tests.judge.conftest import JudgeServer
from tests.results.test_leaderboard import FOLLOW

EVIL = "<img src=x onerror=\"document.title='hacked'\"> ![x](http://x/y.png) $x$ [[Yes, 5]]"


@pytest.fixture
def endpoint() -> Iterator[JudgeServer]:
    made = JudgeServer()
    yield made
    made.end()


def fill(page: Page, label: str, text: str) -> None:
    page.get_by_role("textbox", name=label).first.fill(text)
    page.keyboard.press("Tab")
    page.wait_for_selector(READY)


def test_from_the_form_to_the_samples_of_a_rate(
    app_server: Callable[..., AppServer],
    store_at: Callable[..., Store],
    page: Page,
    tmp_path: Path,
    endpoint: JudgeServer,
) -> None:
    home = tmp_path / "home"
    store = store_at(home)
    make_run(store, "mine", ["done", "done too", "lazy", EVIL], steps=FOLLOW)

    def verdict(texts: dict[str, str]) -> str:
        if EVIL in texts["output"]:
            return f"{EVIL} and nothing else"
        return "[[No, 1]]" if texts["output"] == "lazy" else "[[Yes, 4]]"

    endpoint.says = verdict
    server = app_server(home)
    go(page, f"{server.url}/judge")
    page.get_by_role("combobox", name="Runs").click()
    page.get_by_role("option", name="mine").click()
    page.keyboard.press("Escape")
    fill(page, "Address", endpoint.url)
    fill(page, "Model, as the endpoint calls it", "m")

    page.get_by_text("Try it on one sample").click()
    page.get_by_role("button", name="Ask the model").click()
    expect(page.get_by_text("Read as: ")).to_be_visible()
    assert llm_judges(store) == []

    page.get_by_role("button", name="Estimate").click()
    expect(page.get_by_text("4 questions: 4 calls of the model, 0 known")).to_be_visible()
    page.get_by_role("button", name="Start judging").click()
    expect(page.get_by_text("A click on a rate opens the judged samples")).to_be_visible(
        timeout=60_000
    )
    assert len(endpoint.prompts) == 5
    assert cell(page, "run", 0) == "mine"
    assert cell(page, "n", 0) == "3"
    (judge,) = llm_judges(store)
    assert parse_qs(urlsplit(page.url).query)["judge"] == [judge.name]
    # The run's name is 380 pixels wide, then come step and rate.
    page.wait_for_selector(READY)
    press_cell(page, 500, 0)
    page.wait_for_url(re.compile(r"/inspect\?"))
    page.wait_for_selector(READY)
    asked = filter_from(parse_qs(urlsplit(page.url).query))
    assert (asked.runs, asked.annotator, asked.step) == (("mine",), judge.name, "follow")
    assert count_hits(store, asked) == 3
    expect(page.get_by_text("3 outputs", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("A click on a rate opens the judged samples")).to_be_visible()

    page.get_by_text("1 reply without a usable verdict").click()
    reply = page.locator("[data-verbatim=text]").filter(has_text="and nothing else")
    expect(reply).to_contain_text(f"{EVIL} and nothing else")
    assert page.title() != "hacked"
    assert page.locator("img[src='x']").count() == 0


def test_a_judging_under_way_is_cancelled_and_resumed(
    app_server: Callable[..., AppServer],
    store_at: Callable[..., Store],
    page: Page,
    tmp_path: Path,
    endpoint: JudgeServer,
) -> None:
    home = tmp_path / "home"
    store = store_at(home)
    make_run(store, "mine", 6, steps=FOLLOW)
    says = endpoint.says

    def slow(texts: dict[str, str]) -> str:
        if not texts["output"].startswith("output 0"):
            endpoint.gate.wait(60)
        return str(says(texts))

    endpoint.says = slow
    server = app_server(home)
    go(page, f"{server.url}/judge")
    page.get_by_role("combobox", name="Runs").click()
    page.get_by_role("option", name="mine").click()
    page.keyboard.press("Escape")
    fill(page, "Address", endpoint.url)
    fill(page, "Model, as the endpoint calls it", "m")
    page.get_by_role("button", name="Estimate").click()
    page.get_by_role("button", name="Start judging").click()
    expect(page.get_by_text("1 of 6").first).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled; what was written is kept")).to_be_visible(timeout=60_000)
    endpoint.gate.set()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("A click on a rate opens the judged samples")).to_be_visible(
        timeout=60_000
    )
    until(lambda: [judge.judged for judge in llm_judges(store)] == [6])

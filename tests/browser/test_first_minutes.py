"""What new people do first: give a name in any way, find a study that is full, judge on a phone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from sit_core.annotation.session import exchange
from sit_core.store import Store
from sit_core.store.studies import StudyPlan, create_study, get_study
from tests.annotation.conftest import STEPS, fill
from tests.browser.conftest import PATIENCE_MS, all_saved, go, go_on, sign_in
from tests.browser.servers import AppServer
from tests.browser.test_annotate import judged
from tests.factories import make_run

WORKING = ".desk[data-state=working]"


@pytest.fixture
def site(app_server: Callable[..., AppServer], store_at: Callable[..., Store]) -> Any:
    """A server with a study of two made-up outputs."""
    server = app_server()
    store = store_at(server.home)
    fill(store, "model", 2)
    create_study(store, StudyPlan("study", ["model"], steps=STEPS, seed=1))
    server.store = store  # type: ignore[attr-defined]
    return server


@pytest.mark.parametrize("way", ["click", "enter", "tab"])
def test_a_name_that_was_typed_is_taken_whatever_is_pressed_next(
    site: Any, page: Page, way: str
) -> None:
    go(page, f"{site.url}/annotate")
    page.get_by_role("textbox", name="Your name").click()
    page.keyboard.type("Ann Lee")
    if way == "enter":
        page.keyboard.press("Enter")
    elif way == "tab":
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Start").press("Enter")
    else:
        page.get_by_role("button", name="Start").click()
    page.wait_for_selector(WORKING)
    expect(page.get_by_role("button", name="Ann Lee · study")).to_be_visible()


@pytest.mark.parametrize(
    "name", ["Ann__B", "__", "a/b", "Zoë, <b>x</b> $x$ *y*", "\u0645\u0631\u064a\u0645 %2F"]
)
def test_any_name_can_judge(site: Any, page: Page, name: str) -> None:
    sign_in(page, f"{site.url}/annotate", name)
    page.keyboard.press("1")
    page.keyboard.press("e")
    all_saved(page)
    assert {who for _, who, *_ in judged(site.store)} == {name}
    go_on(page, site.url, name)  # the cookie knows it
    go(page, f"{site.url}/annotate?study=study")
    page.wait_for_selector(WORKING)


def test_a_name_known_before_is_chosen(site: Any, page: Page, browser: Browser) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    other = browser.new_context()
    other.set_default_timeout(PATIENCE_MS)
    again = other.new_page()
    go(again, f"{site.url}/annotate")
    again.get_by_role("radio", name="Ann").click()
    expect(again.get_by_role("textbox", name="Your name")).to_have_value("Ann")
    again.get_by_role("button", name="Start").click()
    again.wait_for_selector(WORKING)
    expect(again.get_by_role("button", name="Ann · study")).to_be_visible()
    other.close()


def test_verdicts_kept_for_one_name_are_not_sent_by_another_that_begins_like_it(
    site: Any, page: Page
) -> None:
    sign_in(page, f"{site.url}/annotate", "a")
    site.kill()
    page.get_by_role("button", name="Yes").first.wait_for()
    page.keyboard.press("1")
    page.keyboard.press("e")
    page.wait_for_selector(".desk[data-unsaved='1']")
    page.evaluate(
        """() => {
            for (const key of Object.keys(localStorage).filter((k) => k.startsWith("sit-desk/"))) {
                const place = key.lastIndexOf("/")
                const item = localStorage.getItem(key)
                localStorage.removeItem(key)
                localStorage.setItem(key.slice(0, place) + "/b" + key.slice(place), item)
            }
        }"""
    )  # now it is "a/b" who said so
    page.close(run_before_unload=False)
    site.start()
    later = page.context.new_page()
    go_on(later, site.url, "a")
    expect(later.locator(".desk")).to_have_attribute("data-unsaved", "0")
    assert judged(site.store) == []


def test_who_comes_to_a_full_study_reads_that_it_is_full(site: Any, page: Page) -> None:
    study = get_study(site.store, "study")
    hand = exchange(site.store, study, "Ben")["hand"]
    said = [
        {"id": p, "prediction": p, "verdicts": {"repeat": "yes", "answer": "no"}, "base": {}}
        for p in hand
    ]
    exchange(site.store, study, "Ben", {"turn": 1, "submissions": said, "progress": True})
    sign_in(page, f"{site.url}/annotate", "Ann")
    page.wait_for_selector(".desk[data-state=done]")
    expect(page.locator(".empty-title")).to_have_text("Nothing is left for you in this study")
    expect(page.locator(".empty-text")).to_contain_text("2 of 2 judged")
    expect(page.locator(".empty-text")).to_contain_text("another study")


def test_on_a_phone_the_verdicts_of_a_long_output_are_on_the_screen(
    site: Any, browser: Browser, tmp_path: Path
) -> None:
    make_run(site.store, "long", ["word " * 4000], inputs=["A long question? " * 60])
    create_study(site.store, StudyPlan("long", ["long"], steps=STEPS, seed=1))
    phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    phone.set_default_timeout(PATIENCE_MS)
    page = phone.new_page()
    sign_in(page, f"{site.url}/?study=long", "Ann")
    page.wait_for_selector(WORKING)
    page.screenshot(path=tmp_path / "phone.png")
    buttons = page.locator(".choices button")
    assert buttons.count() == 8
    for box in [buttons.nth(i).bounding_box() for i in range(8)]:
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 844
        assert box["height"] >= 32  # a finger's
    assert page.locator(".given").bounding_box()["height"] > 100  # type: ignore[index]
    phone.close()

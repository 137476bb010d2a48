"""Home in a real browser: the example on one click, doors, old links, hostile names, a phone."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from sit_core.starter import STUDY
from sit_core.store import Store
from sit_core.store.jobs import JobState, add_job, end_job
from tests.browser.conftest import PATIENCE_MS, READY, go
from tests.browser.servers import AppServer
from tests.browser.test_accessibility import faults
from tests.factories import judge_whole, make_run, make_study
from tests.results.test_leaderboard import say

HOSTILE = "<img src=x onerror=alert(1)> **b** $x$ {{y}}"
HOME = ".home"


@pytest.fixture
def site(app_server: Callable[..., AppServer], store_at: Callable[..., Store]) -> AppServer:
    """Two runs that an LLM judged, studies at every stage, jobs; names that try to be markup."""
    server = app_server()
    store = store_at(server.home)
    say(store, make_run(store, "plain", 4), ["yes", "no", "yes", "no"], by=f"judge {HOSTILE}")
    say(store, make_run(store, HOSTILE, 4), ["yes"] * 4, by=f"judge {HOSTILE}")
    make_study(store, "begun", ["plain"])
    make_study(store, f"study {HOSTILE}", [HOSTILE])
    judge_whole(store, "begun", "Ann", 1)
    job = add_job(store, ["score"], title=f"Scores of {HOSTILE}", folder="/", host="here")
    end_job(store, job, JobState.DONE, "")
    return server


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page in each theme."""
    made = browser.new_context(
        viewport={"width": 1400, "height": 900}, color_scheme=request.param, reduced_motion="reduce"
    )
    made.set_default_timeout(PATIENCE_MS)
    yield made.new_page()
    made.close()


def counted(page: Page) -> None:
    """Wait until the leaderboard has come in."""
    expect(page.locator(".best")).to_be_visible()


def test_an_empty_store_is_filled_on_one_click_and_its_model_answers(
    app_server: Callable[..., AppServer], page: Page
) -> None:
    server = app_server()
    go(page, server.url)
    page.get_by_role("button", name="Try with an example").click()
    page.get_by_role("textbox", name="Your name").fill("Ann")
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector(".desk[data-state=working]")
    assert page.url.startswith(f"{server.url}/annotate?study=Try")
    go(page, server.url)
    counted(page)
    expect(page.locator(".rows").first).to_contain_text(STUDY)
    page.get_by_role("link", name="Show").click()
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector(".live-column[data-phase=done]", timeout=120_000)
    expect(page.locator(".live-column[data-phase=done]").first).not_to_have_text("")


@pytest.mark.parametrize(
    ("door", "leads_to"),
    [
        ("Judge Outputs, one key", "annotate"),
        ("Research", "leaderboard"),
        ("Show", "live"),
        ("Outputs 8", "runs"),
        ("Studies 2", "studies"),
        ("Judged 1", "annotate"),
        ("Results 1", "results"),
        ("Leaderboard 2", "leaderboard"),
    ],
)
def test_doors_and_steps_lead_to_their_pages(
    site: AppServer, page: Page, door: str, leads_to: str
) -> None:
    go(page, site.url)
    counted(page)
    link = page.locator(HOME).get_by_role("link", name=door)
    assert link.get_attribute("href") == leads_to  # a real link: it opens in a new tab too
    link.click()
    page.wait_for_url(re.compile(rf"/{leads_to}(\?|$)"))
    page.wait_for_selector(READY)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_links_carry_what_is_meant_and_follow_the_keyboard(site: AppServer, page: Page) -> None:
    go(page, site.url)
    counted(page)
    link = page.get_by_role("link", name=f"study {HOSTILE}")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/annotate?study=*")
    page.wait_for_selector(READY)
    assert parse_qs(urlsplit(page.url).query) == {"study": [f"study {HOSTILE}"]}
    expect(page.get_by_role("textbox", name="Your name")).to_be_visible()


def test_a_click_with_control_opens_a_tab_and_leaves_home(site: AppServer, page: Page) -> None:
    go(page, site.url)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Show").click(modifiers=["ControlOrMeta"])
    opened.value.wait_for_selector(READY)
    assert opened.value.url == f"{site.url}/live"
    assert page.url == f"{site.url}/"


def test_an_old_link_opens_annotate_with_all_it_says(site: AppServer, page: Page) -> None:
    go(page, f"{site.url}/?study=begun&annotator=Ann")
    page.wait_for_selector(".desk[data-state=working]")
    page.wait_for_url("**/annotate?*study=begun*")


def test_names_are_text(site: AppServer, page: Page) -> None:
    dialogs: list[str] = []
    foreign: list[str] = []
    page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
    page.on("request", lambda r: None if _ours(r.url, site.url) else foreign.append(r.url))
    go(page, site.url)
    counted(page)
    texts = page.locator(HOME).inner_text()
    for name in (HOSTILE, f"study {HOSTILE}", f"Scores of {HOSTILE}", f"by judge {HOSTILE}"):
        assert name in texts
    assert page.locator(f"{HOME} img").count() == 0
    assert dialogs == foreign == []


def test_home_has_no_faults_in_either_theme(site: AppServer, themed: Page) -> None:
    go(themed, site.url)
    counted(themed)
    assert faults(themed) == []


def test_an_empty_home_has_no_faults_in_either_theme(
    app_server: Callable[..., AppServer], themed: Page
) -> None:
    go(themed, app_server().url)
    expect(themed.get_by_role("button", name="Try with an example")).to_be_visible()
    assert faults(themed) == []


def test_on_a_phone_nothing_is_wider_than_the_screen(site: AppServer, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    go(page, site.url)
    counted(page)
    wide = page.locator(HOME).evaluate(
        """(home) => [home, ...home.querySelectorAll("*")]
            .filter((e) => e.getBoundingClientRect().right > 390.5)
            .map((e) => e.className)"""
    )
    assert wide == []
    page.get_by_role("link", name="Judge outputs", exact=True).tap()
    page.wait_for_url("**/annotate*")
    context.close()


def test_colours_are_the_themes_and_follow_it_at_once(site: AppServer, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    go(page, site.url)
    counted(page)
    swatches, letter = page.locator(f"{HOME} .swatch"), page.locator(f"{HOME} .badge").first
    for scheme, colours in {
        "light": ("rgb(194, 65, 12)", "rgb(59, 91, 219)", "rgb(23, 105, 194)"),
        "dark": ("rgb(255, 148, 102)", "rgb(141, 162, 255)", "rgb(111, 177, 255)"),
    }.items():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for place, colour in zip((swatches.nth(0), swatches.nth(1), letter), colours, strict=True):
            expect(place).to_have_css("background-color", colour)


def _ours(url: str, own: str) -> bool:
    return url.startswith((own, own.replace("http", "ws"), "data:", "blob:"))

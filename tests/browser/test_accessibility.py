"""What axe-core finds wrong on the pages, in light and dark: labels, roles, contrast. Nothing."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from sit_core.live import LiveRequest
from sit_core.live.link import params_of
from sit_core.metrics.registry import Score
from sit_core.models import ModelSpec
from sit_core.records import Verdict
from sit_core.store import Store
from sit_core.store.jobs import JobState, add_job, end_job
from sit_core.store.practice import PracticeSample, add_practice
from sit_core.store.scores import save_scores
from sit_core.store.studies import StudyPlan, create_study
from tests.browser.conftest import PATIENCE_MS, READY, go
from tests.browser.servers import AppServer
from tests.factories import REPEAT_ANSWER, judge, make_run, make_study, remark
from tests.instruction_sets import small_set
from tests.models.bad_server import BadServer, event, stream
from tests.results.test_leaderboard import fight, say

PAGES = [
    "",
    "annotate",
    "live",
    "runs",
    "runs?run=m",
    "scores?run=m",
    "jobs",
    "inspect",
    "inspect?run=m&with=other",
    "judge",
    "leaderboard",
    "analyses?analysis=length&metric=accuracy&smooth=1",
    "analyses?analysis=length",
    "results?study=two+runs",
    "leaderboard?sort=-quality&column=quality&column=base_model",
    "seq_instruct?set=small",
    "seq_instruct?set=small&instruction=1",
    "seq_instruct?view=prompts",
]


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    made = browser.new_context(
        viewport={"width": 1400, "height": 900}, color_scheme=request.param, reduced_motion="reduce"
    )
    made.set_default_timeout(PATIENCE_MS)
    yield made.new_page()
    made.close()


@pytest.fixture
def site(app_server: Callable[..., AppServer], store_at: Callable[..., Store]) -> AppServer:
    """With runs, scores, LLM judges' verdicts, a job that failed and a set of instructions."""
    server = app_server()
    store = store_at(server.home)
    ids = make_run(store, "m", 2)
    scores = [Score(i, "accuracy", value) for i, value in zip(ids, (0.0, 1.0), strict=True)]
    save_scores(store, scores, {"accuracy": ""}, "rules")
    others = make_run(store, "other", 2)
    say(store, ids, ["yes", "?"], [4, None])
    say(store, others, ["no", "yes"], [2, 5])
    say(store, ids, ["yes", "no"], by="another")
    fight(store, [(others[0], ids[0], 1, 1), (others[1], ids[1], 1, 0)])
    make_study(store, "s", ["m"])
    judge(store, "s", ids[0], "ann", {"repeat": "partly", "answer": "unsure"})
    judge(store, "s", ids[0], "ann", {"repeat": "yes", "answer": "no"})
    judge(store, None, ids[0], "rules-1", {"repeat": "partly", "answer": "unsure"}, kind="rule")
    remark(store, "s", ids[0], "ann", "a note", flagged=True)
    job = add_job(store, ["score", "--run=m"], title="Scores of m", folder="/", host="here")
    end_job(store, job, JobState.FAILED, "It did not work.")
    small_set(home=server.home)
    make_study(store, "two runs", ["m", "other"])
    for one, verdict in ((ids[0], "yes"), (others[0], "no"), (others[1], "unsure")):
        judge(store, "two runs", one, "Ann", {"repeat": "yes", "answer": verdict})
    return server


def _of_streamlit(page: Page, rule: str, place: dict[str, Any]) -> bool:
    """Streamlit's grouped sidebar is a list with headings among its items; nothing to do here."""
    return rule in ("list", "listitem") and page.evaluate(
        "(at) => !!document.querySelector(at)?.closest('[data-testid=stSidebarNavItems]')",
        place["target"][0],
    )


def faults(page: Page) -> list[str]:
    """Rule by rule, with the places; graver than "moderate" only."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.mouse.move(0, 0)  # what the pointer is over has colours of its own
    page.wait_for_timeout(300)
    return [
        f"{found['id']}: {place['html'][:200]} {place.get('failureSummary', '')[:300]}"
        for found in axe.run(page).response["violations"]
        if found["impact"] in ("serious", "critical")
        for place in found["nodes"]
        if not _of_streamlit(page, found["id"], place)
    ]


def test_pages_have_names_roles_and_contrast(
    site: AppServer, page: Page, store_at: Callable[..., Store]
) -> None:
    found = {}
    for path in PAGES:
        go(page, f"{site.url}/{path}")
        found[path] = faults(page)
    found["live, written"] = _written(site, page)
    (output,) = make_run(store_at(site.home), "replayed", 1)
    for more in ("", "&present=1"):
        go(page, f"{site.url}/live?replay={output}&pace=at+once{more}")
        page.wait_for_selector(".live-column[data-phase=done]")
        found[f"live, replay{more}"] = faults(page)
    found |= _at_the_desk(site, page, store_at(site.home))
    assert {path: said for path, said in found.items() if said} == {}


def _at_the_desk(site: AppServer, page: Page, store: Store) -> dict[str, list[str]]:
    """Of Annotate: the cards, practice with what is right, the guidelines beside, the end."""
    study = create_study(store, StudyPlan("practised", ["m"], sample=1, steps=REPEAT_ANSWER))
    gold = {"repeat": Verdict.YES, "answer": Verdict.NO}
    add_practice(store, study, [PracticeSample("Do it.", "Why?", "Why?", gold, "No answer.")])
    found = {}
    go(page, f"{site.url}/annotate")
    page.wait_for_selector("label.study")
    found["annotate, cards"] = faults(page)
    page.get_by_role("textbox", name="Your name").fill("Ann")
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector('.desk[data-practice="true"]')
    page.keyboard.press("1")
    page.keyboard.press("q")
    page.wait_for_selector(".feedback:not([hidden])")
    found["annotate, practice"] = faults(page)
    page.keyboard.press("Enter")
    page.wait_for_selector('.desk[data-practice="false"]')
    page.keyboard.press("g")
    found["annotate, guidelines"] = faults(page)
    page.keyboard.press("1")
    page.keyboard.press("q")
    page.wait_for_selector(".desk[data-state=done]")
    found["annotate, end"] = faults(page)
    return found


def _written(site: AppServer, page: Page) -> list[str]:
    """Of the Live page with an output, its marks and estimates."""
    question = "Question: Where do bees live?\nChoices: A:hive, B:sea"
    said = f"{question}\nIt is in other words: where is a home of bees?\nThe answer is A"
    endpoint = BadServer()
    endpoint.behave = lambda number, body: stream(event(said, "stop"), b"data: [DONE]\n\n")
    served = ModelSpec("served", backend="openai", base_url=endpoint.url)
    chain = "First repeat the input, then paraphrase it, then answer."
    ask = LiveRequest(chain, question, models=(served,))
    try:
        go(page, f"{site.url}/live?{urlencode(params_of(ask), doseq=True)}")
        page.get_by_role("button", name="Run").click()
        expect(page.locator(".live-column")).to_have_attribute("data-phase", "done")
        page.wait_for_selector(READY)
        expect(page.locator(".live-part")).to_have_count(3)
        return faults(page)
    finally:
        endpoint.end()

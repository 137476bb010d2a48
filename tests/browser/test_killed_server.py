"""The server is killed (SIGKILL) again and again while four annotators work.

Every acknowledged judgment is in the store right after the kill, and in the end every judgment that
was given is there, once.
"""

import random
import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from sit_core.store import Store
from sit_core.store.schema import judges, judgments
from sit_core.store.studies import StudyPlan, create_study
from tests.annotation.conftest import STEPS, fill
from tests.browser.conftest import PATIENCE_MS, sample_on_screen, sign_in
from tests.browser.servers import AppServer

KILLS = 20
KEYS = {"repeat": dict(zip("1234", ("yes", "partly", "no", "unsure"), strict=True)),
        "answer": dict(zip("qwer", ("yes", "partly", "no", "unsure"), strict=True))}  # fmt: skip

Given = dict[tuple[str, str, str], str]
"""(annotator, sample, step) → verdict."""


def stored(store: Store) -> list[tuple[tuple[str, str, str], int, str]]:
    with store.read() as connection:
        rows = connection.execute(
            select(
                judges.c.name,
                judgments.c.prediction_id,
                judgments.c.step,
                judgments.c.revision,
                judgments.c.verdict,
            ).join(judges, judges.c.id == judgments.c.judge_id)
        )
        return [((name, p, step), revision, verdict) for name, p, step, revision, verdict in rows]


def judge_one(page: Page, name: str, given: Given, rng: random.Random) -> None:
    """Press two keys for the sample on the screen, if one is there."""
    sample = sample_on_screen(page)
    if sample is None:
        return
    for step, keys in KEYS.items():
        key = rng.choice(list(keys))
        page.keyboard.press(key)
        given[name, sample, step] = keys[key]


@pytest.mark.slow
def test_twenty_kills_lose_nothing_that_was_acknowledged(
    app_server: Callable[..., AppServer],
    store_at: Callable[..., Store],
    browser: Browser,
) -> None:
    rng = random.Random(7)
    server = app_server()
    store = store_at(server.home)
    fill(store, "model", 600)
    create_study(store, StudyPlan("study", ["model"], steps=STEPS, seed=1))
    given: Given = {}
    pages: dict[str, Page] = {}
    for name in ("Ann", "Bob", "Cem", "Dea"):
        context = browser.new_context()
        context.set_default_timeout(PATIENCE_MS)
        pages[name] = context.new_page()
        sign_in(pages[name], f"{server.url}/annotate", name)

    for _ in range(KILLS):
        killer = threading.Timer(rng.uniform(0.0, 0.6), server.kill)
        killer.start()
        acknowledged: set[tuple[str, str, str]] = set()
        while killer.is_alive():
            for name, page in pages.items():
                judge_one(page, name, given, rng)
                # Read what is shown as saved before anything new is said.
                if page.locator(".desk").get_attribute("data-unsaved") == "0":
                    acknowledged |= {key for key in given if key[0] == name}
        killer.join()
        there = {key: verdict for key, _, verdict in stored(store)}
        assert {key: there.get(key) for key in acknowledged} == {
            key: given[key] for key in acknowledged
        }
        server.start()
        for page in pages.values():
            page.wait_for_selector('.desk[data-unsaved="0"]', timeout=2 * PATIENCE_MS)
            page.wait_for_selector(".desk[data-state=working]", timeout=2 * PATIENCE_MS)

    assert len(given) > 4 * KILLS  # they did work
    rows = stored(store)
    assert {key: verdict for key, _, verdict in rows} == given
    assert len(rows) == len(given)  # none twice
    assert {revision for _, revision, _ in rows} == {1}
    assert len({p for _, p, _ in given}) * 2 == len(given)  # k = 1: no sample at two people
    for page in pages.values():
        page.context.close()

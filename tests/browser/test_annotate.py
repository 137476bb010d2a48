"""What annotators do, in a real Chromium: one judgment, on the sample that was on the screen."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from sit_core.records import Verdict
from sit_core.store import Store
from sit_core.store.practice import PracticeSample, add_practice, require_practice
from sit_core.store.schema import (
    guidelines,
    judges,
    judgments,
    practice_answers,
    remarks,
    slots,
)
from sit_core.store.studies import StudyPlan, create_study, get_study, set_guidelines
from tests.annotation.conftest import STEPS, fill
from tests.browser.conftest import (
    PATIENCE_MS,
    READY,
    all_saved,
    go,
    go_on,
    sample_on_screen,
    sign_in,
)
from tests.browser.servers import AppServer


@pytest.fixture
def site(app_server: Callable[..., AppServer], store_at: Callable[..., Store]) -> Any:
    """A server with a study of 30 made-up outputs; ``site.store`` is its store."""
    server = app_server()
    store = store_at(server.home)
    fill(store, "model", 30)
    create_study(store, StudyPlan("study", ["model"], steps=STEPS, seed=1))
    server.store = store  # type: ignore[attr-defined]
    return server


def judged(store: Store) -> list[tuple[str, str, str, int, str]]:
    """(sample, annotator, step, revision, verdict), in the order they were stored."""
    j = judgments.c
    with store.read() as connection:
        rows = connection.execute(
            select(j.prediction_id, judges.c.name, j.step, j.revision, j.verdict)
            .join(judges, judges.c.id == j.judge_id)
            .order_by(j.id)
        )
        return [tuple(row) for row in rows]


def test_two_keys_judge_a_sample_and_the_next_one_is_there(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    first = sample_on_screen(page)
    page.keyboard.press("1")
    assert sample_on_screen(page) == first
    page.keyboard.press("e")
    second = sample_on_screen(page)
    assert second not in (None, first)
    expect(page.locator(".output")).to_have_text(f"model says {_number(page)}")
    all_saved(page)
    assert judged(site.store) == [
        (first, "Ann", "repeat", 1, "yes"),
        (first, "Ann", "answer", 1, "no"),
    ]


def _number(page: Page) -> str:
    return page.locator(".input").inner_text().removeprefix("Question ").removesuffix("?")


def test_every_verdict_has_the_key_that_its_button_shows(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    for step in ("repeat", "answer"):
        for verdict in ("yes", "partly", "no", "unsure"):
            button = page.locator(f'button[data-step="{step}"][data-verdict="{verdict}"]')
            page.keyboard.press(button.locator("kbd").inner_text().lower())
            expect(button).to_have_attribute("aria-pressed", "true")
            page.locator(".output").click()
            page.wait_for_function("() => performance.now() > 0")
        page.keyboard.press({"repeat": "4", "answer": "r"}[step])  # takes "unsure" back
    assert judged(site.store) == []


def test_the_mouse_alone_does_it_too(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    first = sample_on_screen(page)
    page.get_by_role("button", name="Partly").first.click()
    page.get_by_role("button", name="Unsure").last.click()
    all_saved(page)
    assert [(p, v) for p, _, _, _, v in judged(site.store)] == [
        (first, "partly"),
        (first, "unsure"),
    ]


def test_a_held_key_is_one_press(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    first = sample_on_screen(page)
    page.keyboard.press("1")
    for _ in range(15):
        page.keyboard.down("q")  # from the second on these are repeats
    page.keyboard.up("q")
    all_saved(page)
    assert {p for p, *_ in judged(site.store)} == {first}
    assert page.locator('[data-step="answer"][aria-pressed="true"]').count() == 0


def test_a_double_click_is_one_judgment(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    first = sample_on_screen(page)
    page.get_by_role("button", name="Yes").first.click()
    page.get_by_role("button", name="Yes").last.dblclick()
    all_saved(page)
    assert len(judged(site.store)) == 2
    assert {p for p, *_ in judged(site.store)} == {first}
    assert page.locator('.choices [aria-pressed="true"]').count() == 0


def test_forty_presses_in_a_burst_judge_what_was_on_the_screen(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    shown: list[tuple[str | None, str]] = []
    for i in range(20):
        verdict, key = (("yes", "q"), ("no", "e"))[i % 2]
        shown.append((sample_on_screen(page), verdict))
        page.keyboard.press("1")
        page.keyboard.press(key)
        page.wait_for_selector(f'.desk[data-sample]:not([data-sample="{shown[-1][0]}"])')
    all_saved(page)
    stored = [(p, v) for p, _, step, _, v in judged(site.store) if step == "answer"]
    assert stored == shown


def test_two_tabs_give_one_judgment_and_say_so(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    other = page.context.new_page()
    go_on(other, site.url, "Ann")
    first = sample_on_screen(page)
    assert sample_on_screen(other) == first
    page.bring_to_front()
    page.keyboard.press("1")
    page.keyboard.press("q")
    all_saved(page)
    other.bring_to_front()
    other.keyboard.press("3")
    other.keyboard.press("e")
    all_saved(other)
    expect(other.locator(".notice")).to_contain_text("another window")
    assert [(p, r, v) for p, _, _, r, v in judged(site.store)] == [(first, 1, "yes")] * 2


def test_back_changes_a_verdict_as_a_newer_revision(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    first = sample_on_screen(page)
    page.keyboard.press("1")
    page.keyboard.press("q")
    second = sample_on_screen(page)
    page.keyboard.press("ArrowLeft")
    assert sample_on_screen(page) == first
    page.keyboard.press("e")
    all_saved(page)
    assert judged(site.store)[2:] == [(first, "Ann", "answer", 2, "no")]
    page.keyboard.press("Enter")
    assert sample_on_screen(page) == second


def test_the_browsers_back_button_neither_judges_nor_loses(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    page.keyboard.press("1")
    page.keyboard.press("q")
    all_saved(page)
    second = sample_on_screen(page)
    page.get_by_role("link", name="Results").click()
    page.wait_for_url("**/results*")
    page.go_back()
    page.wait_for_selector(".desk[data-state=working]")
    assert sample_on_screen(page) == second
    assert len(judged(site.store)) == 2


def test_work_resumes_in_another_browser_where_it_was_left(
    site: Any, page: Page, browser: Browser
) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    for key in "1q3e":
        page.keyboard.press(key)
    all_saved(page)
    third = sample_on_screen(page)
    elsewhere = browser.new_context()
    other = elsewhere.new_page()
    sign_in(other, f"{site.url}/annotate", "Ann")
    assert sample_on_screen(other) == third
    expect(other.locator(".place")).to_contain_text("2 judged")
    other.keyboard.press("ArrowLeft")  # what was judged before this window was opened
    other.wait_for_selector(f'.desk[data-sample]:not([data-sample="{third}"])')
    assert other.locator('.choices [data-verdict="no"][aria-pressed="true"]').count() == 2
    elsewhere.close()


def test_typing_a_note_presses_no_verdict_and_the_note_is_kept(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    page.keyboard.press("n")
    page.keyboard.type("1qqe <b>odd</b>")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    all_saved(page)
    with site.store.read() as connection:
        newest = connection.execute(
            select(remarks.c.note, remarks.c.flagged).order_by(remarks.c.id.desc())
        ).first()
    assert tuple(newest) == ("1qqe <b>odd</b>", True)
    assert judged(site.store) == []


def test_a_skipped_sample_comes_back_when_asked_for(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    first = sample_on_screen(page)
    page.keyboard.press("k")
    assert sample_on_screen(page) != first
    for _ in range(29):
        now = sample_on_screen(page)
        page.keyboard.press("1")
        page.keyboard.press("q")
        page.wait_for_selector(f'.desk:not([data-sample="{now}"]):not([data-state=loading])')
    page.get_by_role("button", name="Judge the 1 you skipped").click()
    page.wait_for_selector(f'.desk[data-sample="{first}"]')
    page.keyboard.press("1")
    page.keyboard.press("q")
    page.wait_for_selector(".desk[data-state=done]")
    all_saved(page)
    assert len({p for p, *_ in judged(site.store)}) == 30


def test_the_overlap_is_marked_on_demand_and_the_text_stays_the_same(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    before = page.locator(".output").inner_text()
    assert page.locator("mark").count() == 0
    page.keyboard.press("h")
    page.wait_for_selector('.overlap[aria-pressed="true"]')
    assert page.locator(".output").inner_text() == before
    page.keyboard.press("h")
    assert page.locator("mark").count() == 0


def test_nothing_is_lost_while_the_server_is_down(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    shown = [sample_on_screen(page)]
    site.kill()
    page.keyboard.press("1")
    page.keyboard.press("q")
    shown.append(sample_on_screen(page))  # it was loaded ahead
    page.keyboard.press("2")
    page.keyboard.press("w")
    expect(page.locator(".saved")).to_contain_text("Not saved yet: 2 samples")
    assert judged(site.store) == []
    site.start()
    page.wait_for_selector(READY, timeout=PATIENCE_MS * 2)
    page.wait_for_selector('.desk[data-unsaved="0"]', timeout=PATIENCE_MS * 2)
    assert [(p, v) for p, _, s, _, v in judged(site.store) if s == "answer"] == [
        (shown[0], "yes"),
        (shown[1], "partly"),
    ]


def test_a_tab_closed_before_it_was_saved_sends_it_when_opened_again(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    first = sample_on_screen(page)
    site.kill()
    page.keyboard.press("1")
    page.keyboard.press("q")
    page.close(run_before_unload=False)
    site.start()
    again = page.context.new_page()
    go(again, f"{site.url}/annotate")
    expect(again.locator(".waiting")).to_contain_text("Not saved yet: 1 of Ann.")
    again.get_by_role("button", name="Start").click()
    again.wait_for_selector('.desk[data-state=working][data-unsaved="0"]')
    assert {p for p, *_ in judged(site.store)} == {first}
    assert sample_on_screen(again) != first


def test_streamlits_own_shortcuts_do_not_fire_under_a_judging_hand(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    first = sample_on_screen(page)
    for key in "cr":
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    assert page.locator("[data-testid=stDialog], [data-baseweb=modal]").count() == 0
    assert sample_on_screen(page) == first


def test_a_link_opens_exactly_this_sample(site: Any, page: Page) -> None:
    with site.store.read() as connection:
        last = connection.scalar(select(slots.c.prediction_id).order_by(slots.c.position.desc()))
    sign_in(page, f"{site.url}/?study=study&sample={last}", "Ann")
    page.wait_for_selector(f'.desk[data-sample="{last}"]')
    page.keyboard.press("1")
    page.keyboard.press("q")
    all_saved(page)
    assert {p for p, *_ in judged(site.store)} == {last}


def test_an_unknown_study_in_the_address_is_one_sentence(site: Any, page: Page) -> None:
    go(page, f"{site.url}/?study=studdy")
    expect(page.locator("[data-kind=error]")).to_contain_text("did you mean 'study'?")


@pytest.mark.postgres
@pytest.mark.slow
def test_eight_browsers_on_postgresql_judge_every_sample_twice(
    app_server: Callable[..., AppServer],
    store_at: Callable[..., Store],
    postgres_url: str,
    browser: Browser,
) -> None:
    server = app_server(database_url=postgres_url)
    store = store_at(server.home, postgres_url)
    fill(store, "model", 40)
    create_study(store, StudyPlan("study", ["model"], steps=STEPS, seed=1, annotators=2))
    pages = []
    for i in range(8):
        context = browser.new_context()
        context.set_default_timeout(PATIENCE_MS)
        pages.append(context.new_page())
        sign_in(pages[-1], f"{server.url}/annotate", f"annotator {i}")
    at_work = list(pages)
    while at_work:
        for one in list(at_work):
            state = one.locator(".desk").get_attribute("data-state")
            if state == "done":
                at_work.remove(one)
            elif state == "working":
                one.keyboard.press("1")
                one.keyboard.press("e")
            assert (
                one.locator(".notice:not([hidden]), .stException, [data-kind=error]").count() == 0
            )
    for one in pages:
        all_saved(one)
    for place in ("results?study=study", "studies?study=study", "inspect?study=study", "import"):
        go(pages[0], f"{server.url}/{place}")
        pages[0].locator("[data-testid=stDataFrame], .option").first.wait_for()
        assert pages[0].locator(".stException, [data-kind=error]").count() == 0, place
    for one in pages:
        one.context.close()
    rows = judged(store)
    per_step = Counter((p, step) for p, _, step, _, _ in rows)
    assert len(per_step) == 80
    assert set(per_step.values()) == {2}
    assert len({(p, name, step) for p, name, step, _, _ in rows}) == len(rows)


def test_practice_tells_afterwards_what_is_right_and_counts_nowhere(site: Any, page: Page) -> None:
    study = get_study(site.store, "study")
    gold = {"repeat": Verdict.YES, "answer": Verdict.NO}
    add_practice(
        site.store,
        study,
        [
            PracticeSample("Do it.", "Why?", "Why?", gold, "<b>No</b> answer follows."),
            PracticeSample("Do it.", "How?", "So."),
        ],
    )
    sign_in(page, f"{site.url}/annotate", "Ann")
    expect(page.locator(".place")).to_have_text("Practice 1 of 2")
    page.keyboard.press("1")
    page.keyboard.press("q")
    expect(page.locator(".feedback")).to_contain_text("R Yes: as the study's maker says.")
    expect(page.locator(".feedback")).to_contain_text("says: No. You said: Yes.")
    expect(page.locator(".feedback")).to_contain_text("<b>No</b> answer follows.")
    assert page.locator("[data-gold]").count() == 2
    page.keyboard.press("e")  # what is answered stays
    expect(page.locator('[data-step="answer"][data-verdict="yes"]')).to_have_attribute(
        "aria-pressed", "true"
    )
    page.keyboard.press("Enter")
    expect(page.locator(".place")).to_have_text("Practice 2 of 2")
    page.keyboard.press("1")
    page.keyboard.press("q")
    expect(page.locator(".feedback")).to_contain_text("it is practice only")
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".notice")).to_contain_text("From here on your verdicts count.")
    expect(page.locator(".place")).to_have_text("0 judged · 30 left")
    all_saved(page)
    assert judged(site.store) == []
    first = sample_on_screen(page)
    page.keyboard.press("1")
    page.keyboard.press("q")
    all_saved(page)
    assert {p for p, *_ in judged(site.store)} == {first}
    page.get_by_role("button", name="Practise").click()
    expect(page.locator(".place")).to_have_text("Practice 1 of 2")
    page.keyboard.press("k")
    expect(page.locator(".place")).to_have_text("1 judged · 29 left")


def test_a_practice_answer_is_kept_while_the_server_is_down(site: Any, page: Page) -> None:
    add_practice(site.store, get_study(site.store, "study"), [PracticeSample("", "q", "x")])
    sign_in(page, f"{site.url}/annotate", "Ann")
    site.kill()
    page.keyboard.press("1")
    page.keyboard.press("q")
    expect(page.locator(".feedback")).to_be_visible()
    expect(page.locator(".saved")).to_contain_text("Not saved yet: 1 sample")
    site.start()
    page.wait_for_selector('.desk[data-unsaved="0"]', timeout=PATIENCE_MS * 2)
    with site.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(practice_answers)) == 1
    assert judged(site.store) == []


def test_demanded_practice_cant_be_skipped(site: Any, page: Page) -> None:
    study = get_study(site.store, "study")
    add_practice(site.store, study, [PracticeSample("", "q", "x")])
    require_practice(site.store, study, True)
    sign_in(page, f"{site.url}/annotate", "Ann")
    expect(page.get_by_role("button", name="Skip the practice")).to_be_disabled()
    page.keyboard.press("k")
    expect(page.locator(".place")).to_have_text("Practice 1 of 1")


def test_the_guidelines_open_with_a_key_beside_the_sample_and_judging_goes_on(
    site: Any, page: Page
) -> None:
    set_guidelines(site.store, "study", "Judge *kindly*.")
    sign_in(page, f"{site.url}/annotate", "Ann")
    panel = page.get_by_text("Judge kindly.")
    expect(panel).to_be_hidden()
    page.keyboard.press("g")
    expect(panel).to_be_visible()
    first = sample_on_screen(page)
    page.keyboard.press("1")
    page.keyboard.press("q")
    all_saved(page)
    assert sample_on_screen(page) != first
    expect(panel).to_be_visible()
    buttons = page.locator(".choices").last.bounding_box()
    assert buttons is not None
    assert buttons["x"] + buttons["width"] <= (panel.bounding_box() or {})["x"]
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    page.get_by_role("button", name="Guidelines").click()
    page.get_by_role("button", name="G Close").click()
    expect(panel).to_be_hidden()


def test_changed_guidelines_reach_an_open_desk_and_its_verdicts(site: Any, page: Page) -> None:
    sign_in(page, f"{site.url}/annotate", "Ann")
    set_guidelines(site.store, "study", "Judge strictly.")
    page.keyboard.press("1")
    page.keyboard.press("q")  # under the wording that is on the page
    all_saved(page)
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 120_000 }")
    page.keyboard.press("1")
    page.keyboard.press("q")
    expect(page.locator(".notice")).to_contain_text("guidelines of this study have changed")
    page.keyboard.press("g")
    expect(page.get_by_text("Judge strictly.")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("q")
    all_saved(page)
    j = judgments.c
    with site.store.read() as connection:
        versions = connection.scalars(
            select(guidelines.c.version)
            .join(judgments, j.guidelines_id == guidelines.c.id)
            .where(j.step == "answer")
            .order_by(j.id)
        ).all()
    assert versions == [1, 1, 2]


def test_the_end_thanks_and_leads_to_the_next_study(site: Any, page: Page) -> None:
    fill(site.store, "other", 1)
    create_study(site.store, StudyPlan("small", ["other"], steps=STEPS, seed=1))
    sign_in(page, f"{site.url}/annotate?study=small", "Ann")
    page.keyboard.press("1")
    page.keyboard.press("q")
    expect(page.locator(".empty-title")).to_have_text("All done, thank you, Ann")
    expect(page.locator(".next-study")).to_have_text("Enterstudy30 left")
    all_saved(page)
    page.keyboard.press("Enter")
    page.wait_for_selector(".desk[data-state=working]")
    expect(page.locator(".leave")).to_contain_text("Ann · study")
    assert "study=study" in page.url


def test_another_study_or_name_is_chosen_on_the_page_once_everything_is_saved(
    site: Any, page: Page
) -> None:
    fill(site.store, "other", 1)
    create_study(site.store, StudyPlan("small", ["other"], steps=STEPS, seed=1))
    sign_in(page, f"{site.url}/annotate?study=study", "Ann")
    page.keyboard.press("1")
    page.keyboard.press("q")
    page.get_by_role("button", name="Ann · study").click()
    expect(page.get_by_role("radio", name="study", exact=False).last).to_be_checked()
    assert len(judged(site.store)) == 2
    with site.store.read() as connection:  # what was in hand is free for others
        held = slots.c.judge_id.is_not(None) & slots.c.done_at.is_(None)
        assert connection.scalar(select(func.count()).select_from(slots).where(held)) == 0
    page.locator("label.study", has_text="small").click()
    page.get_by_role("button", name="Start with small").click()
    page.wait_for_selector(".desk[data-state=working]")
    expect(page.locator(".leave")).to_contain_text("Ann · small")


def test_the_study_cards_are_chosen_with_the_arrow_keys(site: Any, page: Page) -> None:
    fill(site.store, "other", 1)
    create_study(site.store, StudyPlan("small", ["other"], steps=STEPS, seed=1))
    go(page, f"{site.url}/annotate")
    expect(page.get_by_role("button", name="Start with small")).to_be_visible()
    page.locator("label.study input").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Start with study")).to_be_visible()
    page.keyboard.press("ArrowUp")  # the focus stayed where it was
    expect(page.get_by_role("button", name="Start with small")).to_be_visible()

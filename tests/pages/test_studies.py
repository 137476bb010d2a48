"""The Studies page lists what there is to judge, opens a study, and makes new ones."""

import html

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from sit_core.annotation.session import exchange
from sit_core.records import Step
from sit_core.store import Store, open_store
from sit_core.store.guideline_versions import UNKNOWN
from sit_core.store.practice import practice_samples_of
from sit_core.store.schema import slots
from sit_core.store.studies import get_study, list_studies, set_guidelines
from tests.factories import judge_id, make_run, make_study
from tests.pages.conftest import own_links

HOSTILE = "<img src=x> ![i](https://evil.example/x.png) **b**"


@pytest.fixture
def store(home_of_its_own) -> Store:
    """Two runs that share six examples."""
    opened = open_store()
    make_run(opened, "a", 6)
    make_run(opened, HOSTILE, 8)
    return opened


def page(*, session=None, **params) -> AppTest:
    at = AppTest.from_file("../../pages/main.py", default_timeout=20).run()
    at.switch_page("studies/page.py")
    at.query_params.clear()
    for name, value in params.items():
        at.query_params[name] = value
    for name, value in (session or {}).items():
        at.session_state[name] = value
    at.run()
    assert not at.exception
    return at


def said(at: AppTest, kind: str) -> str:
    return html.unescape(" ".join(e.value for e in at.html if f'data-kind="{kind}"' in e.value))


def texts(at: AppTest) -> str:
    return "\n".join(t.value for t in at.text)


def form(store: Store, *runs: str, **session) -> AppTest:
    """The form for a new study of these runs, as the Import page opens it."""
    return page(session={"new_study_runs": list(runs), **session})


def make(at: AppTest, name: str | None = "pilot") -> AppTest:
    if name is not None:
        at.text_input(key="new study name").set_value(name)
    at.button(key="make the study").click().run()
    assert not at.exception
    return at


def test_without_runs_it_sends_to_the_import_page(home_of_its_own, monkeypatch) -> None:
    monkeypatch.setenv("SIT_STARTER", "0")
    at = page()
    assert "Import outputs first" in said(at, "info")
    assert own_links(at, "studies") == ["Import outputs"]


def test_without_studies_the_form_is_open(store: Store) -> None:
    assert page().button(key="make the study")


def test_the_list_shows_progress(store: Store) -> None:
    study = make_study(store, "one", ["a"], annotators=2)
    make_study(store, HOSTILE, ["a", HOSTILE])
    number = judge_id(store, "anna")
    with store.write() as connection:
        mine = slots.c.study_id == study.id, slots.c.place == 0
        connection.execute(update(slots).where(*mine).values(judge_id=number, done_at=1.0))
    table = page().dataframe[0].value
    assert list(table["Study"]) == [HOSTILE, "one"]
    assert list(table["Judged"]) == ["0 of 12", "6 of 12"]
    assert list(table["Progress"]) == [0.0, 0.5]
    assert list(table["People"]) == [0, 1]
    assert list(table["Per sample"]) == [1, 2]
    assert list(table["Steps"]) == ["R+A", "R+A"]


def test_an_opened_study_says_what_it_is_and_leads_on(store: Store) -> None:
    make_study(store, HOSTILE, ["a", HOSTILE], blind=True, ask_order=True)
    at = page(study=HOSTILE)
    shown = texts(at)
    for piece in ("Did it repeat the input?", "in the order asked?", HOSTILE, "hidden", "= 12"):
        assert piece in shown
    assert own_links(at, "studies") == ["Annotate", "Results", "Inspect"]
    rendered = [e.value for e in (*at.markdown, *at.caption)] + [b.label for b in at.button]
    assert not any("evil" in text for text in rendered)
    assert not any("<img" in e.value for e in at.html)


def test_an_unknown_study_in_the_address_is_one_sentence(store: Store) -> None:
    make_study(store, "pilot", ["a"])
    at = page(study="pilto")
    assert "did you mean 'pilot'" in said(at, "error")
    assert len(at.dataframe[0].value) == 1


def test_guidelines_are_edited_in_place(store: Store) -> None:
    study = make_study(store, "s", ["a"])
    at = page(study="s")
    at.text_area(key=f"guidelines {study.id}").set_value("# New ![x](https://evil.example/i.png)")
    at.button(key=f"save guidelines {study.id}").click().run()
    assert "saved" in said(at, "done")
    assert get_study(store, "s").guidelines.startswith("# New")
    drawn = [m.value for m in at.markdown if m.value.startswith("# New")]
    assert drawn
    assert not any("![" in text.replace("!\\[", "") for text in drawn)


def test_the_versions_of_the_guidelines_and_what_was_judged_under_each(store: Store) -> None:
    study = make_study(store, "s", ["a"])
    sample = exchange(store, study, "anna")["hand"][0]
    for version, verdict in ((None, "yes"), (1, "no")):
        item = {"id": "x", "prediction": sample, "verdicts": {"repeat": verdict}}
        item |= {"base": {"repeat": 1 if version else 0}, "guidelines": version}
        assert exchange(store, study, "anna", {"submissions": [item]})["acks"][0]["ok"]
    set_guidelines(store, "s", "Second ![x](https://evil.example/i.png)")
    shown = texts(page(study="s"))
    assert "Version 2" in shown
    assert "Version 1" in shown
    assert ": 1 verdict under it." in shown
    assert ": 0 verdicts under it." in shown
    assert f"1 verdicts: {UNKNOWN}." in shown


def test_practice_samples_are_added_told_right_demanded_and_taken_out(store: Store) -> None:
    study = make_study(store, "s", ["a"])
    at = page(study="s")
    at.radio(key=f"practice from {study.id}").set_value("Worked examples of ours").run()
    at.button(key=f"practice add {study.id}").click().run()
    assert "5 practice samples added." in said(at, "done")
    first = practice_samples_of(store, study)[0]
    at.text_area(key=f"practice why {first.id}").set_value("Because **so**.")
    next(b for b in at.button if b.label == "Save").click().run()
    assert practice_samples_of(store, study)[0].reason == "Because **so**."
    assert practice_samples_of(store, study)[0].verdicts == first.verdicts
    at.toggle(key=f"required {study.id}").set_value(True).run()
    assert get_study(store, "s").practice_required
    next(b for b in at.button if b.label == "Take it out").click().run()
    assert "The practice sample is out." in said(at, "done")
    assert len(practice_samples_of(store, study)) == 4


def test_practice_that_cant_be_drawn_is_one_sentence(store: Store) -> None:
    study = make_study(store, "s", ["a"])
    at = page(study="s")
    at.button(key=f"practice add {study.id}").click().run()
    assert "share 0 examples that are not among its samples" in said(at, "error")
    assert practice_samples_of(store, study) == []


def test_a_study_nobody_judged_in_can_be_deleted_others_cannot(store: Store) -> None:
    free, used = make_study(store, "free", ["a"]), make_study(store, "used", ["a"])
    number = judge_id(store, "anna")
    with store.write() as connection:
        mine = slots.c.study_id == used.id, slots.c.position == 0
        connection.execute(update(slots).where(*mine).values(judge_id=number, done_at=1.0))
    assert not [b for b in page(study="used").button if b.key == f"delete {used.id}"]
    at = page(study="free")
    at.button(key=f"delete {free.id}").click().run()
    assert "'free' is deleted" in said(at, "done")
    assert [study.name for study in list_studies(store)] == ["used"]
    assert "study" not in at.query_params


def test_a_study_of_imported_runs_is_made_with_the_name_alone(store: Store) -> None:
    at = form(store, "a", HOSTILE)
    assert "The 2 runs share 6 examples." in texts(at)
    assert "2 of its 8 examples are left out, because not every run has them" in texts(at)
    assert "R · Did it repeat the input?" in texts(at)
    assert "6 × 2 runs × 1 = 12 judgments" in texts(at)
    make(at)
    study = get_study(store, "pilot")
    assert study.runs == ("a", HOSTILE)
    assert (study.chain, study.sample, study.annotators, study.blind) == ("R+A", 6, 1, True)
    assert "regardless of whether the answer is right" in study.guidelines
    assert at.query_params == {"study": "pilot"}
    assert "is made" in said(at, "done")
    assert list(at.dataframe[0].value["Study"]) == ["pilot"]


def test_everything_can_be_set(store: Store) -> None:
    at = form(store, "a")
    at.text_input(key="new study steps").set_value("repeat, summarise=S, answer")
    at.number_input(key="new study sample").set_value(4)
    at.number_input(key="new study seed").set_value(9)
    at.number_input(key="new study people").set_value(2)
    at.number_input(key="new study minutes").set_value(5.0)
    at.checkbox(key="new study blind").uncheck()
    at.checkbox(key="new study order").check()
    at.text_area(key="new study guidelines").set_value("Mine.")
    make(at)
    study = get_study(store, "pilot")
    assert [step.key for step in study.steps] == ["repeat", "summarise", "answer"]
    assert (study.sample, study.seed, study.annotators, study.claim_minutes) == (4, 9, 2, 5.0)
    assert (study.blind, study.ask_order, study.guidelines) == (False, True, "Mine.")


def test_the_default_guidelines_follow_the_steps_until_somebody_writes_their_own(store) -> None:
    at = form(store, "a")
    guidelines = at.text_area(key="new study guidelines")
    assert "### Repeat (R)" in guidelines.value
    at.text_input(key="new study steps").set_value("translate, answer").run()
    assert "### Translate (T)" in at.text_area(key="new study guidelines").value
    at.text_area(key="new study guidelines").set_value("Mine.").run()
    at.text_input(key="new study steps").set_value("repeat").run()
    assert at.text_area(key="new study guidelines").value == "Mine."
    at.multiselect(key="new study runs").select(HOSTILE).run()
    assert at.text_input(key="new study steps").value == "repeat"


def test_runs_without_known_steps_ask_for_them(store: Store) -> None:
    make_run(store, "unknown", 2, steps=(), instruction="Do it")
    at = form(store, "unknown")
    assert "Name the steps to judge" in said(at, "info")
    assert "name the steps" in said(make(at), "error")
    at.text_input(key="new study steps").set_value("answer")
    make(at)
    assert get_study(store, "pilot").chain == "A"


def test_runs_over_other_examples_are_said_at_once(store: Store) -> None:
    make_run(store, "other", 2, instruction="Something else")
    assert "no example in common" in said(form(store, "a", "other"), "warning")


def test_all_that_is_wrong_stands_next_to_the_form_and_nothing_is_made(store: Store) -> None:
    at = form(store, "a")
    at.text_input(key="new study steps").set_value("repaet")
    at.number_input(key="new study sample").set_value(7)
    make(at, "")
    error = said(at, "error")
    for piece in ("did you mean 'repeat'", "needs a name", "share 6 examples"):
        assert piece in error
    assert list_studies(store) == []
    at.text_input(key="new study steps").set_value("repeat")
    at.number_input(key="new study sample").set_value(3)
    assert not said(make(at), "error")
    assert get_study(store, "pilot").sample == 3


def test_a_taken_name_is_said_and_what_was_written_stays(store: Store) -> None:
    make_study(store, "pilot", ["a"])
    at = make(form(store, "a"))
    assert "called 'pilot' already" in said(at, "error")
    assert at.multiselect(key="new study runs").value == ["a"]
    make(at, "pilot 2")
    assert [study.name for study in list_studies(store)] == ["pilot 2", "pilot"]


def test_the_form_can_be_opened_and_left(store: Store) -> None:
    make_study(store, "s", ["a"])
    at = page()
    at.button(key="open a new study").click().run()
    at.text_input(key="new study name").set_value("half").run()
    at.button(key="cancel the study").click().run()
    assert len(at.dataframe[0].value) == 1
    at.button(key="open a new study").click().run()
    assert at.text_input(key="new study name").value == ""


def test_a_step_of_the_examples_own_keeps_its_letter(home_of_its_own) -> None:
    steps = [Step("summarise", "S", "summarise"), Step("answer", "A", "answer")]
    store = open_store()
    make_run(store, "x", 2, steps=steps)
    make(form(store, "x"))
    assert get_study(store, "pilot").chain == "S+A"

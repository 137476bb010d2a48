"""Renamed and archived runs and studies on the pages: addresses, pickers, switch, actions."""

import html

import pytest
from streamlit.testing.v1 import AppTest

from sit_core.store import Store, open_store
from sit_core.store.browse import run_names
from sit_core.store.renaming import (
    archive_runs,
    archive_studies,
    archived_runs,
    rename_run,
    rename_study,
)
from sit_core.store.studies import get_study
from tests.factories import make_run, make_study
from tests.pages.test_studies import said
from tests.results.test_leaderboard import FOLLOW
from tests.results.test_leaderboard import say as llm_said

HOSTILE = "<img src=x> ![i](https://evil.example/x.png) **b**"


@pytest.fixture
def store(home_of_its_own) -> Store:
    """Three runs, and a study of two of them."""
    opened = open_store()
    for name in ("a", "b", HOSTILE):
        make_run(opened, name, 3)
    make_study(opened, "s", ["a", "b"])
    return opened


def page(name: str, *, session=None, **params) -> AppTest:
    at = AppTest.from_file("../../pages/main.py", default_timeout=30).run()
    at.switch_page(f"{name}/page.py")
    at.query_params.clear()
    for parameter, value in params.items():
        at.query_params[parameter] = value
    for key, value in (session or {}).items():
        at.session_state[key] = value
    at.run()
    assert not at.exception
    return at


def asked(at: AppTest, parameter: str) -> list[str]:
    """What the address says."""
    found = at.query_params[parameter]
    return [found] if isinstance(found, str) else list(found)


def muted(at: AppTest) -> str:
    """What stands there beside the rest, as text."""
    return html.unescape(" ".join(e.value for e in at.html if "opacity: .76" in e.value))


def names_shown(at: AppTest, column: str) -> list[str]:
    return list(at.dataframe[0].value[column])


def test_a_run_is_renamed_on_its_page_and_the_address_follows(store: Store) -> None:
    at = page("runs", run="a")
    at.text_input(key="new name run a").set_value("c")
    next(b for b in at.button if b.label == "Rename it").click().run()
    assert not at.exception
    assert "'a' is now called 'c'" in said(at, "done")
    assert asked(at, "run") == ["c"]
    assert "Formerly a" in muted(at)
    again = page("runs", run="a")  # the former address
    assert asked(again, "run") == ["c"]
    assert sorted(run_names(store)) == sorted(["c", "b", HOSTILE])


def test_a_name_that_is_taken_is_said(store: Store) -> None:
    at = page("runs", run="a")
    at.text_input(key="new name run a").set_value("b")
    next(b for b in at.button if b.label == "Rename it").click().run()
    assert "choose another name" in said(at, "error")
    assert "a" in run_names(store)


def test_an_archived_run_is_left_out_counted_named_and_opened_by_its_address(store: Store) -> None:
    at = page("runs", run=HOSTILE)
    at.button(key=f"archive run {HOSTILE}").click().run()
    assert archived_runs(store) == [HOSTILE]
    assert HOSTILE not in names_shown(at, "Run")
    assert HOSTILE in muted(at)
    (switch,) = at.toggle
    assert switch.label == "Show 1 archived run"
    switch.set_value(True).run()
    assert HOSTILE in names_shown(at, "Run")
    opened = page("runs", run=HOSTILE)
    assert HOSTILE not in names_shown(opened, "Run")
    opened.button(key=f"archive run {HOSTILE}").click().run()  # shows it in lists again
    assert archived_runs(store) == []


def test_pickers_leave_archived_ones_out_but_not_what_the_address_names(store: Store) -> None:
    archive_runs(store, ["b"])
    form = page("studies", session={"new study open": True})
    assert set(form.multiselect(key="new study runs").options) == {HOSTILE, "a"}
    form.toggle[0].set_value(True).run()
    assert "b" in form.multiselect(key="new study runs").options
    named = page("scores", run="b")
    assert named.multiselect(key="scores runs").value == ["b"]
    inspected = page("inspect_outputs", run="b")
    assert not said(inspected, "error")


def test_results_of_an_archived_and_renamed_study_are_at_its_former_address(store: Store) -> None:
    rename_study(store, "s", "t")
    archive_studies(store, ["t"])
    rename_run(store, "a", "c")
    listed = page("studies")
    assert not listed.dataframe
    assert "Show 1 archived study" in [toggle.label for toggle in listed.toggle]
    at = page("results", study="s", a="a", b="b")
    assert not said(at, "error")
    assert asked(at, "study") == ["t"]
    opened = page("studies", study="s")
    assert "Formerly s" in muted(opened)
    opened.button(key="archive study t").click().run()
    assert not get_study(store, "t").archived


def test_what_a_session_chose_follows_a_renaming(store: Store) -> None:
    at = page("scores", run="a")
    rename_run(store, "a", "c")
    at.run()
    assert not said(at, "error")
    assert at.multiselect(key="scores runs").value == ["c"]


def test_people_models_and_texts_called_as_a_run_was_stay(store: Store) -> None:
    """Runs are called by their models, or by who made them: verdicts must not change hands."""
    from pages.shared.annotator_name import NAME

    said_before = dict.fromkeys((NAME, "live instruction", "new run model", "new run run"), "a")
    at = page("scores", session=said_before | {"new study name": "s"}, run="a")
    rename_run(store, "a", "c")
    rename_study(store, "s", "t")
    at.run()
    assert {key: at.session_state[key] for key in said_before} == said_before
    assert at.session_state["new study name"] == "s"
    assert at.multiselect(key="scores runs").value == ["c"]


@pytest.mark.parametrize(
    "key", ["score form runs", "new study runs", "runs of analyses", "compare A", "board reference"]
)
def test_every_choice_of_runs_follows(store: Store, key: str) -> None:
    chosen = ["a", "b"] if "runs" in key else "a"
    at = page("scores", session={key: chosen})
    rename_run(store, "a", "c")
    at.run()
    assert at.session_state[key] == (["c", "b"] if "runs" in key else "c")


def test_the_import_page_says_how_many_are_archived_and_shows_them(store: Store) -> None:
    archive_runs(store, ["a"])
    at = page("import_outputs")
    assert set(names_shown(at, "run")) == {"b", HOSTILE}
    (switch,) = [one for one in at.toggle if one.label == "Show 1 archived run"]
    switch.set_value(True).run()
    assert set(names_shown(at, "run")) == {"a (archived)", "b", HOSTILE}
    archive_runs(store, ["b", HOSTILE])
    alone = page("import_outputs")
    assert not alone.dataframe
    assert [one.label for one in alone.toggle] == ["Show 3 archived runs"]


@pytest.mark.parametrize("board_is_empty", [False, True])
def test_the_leaderboard_says_which_are_archived_and_leads_to_them(
    store: Store, board_is_empty: bool
) -> None:
    for name in ("a", "b"):
        llm_said(store, make_run(store, f"judged {name}", 2, steps=FOLLOW), ["yes", "no"], by="j")
    labels = [link.label for link in page("leaderboard").page_link]
    assert "Archived runs" not in labels
    left = ["judged a", "judged b"] if board_is_empty else ["judged a"]
    archive_runs(store, left)
    at = page("leaderboard")
    (sentence,) = [e.value for e in at.text if "archived" in e.value]
    assert all(name in sentence for name in left)
    assert "Archived runs" in [link.label for link in at.page_link]


def test_results_of_a_judge_leave_archived_runs_out_and_count_them(store: Store) -> None:
    for name in ("old", "new"):
        llm_said(store, make_run(store, name, 2, steps=FOLLOW), ["yes", "no"], by="j")
    archive_runs(store, ["old"])
    at = page("judge", judge="j")
    assert at.multiselect(key="judge runs").options == ["new"]
    assert set(names_shown(at, "run")) == {"new"}
    assert "1 archived run that it judged: not shown." in [e.value for e in at.text]
    asked_for = page("judge", judge="j", run="old")
    assert set(names_shown(asked_for, "run")) == {"old"}
    at.toggle(key="show archived run judge results").set_value(True).run()
    assert at.multiselect(key="judge runs").options == ["new", "old"]
    assert set(names_shown(at, "run")) == {"new", "old"}
    archive_runs(store, ["new"])
    assert "All that it judged is archived." in [e.value for e in page("judge", judge="j").text]

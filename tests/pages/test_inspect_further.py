"""What an address asks of verdicts: found, kept while the widgets are used, left out by a press."""

from collections.abc import Sequence

import pytest
from sqlalchemy import update

from pages.inspect_outputs.address import filter_from, params_of
from sit_core.errors import UsageError
from sit_core.records import Example
from sit_core.store import Store, open_store
from sit_core.store.browse import Filter, count_hits, page_of_hits
from sit_core.store.schema import predictions
from tests.factories import judge, make_run, make_study, remark
from tests.pages.test_inspect_outputs import alerts, listed, page
from tests.results.test_leaderboard import FOLLOW, JUDGE, fight, grow, say


@pytest.fixture
def ids(home_of_its_own, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two runs of four outputs; one judged by an LLM."""
    monkeypatch.setenv("SIT_STARTER", "0")
    store = open_store()
    made = make_run(store, "a", ["one", "two", "three", "four"], steps=FOLLOW)
    other = make_run(store, "b", ["uno", "dos", "tres", "cuatro"], steps=FOLLOW)
    say(store, made, ["yes", "no", "?", ""], [5, 2.5, None, None])
    grow(store, [1, 1, 2, 2])
    fight(store, [(made[0], other[0], 1, 1)])
    judge(store, None, other[1], "rules", {"follow": "yes"}, kind="rule")
    return [*made, *other]


FILTERS = [
    (Filter(kind="llm"), ["one", "two"]),
    (Filter(kind="rule"), ["dos"]),
    (Filter(kind="human"), []),
    (Filter(unusable=True), ["three"]),
    (Filter(unusable=True, annotator=JUDGE, kind="llm"), ["three"]),
    (Filter(rated_from=3), ["one"]),
    (Filter(rated_from=2.5, rated_to=4.5), ["two"]),
    (Filter(annotator=JUDGE, step="follow", rated_to=2), []),
    (Filter(iteration=1, runs=("a",)), ["one", "two"]),
    (Filter(duels_by="duel"), ["one", "uno"]),
    (Filter(annotator=JUDGE, step="follow", verdict="no"), ["two"]),
]


def test_an_address_asks_for_verdicts_and_what_was_grown(ids) -> None:
    for of, found in FILTERS:
        assert filter_from(params_of(of, None)) == of
        hits = page_of_hits(open_store(), of)
        assert [hit.output for hit in hits] == found, of
        assert count_hits(open_store(), of) == len(found)


def test_the_page_shows_what_an_address_asks_for(ids) -> None:
    for of, found in (FILTERS[4], FILTERS[6]):
        at = page(**params_of(of, None))
        assert not alerts(at)
        assert listed(at) == found


def test_one_prompt_of_all_runs(ids) -> None:
    asked = Example("First repeat the input, then answer the question.", "Question 3?")
    assert listed(page(example=asked.id)) == ["four", "cuatro"]


def test_a_press_leaves_it_out_and_the_other_widgets_leave_it_in(ids) -> None:
    at = page(iteration="1", kind="llm", run="a")
    assert listed(at) == ["one", "two"]
    at.text_input(key="inspect filter text").set_value("tw").run()
    assert listed(at) == ["two"]
    assert at.query_params["iteration"] in ("1", ["1"])
    labels = {b.label for b in at.button}
    assert {"Iteration 1", "Verdicts of LLM judges"} <= labels
    at.text_input(key="inspect filter text").set_value("").run()
    at.button(key="inspect leave out iteration").click().run()
    at.button(key="inspect leave out kind").click().run()
    assert listed(at) == ["one", "two", "three", "four"]
    assert "iteration" not in at.query_params
    assert not at.exception


def test_what_is_asked_as_zero_has_a_button_too(ids) -> None:
    at = page(iteration="0")
    assert listed(at) == []
    at.button(key="inspect leave out iteration").click().run()
    assert len(listed(at)) == 8
    assert at.query_params == {}


def test_a_kind_that_is_none_is_said(ids) -> None:
    assert "kind of judge" in alerts(page(kind="oracle"))


def test_addresses_and_filters_say_the_same() -> None:
    of = Filter(
        kind="llm",
        unusable=True,
        rated_from=1.5,
        rated_to=5.0,
        iteration=4,
        duels_by="a & b",
        example="0" * 24,
    )
    assert filter_from(params_of(of, None)) == of
    strange = {"rated-from": ["6"], "rated-to": ["x"], "iteration": ["-1"], "unusable": ["yes"]}
    assert filter_from(strange) == Filter()


def test_an_unknown_kind_is_one_sentence(store: Store) -> None:
    with pytest.raises(UsageError, match="kind of judge"):
        count_hits(store, Filter(kind="oracle"))


def test_both_databases_find_the_same(store: Store) -> None:
    made = make_run(store, "a", ["one", "two", "three", "four"], steps=FOLLOW)
    say(store, made, ["yes", "no", "?", ""], [5, 2.5, None, None])
    grow(store, ["1", 1.0, 2, {"no": "number"}])
    for of, n in (
        (Filter(iteration=1), 2),
        (Filter(iteration=3), 0),
        (Filter(unusable=True), 1),
        (Filter(rated_from=2, rated_to=3), 1),
        (Filter(kind="llm", step="chain", verdict="done"), 1),
    ):
        assert count_hits(store, of) == n, of


@pytest.fixture
def remarked(ids: list[str]) -> list[str]:
    """Notes and flags of two annotators in two studies, some of them taken back."""
    store = open_store()
    for name in ("s", "t"):
        make_study(store, name, ["a"])
    remark(store, "s", ids[0], "ann", "", flagged=True)
    remark(store, "s", ids[1], "ann", "odd")
    remark(store, "s", ids[2], "ann", "odd", flagged=True)
    remark(store, "s", ids[2], "ann", "  ", flagged=False)  # taken back
    remark(store, "t", ids[3], "ben", "why?", flagged=True)
    return ids


REMARKED = [
    (Filter(remark="flagged"), ["one", "four"]),
    (Filter(remark="noted"), ["two", "four"]),
    (Filter(remark="either"), ["one", "two", "four"]),
    (Filter(remark="either", study="s"), ["one", "two"]),
    (Filter(remark="either", annotator="ben"), ["four"]),
    (Filter(remark="flagged", study="s", annotator="ben"), []),
]


def test_flags_and_notes_are_found_and_stand_in_the_address(remarked) -> None:
    for of, found in REMARKED:
        assert filter_from(params_of(of, None)) == of
        assert [hit.output for hit in page_of_hits(open_store(), of)] == found, of
    at = page()
    at.selectbox(key="inspect filter remark").set_value("flagged").run()
    assert listed(at) == ["one", "four"]
    assert at.query_params["remark"] in ("flagged", ["flagged"])
    assert listed(page(remark="noted")) == ["two", "four"]


def test_a_remark_that_is_none_is_said(ids) -> None:
    at = page(remark="starred")
    assert "remark" in alerts(at)
    with pytest.raises(UsageError, match="starred"):
        count_hits(open_store(), Filter(remark="starred"))


def ended(store: Store, made: list[str], of: Sequence[str | None]) -> None:
    """Keep how each call ended."""
    with store.write() as connection:
        for key, outcome in zip(made, of, strict=True):
            query = update(predictions).where(predictions.c.id == key)
            connection.execute(query.values(outcome=outcome))


ENDED = ["complete", "cut", "refused", "cut", None]


def test_both_databases_find_outputs_by_how_they_ended(store: Store) -> None:
    made = make_run(store, "a", ["one", "two", "three", "four", "five"])
    ended(store, made, ENDED)
    for ending, found in {
        "complete": ["one"],
        "cut": ["two", "four"],
        "refused": ["three"],
        "not-known": ["five"],
    }.items():
        assert [hit.output for hit in page_of_hits(store, Filter(ended=ending))] == found
    with pytest.raises(UsageError, match="failed"):
        count_hits(store, Filter(ended="failed"))


def test_the_outcome_is_chosen_on_the_page_and_stands_in_its_address(ids) -> None:
    ended(open_store(), ids[:4], ENDED[:4])
    at = page()
    at.selectbox(key="inspect filter ended").set_value("refused").run()
    assert listed(at) == ["three"]
    assert at.query_params["outcome"] in ("refused", ["refused"])
    assert listed(page(outcome="cut", run="a")) == ["two", "four"]
    assert "outcome" in alerts(page(outcome="lost"))

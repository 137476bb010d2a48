"""Stored outputs to show again: found by place or id, with all that came with them."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from sit_core.errors import SitError
from sit_core.records import Outcome
from sit_core.store import Store
from sit_core.store.schema import predictions
from sit_core.store.stored_outputs import (
    output_number,
    place_in_run,
    same_question,
    stored_outputs,
)
from tests.factories import make_run


def changed(store: Store, prediction_id: str, **values: object) -> None:
    with store.write() as connection:
        connection.execute(
            update(predictions).where(predictions.c.id == prediction_id).values(**values)
        )


def test_an_output_comes_with_its_question_and_its_place(store: Store) -> None:
    made = make_run(store, "a", ["one", "two", "three"])
    (found,) = stored_outputs(store, [made[1]])
    assert (found.run, found.output, found.row) == ("a", "two", 1)
    assert found.example.input == "Question 1?"
    assert found.example.reference == "answer 1"
    assert [step.letter for step in found.example.steps] == ["R", "A"]
    assert (found.outcome, found.reason, found.thoughts, found.made_here) == (None, None, "", False)
    assert [output_number(store, "a", i) for i in range(4)] == [*made, None]
    each = [stored_outputs(store, [output])[0] for output in made]
    assert [place_in_run(store, one) for one in each] == [(0, 3), (1, 3), (2, 3)]


def test_samples_of_one_question_have_places_of_their_own(store: Store) -> None:
    made = make_run(store, "a", 6, per_example=3)
    places = [place_in_run(store, one) for one in stored_outputs(store, [made[3], made[4]])]
    assert len(set(places)) == 2
    assert [output_number(store, "a", place) for place, _ in places] == [made[3], made[4]]


def test_outputs_of_the_same_row_are_told_apart_as_they_are_counted(store: Store) -> None:
    made = make_run(store, "a", 3)
    for output in made:
        changed(store, output, row=0)
    for number in range(3):
        found = output_number(store, "a", number)
        assert found is not None
        assert place_in_run(store, stored_outputs(store, [found])[0]) == (number, 3)


def test_how_it_ended_what_was_thought_and_when_it_was_written_come_with_it(store: Store) -> None:
    cut, refused, old = (make_run(store, name, 1)[0] for name in "abc")
    changed(store, cut, outcome="cut", thoughts="hm", meta={"reason": "too long", "at": 77})
    changed(store, refused, outcome="refused")
    changed(store, old, meta={"cut": True, "at": "no time"})
    first, second, third = stored_outputs(store, [cut, refused, old])
    assert (first.outcome, first.reason, first.thoughts) == (Outcome.CUT, "too long", "hm")
    assert (first.stored_at, first.made_here) == (77.0, True)
    assert second.outcome is Outcome.REFUSED
    assert (third.outcome, third.made_here) == (Outcome.CUT, False)


def test_the_other_runs_of_a_question_are_found_each_once(store: Store) -> None:
    mine = make_run(store, "a", 2)
    yours = make_run(store, "b", 4, per_example=2)
    make_run(store, "c", 1, inputs=["Something else?"])
    (found,) = stored_outputs(store, [mine[1]])
    assert dict(same_question(store, found)) == {"a": mine[1], "b": yours[2]}


def test_outputs_that_are_not_there_or_do_not_belong_together_are_one_sentence(
    store: Store,
) -> None:
    one, two = make_run(store, "a", 2)
    for bad in ("gone", "no\0text", "\ud800"):
        with pytest.raises(SitError, match="no output with the id"):
            stored_outputs(store, [one, bad])
    with pytest.raises(SitError, match="different questions"):
        stored_outputs(store, [one, two])
    with pytest.raises(SitError, match="run"):
        output_number(store, "nobody", 0)
    (found,) = stored_outputs(store, [one])
    with pytest.raises(SitError, match="run"):
        place_in_run(store, replace(found, run="nobody"))

"""Stored outputs that are none or hold thoughts are found; what is split or freed loses nothing."""

from typing import Any

import pytest
from sqlalchemy import insert, select, update

from sit_core.errors import SitError, UsageError
from sit_core.records import Outcome
from sit_core.results.following import following
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from sit_core.store.run_check import (
    check_stored,
    former_texts_of,
    repair,
    set_aside_in,
)
from sit_core.store.run_contents import error_reasons
from sit_core.store.runs import delete_run, list_runs
from sit_core.store.schema import judgments, predictions, runs, scores, slots
from tests.factories import judge, make_run, make_study

THOUGHT = "<think>\nI repeat it.\n</think>\n\nParis."


def counted(store: Store, table: Any) -> int:
    with store.read() as connection:
        return len(connection.execute(select(table)).all())


def changed(store: Store, prediction_id: str, **values: Any) -> None:
    with store.write() as connection:
        connection.execute(
            update(predictions).where(predictions.c.id == prediction_id).values(**values)
        )


def of_an_endpoint(store: Store, name: str, **settings: Any) -> None:
    with store.write() as connection:
        connection.execute(
            update(runs)
            .where(runs.c.name == name)
            .values(settings={"backend": "openai", **settings}, planned=3)
        )


def test_outputs_with_thoughts_are_found_and_nothing_is_changed(store: Store) -> None:
    made = make_run(store, "a", [THOUGHT, "Paris.", "What <think> means."])
    (found,) = check_stored(store)
    assert (found.outputs, found.thoughts, found.failed, found.not_known) == (3, 1, 0, 0)
    assert [one.id for one in found.first] == [made[0]]
    with store.read() as connection:
        texts = list(connection.scalars(select(predictions.c.output)))
    assert THOUGHT in texts


@pytest.mark.slow
def test_thoughts_are_split_off_and_what_was_said_of_them_is_set_aside(store: Store) -> None:
    made = make_run(store, "a", [THOUGHT, "Paris."])
    make_study(store, "s", ["a"])
    judge(store, "s", made[0], "ann", {"repeat": "yes"})
    judge(store, "s", made[1], "ann", {"repeat": "no"})
    with store.write() as connection:
        connection.execute(
            insert(scores).values(
                prediction_id=made[0], metric="rouge-l", how="", step="", value=1.0,
                version="1", created_at=0.0,
            )
        )  # fmt: skip
        connection.execute(update(slots).where(slots.c.prediction_id == made[0]).values(done_at=1))
    done = repair(store, ["a"], split=True)
    assert (done.split, done.freed) == (1, 0)
    assert done.set_aside == {"judgments": 1, "scores": 1}
    with store.read() as connection:
        row = connection.execute(select(predictions).where(predictions.c.id == made[0])).one()
        left = connection.execute(select(judgments.c.prediction_id)).scalars().all()
        slot = connection.execute(select(slots).where(slots.c.prediction_id == made[0])).first()
    assert (row.output, row.thoughts, row.length) == ("Paris.", "I repeat it.", 6)
    assert set(left) == {made[1]}
    assert (slot.done_at, slot.judge_id) == (None, None)  # it is judged again
    (former,) = former_texts_of(store, made[0])
    assert former["output"] == THOUGHT
    assert {(one["judge"], one["verdict"]) for one in former["said"]["judgments"]} == {
        ("ann", "yes")
    }
    assert set_aside_in(store, ["a"], "human") == {"a": 1}
    assert set_aside_in(store, ["a"], "llm") == {}
    table = following(store, TableQuery(runs=("a",)))
    assert [(row.letter, row.n) for row in table.rows][:1] == [("R", 1)]
    assert table.to_dict()["set_aside"] == {"a": 1}
    (summary,) = list_runs(store)
    assert (summary.thoughts, summary.set_aside) == (1, 1)
    assert repair(store, split=True).split == 0


def test_outputs_of_a_run_that_keeps_thoughts_are_left_alone(store: Store) -> None:
    make_run(store, "a", [THOUGHT])
    of_an_endpoint(store, "a", thoughts="keep")
    assert check_stored(store)[0].thoughts == 0


@pytest.mark.parametrize(
    ("output", "meta", "reason"),
    [
        ("hel", {"finish_reason": "abort"}, "it ended with 'abort'"),
        ("", {"error": {"message": "Upstream died"}}, "its call failed: Upstream died"),
        ('{"error": {"message": "engine died"}}', {}, "it is a server's error: engine died"),
        ("", {}, "nothing came, and it was not kept how the call ended"),
    ],
)
def test_what_failed_is_found_and_freed_to_be_asked_again(
    store: Store, output: str, meta: dict[str, Any], reason: str
) -> None:
    made = make_run(store, "a", [output, "Paris.", "Rome."])
    of_an_endpoint(store, "a")
    changed(store, made[0], meta=meta)
    changed(store, made[1], meta={"finish_reason": "stop"})
    changed(store, made[2], outcome=Outcome.COMPLETE.value)
    (found,) = check_stored(store)
    assert (found.failed, found.not_known) == (1, 2)
    assert [(one.id, one.reason) for one in found.first] == [(made[0], reason)]
    assert repair(store, free=True).freed == 1
    assert counted(store, predictions) == 2
    assert error_reasons(store, "a") == [(0, f"Freed to be asked again: {reason}.")]


def test_a_sample_of_a_study_is_never_freed(store: Store) -> None:
    made = make_run(store, "a", ["", "Paris."])
    of_an_endpoint(store, "a")
    make_study(store, "s", ["a"])
    assert check_stored(store)[0].in_studies == 1
    done = repair(store, free=True)
    assert (done.freed, done.kept) == (0, 1)
    assert "stay" in done.sentence
    assert made[0] in {one.id for one in check_stored(store)[0].first}


@pytest.mark.parametrize(
    ("outcome", "meta"),
    [("refused", {}), ("cut", {}), (None, {"cut": True}), (None, {"tokens": 3})],
)
def test_what_is_an_output_is_not_taken_for_a_failure(
    store: Store, outcome: str | None, meta: dict[str, Any]
) -> None:
    made = make_run(store, "a", [""])
    of_an_endpoint(store, "a")
    changed(store, made[0], outcome=outcome, meta=meta)
    assert check_stored(store)[0].failed == 0


def test_runs_count_how_their_calls_ended(store: Store) -> None:
    made = make_run(store, "a", 4)
    for number, values in enumerate(
        ({"outcome": "cut"}, {"outcome": "cut"}, {"outcome": "refused"}, {"thoughts": "hm"})
    ):
        changed(store, made[number], **values)
    (summary,) = list_runs(store)
    assert (summary.cut, summary.refused, summary.thoughts) == (2, 1, 1)


def test_an_unknown_run_is_named(store: Store) -> None:
    make_run(store, "a", 1)
    with pytest.raises(UsageError, match="'b'"):
        check_stored(store, ["b"])


def test_a_run_stays_while_what_people_said_of_its_former_texts_does(store: Store) -> None:
    (made,) = make_run(store, "a", [THOUGHT])
    judge(store, None, made, "ann", {"repeat": "yes"}, kind="rule")
    repair(store, split=True)
    make_run(store, "b", [THOUGHT])
    (other,) = (one.id for one in check_stored(store, ["b"])[0].first)
    judge(store, None, other, "ann", {"repeat": "yes"})
    repair(store, split=True)
    with pytest.raises(SitError, match="were judged by people"):
        delete_run(store, "b")
    delete_run(store, "a")  # what rules said can be made again

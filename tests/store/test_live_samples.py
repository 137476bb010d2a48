"""Outputs kept one by one: their runs grow, the study's queue stays right, twice is once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from sit_core.annotation.session import exchange
from sit_core.errors import SitError, UsageError
from sit_core.records import Example, Step, chain
from sit_core.store import Store
from sit_core.store.live_samples import (
    LiveOutput,
    LiveRun,
    keep_in_new_study,
    keep_in_study,
    studies_for,
)
from sit_core.store.runs import list_runs
from sit_core.store.schema import predictions, slots
from sit_core.store.studies import StudyPlan, get_study, list_studies
from sit_core.store.study_progress import study_progress
from tests.factories import REPEAT_ANSWER, make_run, make_study

BASE = LiveRun("live: base", "folder", None, {"temperature": 0.0, "stop": []}, {"model": {"a": 1}})
TUNED = replace(BASE, name="live: tuned", adapter="lora")
EXAMPLE = Example("First repeat the input, then answer the question.", "Why?", steps=REPEAT_ANSWER)


def kept(output: str, run: LiveRun = BASE, example: Example = EXAMPLE, **meta) -> LiveOutput:
    return LiveOutput(run, example, output, meta)


def queue(store: Store, study: str) -> list[tuple[int, int, str]]:
    """(position, place, sample) of all slots, in the queue's order."""
    with store.read() as connection:
        rows = connection.execute(
            select(slots.c.position, slots.c.place, slots.c.prediction_id)
            .where(slots.c.study_id == get_study(store, study).id)
            .order_by(slots.c.position, slots.c.place)
        )
        return [tuple(row) for row in rows]


def count(store: Store, table) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def judge_all(store: Store, study: str, who: str) -> list[str]:
    """The outputs that this annotator is shown, one after the other, to the end."""
    seen = []
    reply = exchange(store, get_study(store, study), who)
    texts = {s["id"]: s["output"] for s in reply["samples"]}
    while reply["hand"]:
        p = reply["hand"][0]
        seen.append(texts[p])
        item = {"id": p, "prediction": p, "verdicts": {"repeat": "yes", "answer": "no"}}
        reply = exchange(store, get_study(store, study), who, {"submissions": [item]})
        texts |= {s["id"]: s["output"] for s in reply["samples"]}
    return seen


def test_a_new_study_holds_exactly_what_was_kept(store: Store) -> None:
    keep_in_new_study(store, [kept("seen before")], StudyPlan("earlier", []))
    other = replace(EXAMPLE, input="When?")
    plan = StudyPlan("s", [], annotators=2, blind=True, guidelines=None)
    report = keep_in_new_study(store, [kept("x", BASE, other), kept("y", TUNED, other)], plan)
    assert (report.added, report.known, len(report.predictions)) == (2, 0, 2)
    study = get_study(store, "s")
    assert (study.sample, study.annotators, study.blind) == (1, 2, True)
    assert study.runs == ("live: base", "live: tuned")
    assert "repeat" in study.guidelines.lower()
    assert [(position, place) for position, place, _ in queue(store, "s")] == [
        (0, 0), (0, 1), (1, 0), (1, 1),
    ]  # fmt: skip
    assert sorted(judge_all(store, "s", "Ann")) == ["x", "y"]
    assert sorted(judge_all(store, "s", "Bob")) == ["x", "y"]
    assert judge_all(store, "s", "Third") == []


def test_keeping_twice_is_keeping_once(store: Store) -> None:
    both = [kept("x", seed=1), kept("y", TUNED)]
    first = keep_in_new_study(store, both, StudyPlan("s", []))
    again = keep_in_new_study(store, both, StudyPlan("s", []))
    once_more = keep_in_study(store, both, "s")
    assert (again.added, again.known) == (once_more.added, once_more.known) == (0, 2)
    assert first.predictions == again.predictions == once_more.predictions
    assert count(store, predictions) == count(store, slots) == 2


def test_another_output_or_seed_is_another_sample_of_the_same_run(store: Store) -> None:
    keep_in_new_study(store, [kept("x", seed=1)], StudyPlan("s", []))
    keep_in_study(store, [kept("x", seed=2)], "s")
    report = keep_in_study(store, [kept("z", seed=1)], "s")
    assert (report.added, report.known) == (1, 0)
    (run,) = list_runs(store)
    assert (run.outputs, run.examples, run.provenance["live"]) == (3, 1, True)
    assert get_study(store, "s").sample == 1


def test_an_existing_study_gets_the_samples_at_the_end_of_its_queue(store: Store) -> None:
    make_run(store, "imported", 3)
    make_study(store, "s", ["imported"], annotators=2)
    before = queue(store, "s")
    assert len(judge_all(store, "s", "Ann")) == 3
    report = keep_in_study(store, [kept("x"), kept("y", TUNED)], "s")
    assert report.added == 2
    after = queue(store, "s")
    assert after[: len(before)] == before
    assert [(position, place) for position, place, _ in after[len(before) :]] == [
        (3, 0), (3, 1), (4, 0), (4, 1),
    ]  # fmt: skip
    assert sorted(judge_all(store, "s", "Ann")) == ["x", "y"]  # who had finished goes on
    assert len(judge_all(store, "s", "Bob")) == 5
    assert get_study(store, "s").runs == ("imported", "live: base", "live: tuned")
    assert get_study(store, "s").sample == 4
    progress = study_progress(store)["s"]
    assert (progress.slots, progress.done) == (10, 10)


def test_a_study_of_other_steps_takes_nothing_and_nothing_is_stored(store: Store) -> None:
    make_run(store, "imported", 1, steps=chain([Step("paraphrase", "P"), Step("answer", "A")]))
    make_study(store, "s", ["imported"])
    with pytest.raises(SitError, match=r"judges P\+A, but this was asked for R\+A"):
        keep_in_study(store, [kept("x")], "s")
    with pytest.raises(SitError, match="no known steps"):
        keep_in_study(store, [kept("x", example=Example("Sing."))], "s")
    assert [run.name for run in list_runs(store)] == ["imported"]
    assert studies_for(store, EXAMPLE.steps) == []
    assert studies_for(store, ()) == []


def test_studies_that_judge_some_of_the_steps_can_take_it(store: Store) -> None:
    make_run(store, "imported", 1)
    make_study(store, "answers only", ["imported"], steps=chain([Step("answer", "A")]))
    assert studies_for(store, EXAMPLE.steps) == ["answers only"]
    assert keep_in_study(store, [kept("x")], "answers only").added == 1


def test_all_that_is_wrong_with_a_new_study_is_said_and_nothing_is_stored(store: Store) -> None:
    with pytest.raises(UsageError) as caught:
        keep_in_new_study(
            store, [kept("x", example=Example("Sing."))], StudyPlan("", [], annotators=0)
        )
    for part in ("needs a name", "Annotators", "steps of what was asked are not known"):
        assert part in str(caught.value)
    make_run(store, "imported", 1)
    make_study(store, "s", ["imported"])
    with pytest.raises(SitError, match="There is a study called 's' already"):
        keep_in_new_study(store, [kept("x")], StudyPlan("s", []))
    assert len(list_studies(store)) == len(list_runs(store)) == 1


def test_a_run_of_that_name_from_elsewhere_is_left_alone(store: Store) -> None:
    make_run(store, "live: base", 1)
    with pytest.raises(SitError, match="another run 'live: base'"):
        keep_in_new_study(store, [kept("x")], StudyPlan("s", []))
    assert list_studies(store) == []


def test_what_no_database_holds_is_replaced_and_noted(store: Store) -> None:
    keep_in_new_study(store, [kept("a\0b\ud800")], StudyPlan("s", []))
    again = keep_in_study(store, [kept("a\0b\ud800")], "s")
    assert again.known == 1
    assert judge_all(store, "s", "Ann") == ["a\ufffdb\ufffd"]


@pytest.mark.slow
def test_many_keep_at_once_and_the_queue_has_no_gap_and_no_double(store: Store) -> None:
    keep_in_new_study(store, [kept("first")], StudyPlan("s", [], annotators=2))

    def keep(outputs: Sequence[LiveOutput]) -> None:
        keep_in_study(store, outputs, "s")

    asked = [replace(EXAMPLE, input=f"Question {i}?") for i in range(6)]
    work = [[kept(f"b{i}", BASE, e), kept(f"t{i}", TUNED, e)] for i, e in enumerate(asked)]
    work = [some if i % 2 else some[::-1] for i, some in enumerate(work)] * 2
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(keep, work))
    positions = [(position, place) for position, place, _ in queue(store, "s")]
    assert positions == [(p, place) for p in range(13) for place in (0, 1)]
    assert len({sample for _, _, sample in queue(store, "s")}) == 13
    rows = {run.name: run.outputs for run in list_runs(store)}
    assert rows == {"live: base": 7, "live: tuned": 6}


def test_the_place_in_the_queue_does_not_tell_whose_output_it_is(store: Store) -> None:
    """Models write in the order of their columns; who judges must not see that order again."""
    make_run(store, "imported", 1)
    make_study(store, "s", ["imported"], blind=True)
    kept_by = [replace(BASE, name=f"live: {i}") for i in range(6)]
    orders = set()
    for n in range(8):
        example = replace(EXAMPLE, input=f"Why {n}?")
        outputs = [kept(f"{n}", run, example) for run in kept_by]
        ids = list(keep_in_study(store, outputs, "s").predictions)
        there = [p for _, _, p in queue(store, "s") if p in ids]
        assert sorted(there) == sorted(ids)
        orders.add(tuple(ids.index(p) for p in there))
    assert len(orders) >= 6
    firsts = {order[0] for order in orders}
    assert len(firsts) >= 3


def test_the_order_follows_from_the_seed_and_the_samples(store: Store) -> None:
    """Which order it is follows from the study's seed and the samples, not from the hour."""
    outputs = [kept("x", replace(BASE, name=f"live: {i}")) for i in range(6)]
    orders = []
    for name in ("one", "two"):
        keep_in_new_study(store, outputs, StudyPlan(name, [], seed=4))
        orders.append([p for _, _, p in queue(store, name)])
    assert orders[0] == orders[1]
    keep_in_new_study(store, outputs, StudyPlan("three", [], seed=5))
    assert [p for _, _, p in queue(store, "three")] != orders[0]

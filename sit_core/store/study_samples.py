"""What a study is drawn from: the examples that its runs share, their steps, the outputs to judge.

Used inside `sit_core.store.studies`; `shared_examples` and `study_steps` also tell a researcher,
before anything is made, how many examples there are and which steps they ask for.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, func, insert, select

from sit_core.errors import UsageError
from sit_core.records import Step, chain, steps_from_json
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.schema import examples, predictions, runs, slots

CHUNK = 5000
T = TypeVar("T")


def shared_examples(store: Store, run_names: Sequence[str]) -> int:
    """How many examples all of these runs have an output for; 0 for no runs.

    Raises:
        UsageError: there is no run of that name.
    """
    with store.read() as connection:
        return len(shared_ids(connection, run_ids(connection, run_names)))


def study_steps(store: Store, run_names: Sequence[str]) -> tuple[Step, ...]:
    """The chain that the examples shared by these runs have.

    Raises:
        UsageError: they have none, or different ones.
    """
    with store.read() as connection:
        return steps_of(connection, shared_ids(connection, run_ids(connection, run_names)))


def run_ids(connection: Connection, names: Sequence[str]) -> list[int]:
    """The runs' numbers, in the order of their names.

    Raises:
        UsageError: all names that are not there, with the nearest ones.
    """
    known: dict[str, int] = {
        row.name: row.id for row in connection.execute(select(runs.c.name, runs.c.id))
    }
    missing = [unknown("run", name, list(known)) for name in names if name not in known]
    if missing:
        raise UsageError(" ".join(missing))
    return [known[name] for name in names]


def unfinished_runs(connection: Connection, of_runs: Sequence[int]) -> list[str]:
    """A sentence for each of these runs that is still being written: its samples may grow."""
    return [
        f"The run {name!r} is unfinished ({planned} outputs are planned); wait for its job, or "
        "resume it."
        for name, planned in connection.execute(
            select(runs.c.name, runs.c.planned)
            .where(runs.c.id.in_(of_runs), runs.c.state != "complete")
            .order_by(runs.c.name)
        )
    ]


def shared_ids(connection: Connection, of_runs: Sequence[int]) -> list[str]:
    """The ids, sorted, of the examples for which every one of these runs has an output."""
    rows = connection.scalars(
        select(predictions.c.example_id)
        .where(predictions.c.run_id.in_(of_runs))
        .group_by(predictions.c.example_id)
        .having(func.count(predictions.c.run_id.distinct()) == len(of_runs))
    )
    return sorted(rows)  # here, because databases sort texts in orders of their own


def steps_of(connection: Connection, example_ids: Sequence[str]) -> tuple[Step, ...]:
    """The chain that all the examples have.

    Raises:
        UsageError: they have different ones, or none; asks the researcher to name the steps.
    """
    kinds: dict[tuple[str, ...], tuple[Step, ...]] = {}
    for some in _chunks(example_ids):
        for steps in connection.scalars(select(examples.c.steps).where(examples.c.id.in_(some))):
            found = chain(steps_from_json(steps))
            kinds.setdefault(tuple(s.key for s in found), found)
        if len(kinds) > 1:
            break
    if len(kinds) == 1 and all(kinds):
        return tuple(Step(s.task, s.letter, s.key) for s in next(iter(kinds.values())))
    reason = (
        "The examples have different chains of steps"
        if len(kinds) > 1
        else "The steps of these examples are not known"
    )
    raise UsageError(f"{reason}; name the steps to judge (such as repeat,answer).")


def first_outputs(
    connection: Connection, of_runs: Sequence[int], example_ids: Sequence[str]
) -> list[str]:
    """The first output of each run for each example; examples outside, runs inside."""
    found: dict[tuple[str, int], str] = {}
    for some in _chunks(example_ids):
        rows = connection.execute(
            select(predictions.c.example_id, predictions.c.run_id, predictions.c.id)
            .where(predictions.c.run_id.in_(of_runs), predictions.c.example_id.in_(some))
            .order_by(predictions.c.ordinal)
        )
        for example_id, run_id, prediction_id in rows:
            found.setdefault((example_id, run_id), prediction_id)
    return [found[e, r] for e in example_ids for r in of_runs]


def lay_out(
    connection: Connection,
    study_id: int,
    prediction_ids: Sequence[str],
    annotators: int,
    first: int = 0,
) -> None:
    """Make the queue: one slot per sample and annotator place, in this order from ``first`` on."""
    rows: Iterator[dict[str, Any]] = (
        {"study_id": study_id, "prediction_id": p, "position": i, "place": place}
        for i, p in enumerate(prediction_ids, first)
        for place in range(annotators)
    )
    for batch in _chunks(rows):
        connection.execute(insert(slots), batch)


def _chunks(things: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(things)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk

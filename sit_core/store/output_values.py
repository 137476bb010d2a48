"""Outputs of runs one by one, each with what is known of it: for analyses that sort or group them.

Rates and means over whole runs are counted in the database (`sit_core.store.verdicts`,
`sit_core.store.scores`); this is for questions about single outputs, such as their length.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from sit_core.records import Example, Outcome, Unparsed
from sit_core.store.engine import Store
from sit_core.store.pattern_counts import (
    output_states,
    patterns_there,
    reader,
    sample_patterns,
)
from sit_core.store.run_contents import EXAMPLE_COLUMNS, example_of
from sit_core.store.schema import (
    examples,
    judgments,
    predictions,
    runs,
    scores,
    slots,
    studies,
)
from sit_core.store.studies import get_study
from sit_core.store.verdict_state import (
    Selection,
    VerdictFilter,
    population,
    table_connection,
)


@dataclass(frozen=True, slots=True)
class OutputRow:
    """One output and what was asked."""

    id: str
    """Of the prediction."""
    run: str
    row: int
    """Its place in its run, from 0."""
    question: str
    """The same for the same question in all runs (`sit_core.matching`)."""
    example: Example
    output: str
    outcome: Outcome | None
    """How its call ended; None where that is not known."""
    meta: dict[str, Any]
    """As it was kept with the output, such as ``tokens``, ``given``."""


def outputs_of_runs(store: Store, names: Sequence[str]) -> list[OutputRow]:
    """All outputs of these runs with their texts, run by run in the order given, then by row."""
    p, e = predictions.c, examples.c
    query = (
        select(runs.c.name, p.id, p.row, p.output, p.outcome, e.match_key)
        .add_columns(p.meta.label("output_meta"), *EXAMPLE_COLUMNS)
        .join(runs, runs.c.id == p.run_id)
        .join(examples, e.id == p.example_id)
        .where(runs.c.name.in_(names))
        .order_by(p.run_id, p.row, p.id)
    )
    with store.read() as connection:
        found = [
            OutputRow(
                row.id,
                row.name,
                row.row,
                row.match_key,
                example_of(row),
                row.output,
                Outcome(row.outcome) if row.outcome else None,
                dict(row.output_meta or {}),
            )
            for row in connection.execute(query)
        ]
    place = {name: number for number, name in enumerate(names)}
    return sorted(found, key=lambda one: place[one.run])


@dataclass(frozen=True, slots=True)
class AskedSteps:
    """One output and the steps that it was to do, without its texts."""

    id: str
    """Of the prediction."""
    run: str
    row: int
    question: str
    """The same for the same question in all runs (`sit_core.matching`)."""
    keys: tuple[str, ...]
    """Of the steps, in the order asked."""
    meta: dict[str, Any]
    """As it was kept with the example, and with the output."""


def steps_of_outputs(store: Store, names: Sequence[str]) -> list[AskedSteps]:
    """All outputs of these runs with their steps, run by run in the order given, then by row.

    Steps whose text was given to the model are not among them.
    """
    p, e = predictions.c, examples.c
    query = (
        select(runs.c.name, p.id, p.row, e.match_key, e.steps, e.meta)
        .add_columns(p.meta.label("output_meta"))
        .join(runs, runs.c.id == p.run_id)
        .join(examples, e.id == p.example_id)
        .where(runs.c.name.in_(names))
        .order_by(p.run_id, p.row, p.id)
    )
    found = []
    with store.read() as connection:
        for row in connection.execute(query):
            meta = {**(row.output_meta or {}), **(row.meta or {})}
            given = (row.output_meta or {}).get("given")
            done = given.get("steps") if isinstance(given, dict) else ()
            keys = (step["key"] for step in row.steps or ())
            left = tuple(key for key in keys if key not in (done or ()))
            found.append(AskedSteps(row.id, row.name, row.row, row.match_key, left, meta))
    place = {name: number for number, name in enumerate(names)}
    return sorted(found, key=lambda one: place[one.run])


def states_of_outputs(
    store: Store, scope: Selection, reading: VerdictFilter, key: str
) -> dict[str, int | None]:
    """Id of each output of the scope → its state at a step; None: nobody judged it.

    Args:
        store: where.
        scope: which outputs.
        reading: whose verdicts, read how.
        key: one of the scope's keys.
    """
    with table_connection(store) as connection:
        said = output_states(connection, scope, reading, key)
        samples = connection.scalars(select(population(scope).c.prediction_id))
        return {prediction: said.get(prediction) for prediction in samples}


def step_states(
    store: Store, scope: Selection, reading: VerdictFilter
) -> dict[str, dict[str, int]]:
    """Id of each judged output of the scope → step's key → its state, whatever steps there are.

    Unlike `states_of_outputs` it takes runs whose prompts ask for different steps. A step that
    nobody judged is not there; a verdict on all tasks together stands under ``follow``.
    """
    found: dict[str, dict[str, int]] = {}
    with table_connection(store) as connection:
        of = reader(connection, scope, reading)
        there = patterns_there(connection, scope, reading.by)
        by_step = {number: of.by_step(said) for number, said in there.items()}
        for prediction, number in connection.execute(sample_patterns(scope, reading.by)):
            if by_step[number]:
                found[prediction] = dict(by_step[number])
    return found


def sampled(store: Store, scope: Selection) -> set[str]:
    """The ids of the outputs of a scope, such as the samples of a study."""
    with store.read() as connection:
        return set(connection.scalars(select(population(scope).c.prediction_id)))


def chain_states(
    store: Store, scope: Selection, reading: VerdictFilter
) -> dict[str, dict[str, int | None]]:
    """Id of each output of the scope → key of each step, of the chain and of the order → its state.

    None: nobody judged it; see `sit_core.store.verdict_state`.
    """
    with table_connection(store) as connection:
        of = reader(connection, scope, reading)
        there = patterns_there(connection, scope, reading.by)
        together = {number: of.majority(said) for number, said in there.items()}
        rows = connection.execute(sample_patterns(scope, reading.by))
        said = {row[0]: together[row[1]] for row in rows}
        missing = (None,) * len(scope.keys)
        samples = connection.scalars(select(population(scope).c.prediction_id))
        return {
            prediction: dict(zip(scope.keys, said.get(prediction) or missing, strict=True))
            for prediction in samples
        }


def scores_of_outputs(
    store: Store, names: Sequence[str], metric: str, step: str = "", how: str | None = None
) -> dict[str, tuple[float | None, float | Unparsed]]:
    """Id of each scored output → (what a mean takes it for, its value or why there is none).

    The first is None where there is nothing to compare the output with.

    Args:
        store: where.
        names: of runs.
        metric: its name.
        step: a step's key; empty: the whole output.
        how: the metric's settings; None: those that it was last scored with, output by output.
    """
    s, p = scores.c, predictions.c
    query = (
        select(s.prediction_id, s.counted, s.value, s.reason)
        .join(predictions, p.id == s.prediction_id)
        .join(runs, runs.c.id == p.run_id)
        .where(runs.c.name.in_(names), s.metric == metric, s.step == step)
        .order_by(s.created_at, s.id)
    )
    if how is not None:
        query = query.where(s.how == how)
    with store.read() as connection:
        return {
            row.prediction_id: (
                row.counted,
                Unparsed(row.reason) if row.value is None else float(row.value),
            )
            for row in connection.execute(query)
        }


def settings_of_scores(store: Store, names: Sequence[str], metric: str) -> list[str]:
    """The settings that a metric was scored with on these runs, sorted."""
    s, p = scores.c, predictions.c
    query = (
        select(s.how)
        .join(predictions, p.id == s.prediction_id)
        .join(runs, runs.c.id == p.run_id)
        .where(runs.c.name.in_(names), s.metric == metric)
        .distinct()
    )
    with store.read() as connection:
        return sorted(connection.scalars(query))


def outputs_outside(store: Store, names: Sequence[str], study: str) -> list[str]:
    """The ids of those outputs of some runs that are no samples of a study.

    Raises:
        SitError: there is no such study.
    """
    number = get_study(store, study).id
    samples = select(slots.c.prediction_id).where(slots.c.study_id == number, slots.c.place == 0)
    query = (
        select(predictions.c.id)
        .join(runs, runs.c.id == predictions.c.run_id)
        .where(runs.c.name.in_(names), predictions.c.id.not_in(samples))
    )
    with store.read() as connection:
        return list(connection.scalars(query))


def values_version(store: Store) -> str:
    """Changes whenever what an analysis may rest on does; cheap, for caches.

    That is outputs, verdicts and scores, the samples of studies, and of runs: which there are, what
    they are called, their factors, whether they are archived.
    """
    newest = (func.count(), func.max(scores.c.created_at))
    of_runs = select(runs.c.id, runs.c.name, runs.c.archived_at, runs.c.provenance)
    with store.read() as connection:
        said = connection.execute(select(func.count(), func.max(judgments.c.id))).one()
        scored = connection.execute(select(*newest)).one()
        outputs = connection.scalar(select(func.count()).select_from(predictions))
        samples = connection.scalar(select(func.max(slots.c.id)))
        asked = connection.execute(select(func.count(), func.max(studies.c.id))).one()
        there = [tuple(row) for row in connection.execute(of_runs.order_by(runs.c.id))]
    digest = hashlib.sha256(repr(there).encode("utf-8", "surrogatepass")).hexdigest()
    return repr((store.url, tuple(said), tuple(scored), outputs, samples, tuple(asked), digest))

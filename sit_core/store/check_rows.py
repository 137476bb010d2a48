"""What a check of a board needs besides predictions and judgments: rows of plain values, streamed.

`sit results check` writes them into files, from which other code counts everything again.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, or_, select

from sit_core.store.engine import Store
from sit_core.store.schema import (
    duels,
    examples,
    judges,
    predictions,
    run_errors,
    runs,
    scores,
    slots,
    studies,
    study_runs,
    unusable,
)

BATCH = 2000
Rows = Iterator[dict[str, Any]]


def variants(store: Store, run_ids: Sequence[int]) -> dict[str, int]:
    """Example → its variant, of the examples that have another than 0."""
    asked = select(predictions.c.example_id).where(predictions.c.run_id.in_(run_ids))
    query = select(examples.c.id, examples.c.variant).where(
        examples.c.variant != 0, examples.c.id.in_(asked)
    )
    with store.read() as connection:
        return {row.id: row.variant for row in connection.execute(query)}


def outcomes(store: Store, run_ids: Sequence[int]) -> dict[str, str]:
    """Output → how its call ended, of those of which that is known."""
    p = predictions.c
    query = select(p.id, p.outcome).where(p.run_id.in_(run_ids), p.outcome.is_not(None))
    with store.read() as connection:
        return {row.id: row.outcome for row in connection.execute(query)}


def unusable_of(store: Store, run_ids: Sequence[int]) -> Rows:
    """Outputs of which an LLM judge said nothing usable: judge, prediction_id, step, reason."""
    u = unusable.c
    query = (
        select(judges.c.name.label("judge"), u.prediction_id, u.step, u.reason)
        .join(judges, judges.c.id == u.judge_id)
        .join(predictions, predictions.c.id == u.prediction_id)
        .where(predictions.c.run_id.in_(run_ids))
        .order_by(u.id)
    )
    return _stream(store, query)


def comparisons_of(store: Store, run_ids: Sequence[int]) -> Rows:
    """Comparisons of two outputs of these runs by LLM judges, in the order they came."""
    d = duels.c
    mine = select(predictions.c.id).where(predictions.c.run_id.in_(run_ids))
    query = (
        select(judges.c.name.label("judge"), d.prediction_id, d.against_id, d.place)
        .add_columns(d.preferred, d.reason)
        .join(judges, judges.c.id == d.judge_id)
        .where(d.prediction_id.in_(mine), d.against_id.in_(mine))
        .order_by(d.id)
    )
    return _stream(store, query)


def scores_of_runs(store: Store, run_ids: Sequence[int]) -> Rows:
    """Automatic scores of single outputs: each value, or why there is none, and what is counted."""
    s = scores.c
    query = (
        select(runs.c.name.label("run"), s.prediction_id, s.metric, s.how, s.step)
        .add_columns(s.value, s.reason, s.counted)
        .join(predictions, predictions.c.id == s.prediction_id)
        .join(runs, runs.c.id == predictions.c.run_id)
        .where(predictions.c.run_id.in_(run_ids))
        .order_by(predictions.c.run_id, predictions.c.row, s.id)
    )
    return _stream(store, query)


def errors_of_runs(store: Store, run_ids: Sequence[int]) -> Rows:
    """Prompts for which a run has no output: run, example_id, ordinal, reason."""
    e = run_errors.c
    query = (
        select(runs.c.name.label("run"), e.example_id, e.ordinal, e.reason)
        .join(runs, runs.c.id == e.run_id)
        .where(e.run_id.in_(run_ids))
        .order_by(e.id)
    )
    return _stream(store, query)


def studies_of_runs(
    store: Store, run_ids: Sequence[int], also: str | None = None
) -> list[dict[str, Any]]:
    """The studies that any of these runs is in, and one by its name: steps, runs, outputs."""
    with store.read() as connection:
        mine = select(study_runs.c.study_id).where(study_runs.c.run_id.in_(run_ids))
        found = connection.execute(
            select(studies)
            .where(or_(studies.c.id.in_(mine), studies.c.name == also))
            .order_by(studies.c.id)
        ).all()
        made = []
        for study in found:
            of_runs = (
                select(runs.c.name)
                .join(study_runs, study_runs.c.run_id == runs.c.id)
                .where(study_runs.c.study_id == study.id)
                .order_by(study_runs.c.position)
            )
            sampled = select(slots.c.prediction_id).where(
                slots.c.study_id == study.id, slots.c.place == 0
            )
            made.append(
                {
                    "name": study.name,
                    "steps": study.steps,
                    "ask_order": bool(study.ask_order),
                    "annotators": study.annotators,
                    "runs": list(connection.scalars(of_runs)),
                    "outputs": sorted(connection.scalars(sampled)),
                }
            )
    return made


def runs_named(store: Store, names: Sequence[str]) -> dict[str, int]:
    """Run → its number, of those that are there."""
    query = select(runs.c.name, runs.c.id).where(runs.c.name.in_(names))
    with store.read() as connection:
        return {row.name: row.id for row in connection.execute(query)}


def _stream(store: Store, query: Select[Any]) -> Rows:
    with store.read() as connection:
        for row in connection.execution_options(yield_per=BATCH).execute(query):
            yield dict(row._mapping)

"""Rows of judgments, predictions and remarks, streamed in a stable order with flat memory.

Nothing is sorted or held: each query follows an index. Judgments and remarks come in the order in
which they were given, so that a later export begins with the rows of an earlier one.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from sit_core.records import JudgeKind
from sit_core.sources.own_export import checksum
from sit_core.store.engine import Store
from sit_core.store.guideline_versions import UNKNOWN, guideline_versions
from sit_core.store.schema import (
    examples,
    guidelines,
    judges,
    judgments,
    predictions,
    remarks,
    runs,
    slots,
    studies,
)
from sit_core.store.verdict_state import Selection

BATCH = 2000
Rows = Iterator[dict[str, Any]]


def judgments_of(store: Store, scopes: Sequence[Selection]) -> Rows:
    """Every revision of every verdict, of people, LLMs and rules."""
    j = judgments
    newer = j.alias("newer")
    superseded = exists().where(
        func.coalesce(newer.c.study_id, 0) == func.coalesce(j.c.study_id, 0),
        newer.c.prediction_id == j.c.prediction_id,
        newer.c.judge_id == j.c.judge_id,
        newer.c.step == j.c.step,
        newer.c.revision > j.c.revision,
    )
    query = (
        select(
            j.c.id,
            j.c.study_id,
            j.c.judge_id,
            j.c.prediction_id,
            j.c.step,
            j.c.verdict,
            j.c.score,
            j.c.revision,
            superseded.label("superseded"),
            j.c.seconds,
            j.c.created_at,
            j.c.guidelines_id,
            predictions.c.example_id,
            predictions.c.run_id,
        )
        .join_from(j, predictions, predictions.c.id == j.c.prediction_id)
        .where(_seen(store, j.c, scopes))
        .order_by(j.c.id)
    )
    look = _Names(store)
    for row in _stream(store, query):
        kind, judge = look.judges[row.judge_id]
        yield {
            "study": look.studies.get(row.study_id),
            "run": look.runs[row.run_id],
            "prediction_id": row.prediction_id,
            "example_id": row.example_id,
            "step": row.step,
            "verdict": row.verdict,
            "score": row.score,
            "revision": row.revision,
            "is_current": not row.superseded,
            "judge": judge,
            "judge_kind": kind,
            "seconds": row.seconds,
            "created_at": _time(row.created_at),
            "guidelines_version": (
                look.versions.get(row.guidelines_id, UNKNOWN) if kind == JudgeKind.HUMAN else None
            ),
        }


def remarks_of(store: Store, scopes: Sequence[Selection]) -> Rows:
    """Every revision of every note and flag."""
    newer = remarks.alias("newer")
    superseded = exists().where(
        newer.c.study_id == remarks.c.study_id,
        newer.c.prediction_id == remarks.c.prediction_id,
        newer.c.judge_id == remarks.c.judge_id,
        newer.c.revision > remarks.c.revision,
    )
    query = (
        select(
            *(remarks.c[c] for c in ("study_id", "judge_id", "prediction_id", "revision")),
            remarks.c.note,
            remarks.c.flagged,
            remarks.c.created_at,
            superseded.label("superseded"),
            predictions.c.example_id,
            predictions.c.run_id,
        )
        .join_from(remarks, predictions, predictions.c.id == remarks.c.prediction_id)
        .where(_seen(store, remarks.c, scopes))
        .order_by(remarks.c.id)
    )
    look = _Names(store)
    for row in _stream(store, query):
        yield {
            "study": look.studies.get(row.study_id),
            "run": look.runs[row.run_id],
            "prediction_id": row.prediction_id,
            "example_id": row.example_id,
            "note": row.note,
            "flagged": row.flagged,
            "revision": row.revision,
            "is_current": not row.superseded,
            "judge": look.judges[row.judge_id][1],
            "created_at": _time(row.created_at),
        }


def guidelines_of(store: Store, study_names: Sequence[str] | None) -> Rows:
    """Every wording of these studies' guidelines (None: of all), which judgments refer to."""
    names = None if study_names is None else list(study_names)
    for one in guideline_versions(store, names):
        yield {
            "study": one.study,
            "guidelines_version": str(one.version),
            "sha256": one.sha256,
            "text": one.text,
            "created_at": _time(one.created_at),
        }


def predictions_of(store: Store, scopes: Sequence[Selection]) -> Rows:
    """Outputs with their examples, run by run, in the order of the run."""
    for scope in scopes:
        for run, run_id in zip(scope.runs, scope.run_ids, strict=True):
            query = (
                select(
                    predictions.c.id.label("prediction_id"),
                    predictions.c.example_id,
                    predictions.c.ordinal,
                    examples.c.instruction,
                    examples.c.input,
                    predictions.c.output,
                    examples.c.reference,
                    examples.c.steps,
                    examples.c.language,
                    examples.c.image,
                    predictions.c.length,
                    predictions.c.outcome,
                    predictions.c.thoughts,
                    predictions.c.meta,
                    examples.c.meta.label("example_meta"),
                )
                .join_from(predictions, examples, examples.c.id == predictions.c.example_id)
                .where(predictions.c.run_id == run_id)
                .order_by(predictions.c.row)
            )
            if scope.study_id is not None:
                sampled = exists().where(
                    slots.c.study_id == scope.study_id,
                    slots.c.prediction_id == predictions.c.id,
                )
                query = query.where(sampled)
            for row in _stream(store, query):
                said = {"run": run, **row._mapping}
                yield {**said, "checksum": checksum(said)}


class _Names:
    """What the numbers stand for; small tables, read once."""

    def __init__(self, store: Store) -> None:
        with store.read() as connection:
            self.judges = {
                r.id: (r.kind, r.name)
                for r in connection.execute(select(judges.c.id, judges.c.kind, judges.c.name))
            }
            self.runs = {r.id: r.name for r in connection.execute(select(runs.c.id, runs.c.name))}
            g = guidelines.c
            self.versions = {
                r.id: str(r.version) for r in connection.execute(select(g.id, g.version))
            }
            self.studies = {
                r.id: r.name for r in connection.execute(select(studies.c.id, studies.c.name))
            }


def _seen(store: Store, columns: Any, scopes: Sequence[Selection]) -> ColumnElement[bool]:
    """Which judgments belong to the scopes: a study's (and machines' outside it), or all of runs.

    SQLite would rather start from another index and then sort all rows; an expression instead of
    the bare column keeps it reading in the order of the id.
    """
    study_id = columns.study_id + 0 if store.is_sqlite else columns.study_id
    run_id = predictions.c.run_id + 0 if store.is_sqlite else predictions.c.run_id
    found: list[ColumnElement[bool]] = []
    for scope in scopes:
        of_runs = run_id.in_(scope.run_ids)
        if scope.study_id is None:
            found.append(of_runs)
            continue
        people = select(judges.c.id).where(judges.c.kind == JudgeKind.HUMAN)
        sampled = exists().where(
            slots.c.study_id == scope.study_id, slots.c.prediction_id == columns.prediction_id
        )
        machine = and_(study_id.is_(None), columns.judge_id.not_in(people), sampled)
        found.append(and_(of_runs, or_(study_id == scope.study_id, machine)))
    return or_(*found)


def _stream(store: Store, query: Select[Any]) -> Iterator[Any]:
    with store.read() as connection:
        yield from connection.execution_options(yield_per=BATCH).execute(query)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

"""Stored outputs to be shown once more on the Live page, with what was asked and when they came."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from sit_core.errors import SitError
from sit_core.records import Example, Outcome
from sit_core.store.engine import Store
from sit_core.store.run_contents import EXAMPLE_COLUMNS, example_of, run_number
from sit_core.store.schema import examples, predictions, runs
from sit_core.store.study_plan import is_text

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """One output as it is in the store."""

    id: str
    run: str
    model: str | None
    adapter: str | None
    row: int
    """Its place in its run, from 0."""
    ordinal: int
    example: Example
    match_key: str
    """What is the same question in all runs has the same one."""
    output: str
    outcome: Outcome | None
    """How its call ended; None where that is not known."""
    reason: str | None
    """Why it is cut or refused, where somebody said so. Untrusted text."""
    thoughts: str
    stored_at: float
    """When the output was made, or its run came into the store; seconds since 1970."""
    made_here: bool
    """Whether `stored_at` is when it was made; else its run was imported, or begun, then."""


def output_number(store: Store, run: str, number: int) -> str | None:
    """The id of a run's output number ``number`` (from 0, in the order of its rows), if it has one.

    Raises:
        SitError: there is no such run.
    """
    with store.read() as connection:
        run_id = run_number(connection, run)
        found: str | None = connection.scalar(
            select(predictions.c.id)
            .where(predictions.c.run_id == run_id)
            .order_by(predictions.c.row, predictions.c.id)
            .offset(max(0, number))
            .limit(1)
        )
        return found


def place_in_run(store: Store, found: StoredOutput) -> tuple[int, int]:
    """Which of its run's outputs it is, from 0 (as `output_number` counts), and how many it has."""
    p = predictions.c
    before = (p.row < found.row) | ((p.row == found.row) & (p.id < found.id))
    with store.read() as connection:
        of_run = p.run_id == run_number(connection, found.run)
        counts = [
            connection.scalar(select(func.count()).select_from(predictions).where(of_run, *more))
            for more in ((before,), ())
        ]
        return counts[0] or 0, counts[1] or 0


def same_question(store: Store, found: StoredOutput) -> list[tuple[str, str]]:
    """(run, id) of all outputs for the same question, however it is written, one per run."""
    p = predictions.c
    with store.read() as connection:
        rows = connection.execute(
            select(runs.c.name, p.id)
            .join(runs, runs.c.id == p.run_id)
            .join(examples, examples.c.id == p.example_id)
            .where(examples.c.match_key == found.match_key)
            .order_by(runs.c.created_at.desc(), runs.c.id.desc(), p.ordinal, p.row)
        )
        one_each: dict[str, str] = {}
        for run, output in rows:
            one_each.setdefault(run, output)
    return [*(one_each | {found.run: found.id}).items()]


def stored_outputs(store: Store, ids: Sequence[str]) -> list[StoredOutput]:
    """The outputs with these ids, in that order; all of them for one question.

    Raises:
        SitError: one is not there, or they are for different questions.
    """
    p = predictions.c
    query = (
        select(
            p.id,
            runs.c.name.label("run"),
            runs.c.model,
            runs.c.adapter,
            runs.c.created_at,
            p.row,
            p.ordinal,
            p.output,
            p.outcome,
            p.thoughts,
            p.meta.label("output_meta"),
            examples.c.match_key,
            *EXAMPLE_COLUMNS,
        )
        .join(runs, runs.c.id == p.run_id)
        .join(examples, examples.c.id == p.example_id)
        .where(p.id.in_([output for output in ids if is_text(output)]))
    )
    with store.read() as connection:
        rows = {row.id: row for row in connection.execute(query)}
    missing = [output for output in ids if output not in rows]
    if missing:
        raise SitError(
            f"There is no output with the id {missing[0][:_SHOWN]!r} in this store; the link is "
            "cut off, or it comes from another store."
        )
    if len({row.match_key for row in rows.values()}) > 1:
        raise SitError("These outputs answer different questions; replay those of one question.")
    return [_stored(rows[output]) for output in ids]


def _stored(row: Any) -> StoredOutput:
    meta = row.output_meta or {}
    made_at = meta.get("at")
    made_here = type(made_at) in (int, float)
    outcome = Outcome(row.outcome) if row.outcome else None
    if outcome is None and meta.get("cut") is True:
        outcome = Outcome.CUT
    reason = meta.get("reason")
    return StoredOutput(
        id=row.id,
        run=row.run,
        model=row.model,
        adapter=row.adapter,
        row=row.row,
        ordinal=row.ordinal,
        example=example_of(row),
        match_key=row.match_key,
        output=row.output,
        outcome=outcome,
        reason=str(reason) if reason else None,
        thoughts=row.thoughts or "",
        stored_at=float(made_at or 0) if made_here else row.created_at,
        made_here=made_here,
    )

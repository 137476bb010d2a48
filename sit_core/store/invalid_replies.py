"""Outputs that an LLM judge was asked about without a usable verdict: why, and what it replied.

Comparisons without a preference are among them, once for each order that has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, String, Subquery, cast, func, literal, null, select, union_all

from sit_core.store.engine import Store
from sit_core.store.llm_judgments import llm_judge_number
from sit_core.store.schema import duels, judgments, predictions, runs, unusable


@dataclass(frozen=True, slots=True)
class UnusableReply:
    """One reply that says nothing usable."""

    prediction_id: str
    run: str
    step: str
    """A step's key; of a comparison ``place 1`` or ``place 2``: where the output stood."""
    reason: str
    reply: str
    """As it came; untrusted text."""
    against_id: str | None
    """Of a comparison: the other output."""


def unusable_reasons(store: Store, judge: str, names: Sequence[str] = ()) -> dict[str, int]:
    """Why → how many, the commonest first.

    Args:
        store: where.
        judge: the judge's name.
        names: of runs; empty: all.

    Raises:
        SitError: there is no such judge.
    """
    found = _unusable(llm_judge_number(store, judge), names)
    query = (
        select(found.c.reason, func.count())
        .group_by(found.c.reason)
        .order_by(func.count().desc(), found.c.reason)
    )
    with store.read() as connection:
        return dict(connection.execute(query).tuples().all())


def unusable_replies(
    store: Store,
    judge: str,
    names: Sequence[str] = (),
    *,
    reason: str | None = None,
    offset: int = 0,
    limit: int = 200,
) -> list[UnusableReply]:
    """The replies, run by run in the order of the outputs.

    Args:
        store: where.
        judge: the judge's name.
        names: of runs; empty: all.
        reason: only those with this one.
        offset: from this one on.
        limit: so many at most.

    Raises:
        SitError: there is no such judge.
    """
    found = _unusable(llm_judge_number(store, judge), names)
    query = select(
        found.c.prediction_id,
        found.c.run,
        found.c.step,
        found.c.reason,
        found.c.reply,
        found.c.against_id,
    )
    if reason is not None:
        query = query.where(found.c.reason == reason)
    order = (found.c.run, found.c.row, found.c.prediction_id, found.c.step)
    with store.read() as connection:
        rows = connection.execute(query.order_by(*order).offset(offset).limit(limit))
        return [UnusableReply(*row) for row in rows]


def _unusable(who: int, names: Sequence[str]) -> Subquery:
    """prediction_id, run, row, step, reason, reply, against_id."""
    u, d, p = unusable.c, duels.c, predictions.c
    same = (judgments.c.prediction_id == u.prediction_id, judgments.c.step == u.step)
    # One that has a verdict at this step is no longer unusable, whatever came later.
    has_one = select(judgments.c.id).where(*same, judgments.c.judge_id == who).exists()
    single: Select[tuple[str, ...]] = (
        select(u.prediction_id, runs.c.name.label("run"), p.row, u.step, u.reason, u.reply)
        .add_columns(cast(null(), String).label("against_id"))
        .join(predictions, p.id == u.prediction_id)
        .join(runs, runs.c.id == p.run_id)
        .where(u.judge_id == who, ~has_one)
    )
    place = (literal("place ") + cast(d.place, String)).label("step")
    pairs: Select[tuple[str, ...]] = (
        select(d.prediction_id, runs.c.name.label("run"), p.row, place, d.reason, d.reply)
        .add_columns(d.against_id)
        .join(predictions, p.id == d.prediction_id)
        .join(runs, runs.c.id == p.run_id)
        .where(d.judge_id == who, d.reason.is_not(None))
    )
    if names:
        single = single.where(runs.c.name.in_(names))
        pairs = pairs.where(runs.c.name.in_(names))
    return union_all(single, pairs).subquery()

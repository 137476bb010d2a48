"""Who judges what next: samples are claimed for a time, never by more than k people.

A sample has k slots (see `sit_core.store.schema.slots`). Claiming takes a free slot, or one whose
time limit has passed, in one statement of the caller's write transaction; that a sample never gets
a k+1st annotator, nor one person twice, is what the table's constraints say, not this code alone.
Call these functions inside ``store.write()``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sit_core.store.schema import skips, slots
from sit_core.store.studies import Study


@dataclass(frozen=True, slots=True)
class Claim:
    """A sample that somebody has in hand."""

    prediction_id: str
    position: int
    """Its place in the study's shuffled order, from 0."""


@dataclass(frozen=True, slots=True)
class AnnotationProgress:
    """How far a study is, for one annotator and as a whole. Counts of samples."""

    mine: int
    """Judged by this annotator."""
    left: int
    """Still to be had by this annotator, those in hand included, those put off left out."""
    skipped: int
    """Put off by this annotator and still open."""
    held: int
    """Open only at other annotators just now: they come free when judged or timed out."""
    free_at: float | None
    """When the first of those times out."""
    done: int
    """Judgments of whole samples by everybody …"""
    total: int
    """… out of this many (samples × k)."""


def held(connection: Connection, study: Study, judge: int) -> list[Claim]:
    """What this annotator has in hand, in queue order.

    A claim that ran out still counts as long as nobody else took the slot.
    """
    rows = connection.execute(
        select(slots.c.prediction_id, slots.c.position).where(
            slots.c.study_id == study.id, slots.c.judge_id == judge, slots.c.done_at.is_(None)
        )
    )
    # Sorted here: asked to sort, SQLite walks all that the annotator ever judged.
    return sorted((Claim(*row) for row in rows), key=lambda claim: claim.position)


def take(
    connection: Connection, study: Study, judge: int, now: float, want: int, skipped: bool = False
) -> list[Claim]:
    """Have ``want`` samples in hand: the ones that are, renewed, then the next of the queue.

    Args:
        connection: inside a write transaction.
        study: where.
        judge: the annotator.
        now: seconds since 1970.
        want: how many samples to hold; fewer come back when no more can be had.
        skipped: offer the samples again that this annotator put off.
    """
    if skipped:
        connection.execute(
            delete(skips).where(skips.c.study_id == study.id, skips.c.judge_id == judge)
        )
    until = now + study.claim_minutes * 60
    mine = held(connection, study, judge)
    if mine:
        # Only when half the time has gone: a renewal on every key would be a write for nothing.
        connection.execute(
            update(slots)
            .where(
                slots.c.study_id == study.id,
                slots.c.judge_id == judge,
                slots.c.done_at.is_(None),
                slots.c.claimed_until < now + study.claim_minutes * 30,
            )
            .values(claimed_until=until)
        )
    if len(mine) >= want:
        return mine
    last = connection.scalar(
        select(func.max(slots.c.position)).where(
            slots.c.study_id == study.id, slots.c.judge_id == judge
        )
    )
    # First what comes after this annotator's last sample: nothing before it needs to be looked
    # at. Only when that is used up, what others left behind further up.
    ranges = [slots.c.position > last, slots.c.position < last] if last is not None else [None]
    for positions in ranges:
        while len(mine) < want:
            claim = _claim_one(connection, study, judge, now, until, positions)
            if claim is None:
                break
            mine.append(claim)
    return sorted(mine, key=lambda claim: claim.position)


def _claim_one(
    connection: Connection,
    study: Study,
    judge: int,
    now: float,
    until: float,
    positions: ColumnElement[bool] | None,
) -> Claim | None:
    query = select(slots.c.id).where(*_open_to(study, judge, now))
    if positions is not None:
        query = query.where(positions)
    query = query.order_by(slots.c.position, slots.c.place).limit(1)
    if connection.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    row = connection.execute(
        update(slots)
        .where(slots.c.id == query.scalar_subquery())
        .values(judge_id=judge, claimed_until=until)
        .returning(slots.c.prediction_id, slots.c.position)
    ).first()
    return Claim(*row) if row else None


def _open_to(study: Study, judge: int, now: float) -> list[ColumnElement[bool]]:
    """Slots that this annotator may take: free or timed out, of a sample not yet theirs."""
    theirs = slots.alias("theirs")
    return [
        slots.c.study_id == study.id,
        slots.c.done_at.is_(None),
        or_(slots.c.judge_id.is_(None), slots.c.claimed_until < now),
        ~select(theirs.c.id)
        .where(
            theirs.c.study_id == slots.c.study_id,
            theirs.c.prediction_id == slots.c.prediction_id,
            theirs.c.judge_id == judge,
        )
        .exists(),
        ~_skipped_by(judge),
    ]


def _skipped_by(judge: int) -> Any:
    return (
        select(skips.c.prediction_id)
        .where(
            skips.c.study_id == slots.c.study_id,
            skips.c.judge_id == judge,
            skips.c.prediction_id == slots.c.prediction_id,
        )
        .exists()
    )


def hold(connection: Connection, study: Study, judge: int, prediction_id: str, now: float) -> bool:
    """Make sure that this annotator has a slot at this very sample; False when all are taken.

    Locks the slot, so that two windows of one annotator can't submit it at the same time.
    """
    mine = select(slots.c.id).where(
        slots.c.study_id == study.id,
        slots.c.prediction_id == prediction_id,
        slots.c.judge_id == judge,
    )
    if connection.scalar(mine.with_for_update()) is not None:
        return True
    free = (
        select(slots.c.id)
        .where(
            slots.c.study_id == study.id,
            slots.c.prediction_id == prediction_id,
            slots.c.done_at.is_(None),
            or_(slots.c.judge_id.is_(None), slots.c.claimed_until < now),
        )
        .order_by(slots.c.place)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    until = now + study.claim_minutes * 60
    taken = connection.execute(
        update(slots)
        .where(slots.c.id == free.scalar_subquery())
        .values(judge_id=judge, claimed_until=until)
    )
    return taken.rowcount == 1


def finish(
    connection: Connection, study: Study, judge: int, prediction_id: str, now: float
) -> None:
    """Mark this annotator's slot as judged; once marked it stays so."""
    connection.execute(
        update(slots)
        .where(
            slots.c.study_id == study.id,
            slots.c.prediction_id == prediction_id,
            slots.c.judge_id == judge,
            slots.c.done_at.is_(None),
        )
        .values(done_at=now, claimed_until=None)
    )
    connection.execute(
        delete(skips).where(
            skips.c.study_id == study.id,
            skips.c.judge_id == judge,
            skips.c.prediction_id == prediction_id,
        )
    )


def skip(
    connection: Connection, study: Study, judge: int, prediction_ids: Sequence[str], now: float
) -> None:
    """Put samples off: others may have them, this annotator is offered them again on request."""
    for prediction_id in prediction_ids:
        freed = connection.execute(
            update(slots)
            .where(
                slots.c.study_id == study.id,
                slots.c.prediction_id == prediction_id,
                slots.c.judge_id == judge,
                slots.c.done_at.is_(None),
            )
            .values(judge_id=None, claimed_until=None)
        )
        if freed.rowcount:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            connection.execute(
                dialect.insert(skips)
                .values(
                    study_id=study.id, judge_id=judge, prediction_id=prediction_id, created_at=now
                )
                .on_conflict_do_nothing()
            )


def release(connection: Connection, study: Study, judge: int) -> None:
    """Give back everything this annotator has in hand and has not judged."""
    connection.execute(
        update(slots)
        .where(slots.c.study_id == study.id, slots.c.judge_id == judge, slots.c.done_at.is_(None))
        .values(judge_id=None, claimed_until=None)
    )


def finished(connection: Connection, study: Study, judge: int, limit: int) -> list[str]:
    """The ids of what this annotator judged, the latest first."""
    query = (
        select(slots.c.prediction_id)
        .where(*_finished_by(study, judge))
        .order_by(slots.c.done_at.desc(), slots.c.id.desc())
        .limit(limit)
    )
    return list(connection.scalars(query))


def finished_before(
    connection: Connection, study: Study, judge: int, prediction_id: str
) -> str | None:
    """What this annotator judged just before that sample; the latest if that one is not judged."""
    place = connection.execute(
        select(slots.c.done_at, slots.c.id).where(
            *_finished_by(study, judge), slots.c.prediction_id == prediction_id
        )
    ).first()
    query = select(slots.c.prediction_id).where(*_finished_by(study, judge))
    if place is not None:  # samples of one turn have one time
        query = query.where(
            or_(
                slots.c.done_at < place.done_at,
                and_(slots.c.done_at == place.done_at, slots.c.id < place.id),
            )
        )
    return connection.scalar(query.order_by(slots.c.done_at.desc(), slots.c.id.desc()).limit(1))


def _finished_by(study: Study, judge: int) -> list[ColumnElement[bool]]:
    return [
        slots.c.study_id == study.id,
        slots.c.judge_id == judge,
        slots.c.done_at.is_not(None),
    ]


def progress(connection: Connection, study: Study, judge: int, now: float) -> AnnotationProgress:
    """Count what is done and what is left; reads the study's slots once."""
    mine = slots.c.judge_id.is_not_distinct_from(judge)
    per_sample = (
        select(
            func.max(_one(mine & slots.c.done_at.is_not(None))).label("mine_done"),
            func.max(_one(mine & slots.c.done_at.is_(None))).label("in_hand"),
            func.max(
                _one(
                    slots.c.done_at.is_(None)
                    & or_(slots.c.judge_id.is_(None), slots.c.claimed_until < now)
                )
            ).label("free"),
            func.max(_one(slots.c.done_at.is_(None))).label("open"),
            func.min(slots.c.claimed_until).label("free_at"),
            func.count(slots.c.done_at).label("done"),
            func.count().label("places"),
            func.max(_one(_skipped_by(judge))).label("skipped"),
        )
        .where(slots.c.study_id == study.id)
        .group_by(slots.c.prediction_id)
        .subquery()
    )
    s = per_sample.c
    others = (s.mine_done == 0) & (s.in_hand == 0)
    waits = others & (s.skipped == 0) & (s.free == 0) & (s.open == 1)
    row = connection.execute(
        select(
            func.coalesce(func.sum(s.mine_done), 0),
            func.coalesce(func.sum(_one(_left(s, others))), 0),
            func.coalesce(func.sum(_one(others & (s.skipped == 1) & (s.open == 1))), 0),
            func.coalesce(func.sum(_one(waits)), 0),
            func.min(s.free_at).filter(waits),
            func.coalesce(func.sum(s.done), 0),
            func.coalesce(func.sum(s.places), 0),
        )
    ).one()
    mine_done, left, skipped, held_by_others, free_at, done, total = row
    # PostgreSQL sums into decimals, which are no JSON.
    return AnnotationProgress(
        mine=int(mine_done),
        left=int(left),
        skipped=int(skipped),
        held=int(held_by_others),
        free_at=None if free_at is None else float(free_at),
        done=int(done),
        total=int(total),
    )


def _left(s: Any, others: ColumnElement[bool]) -> ColumnElement[bool]:
    left: ColumnElement[bool] = or_(s.in_hand == 1, others & (s.skipped == 0) & (s.open == 1))
    return left


def _one(condition: Any) -> ColumnElement[int]:
    return case((condition, 1), else_=0)

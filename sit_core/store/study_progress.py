"""How far the studies are: how many of their samples' annotator places are judged, by how many.

Also what each of them has for one annotator, and how long a sample of it takes.
"""

import statistics
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from sit_core.records import JudgeKind
from sit_core.store.engine import Store
from sit_core.store.schema import judges, judgments, practice_samples, skips, slots, studies

MEASURED = 200
"""So many of the samples judged last tell how long one takes …"""
ENOUGH = 3
"""… if there are at least so many."""


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """Counted in slots: a sample with k annotators has k of them."""

    done: int
    slots: int
    samples: int
    """Outputs to judge: examples × runs."""
    people: int
    """Who judged a sample; having one in hand is not enough."""

    @property
    def share(self) -> float:
        """Done as a share of all, from 0 to 1."""
        return self.done / self.slots if self.slots else 0.0


def study_progress(store: Store) -> dict[str, StudyProgress]:
    """The progress of every study, by its name; one pass over the slots."""
    query = (
        select(
            studies.c.name,
            func.count(slots.c.done_at),
            func.count(slots.c.id),
            func.count(slots.c.id).filter(slots.c.place == 0),
            func.count(slots.c.judge_id.distinct()).filter(slots.c.done_at.is_not(None)),
        )
        .outerjoin(slots, slots.c.study_id == studies.c.id)
        .group_by(studies.c.id, studies.c.name)
    )
    with store.read() as connection:
        return {row[0]: StudyProgress(*row[1:]) for row in connection.execute(query)}


@dataclass(frozen=True, slots=True)
class StudyForAnnotator:
    """What one study has for one annotator. Counts of samples."""

    study: str
    mine: int
    """Judged by this annotator."""
    left: int
    """Still to be had, as `sit_core.store.queue.AnnotationProgress.left` counts it."""
    done: int
    """Judgments of whole samples by everybody …"""
    total: int
    """… out of this many (samples × annotators per sample)."""
    people: int
    """Who judged a sample."""
    archived: bool = False


def progress_of_all(connection: Connection, judge: int | None) -> list[StudyForAnnotator]:
    """Every study, the newest first, as it stands for this annotator.

    Args:
        connection: to read from.
        judge: the annotator's number; None: somebody who has never judged.
    """
    s = slots.c
    totals = {
        row.study_id: row
        for row in connection.execute(
            select(
                s.study_id,
                func.count(s.done_at).label("done"),
                func.count(s.id).label("total"),
                func.count(s.judge_id.distinct()).filter(s.done_at.is_not(None)).label("people"),
            ).group_by(s.study_id)
        )
    }
    with_open_slot: dict[int, int] = {
        row[0]: row[1]
        for row in connection.execute(
            select(s.study_id, func.count(s.prediction_id.distinct()))
            .where(s.done_at.is_(None))
            .group_by(s.study_id)
        )
    }
    mine: dict[int, int] = {}
    not_for_me: dict[int, int] = {}
    if judge is not None:
        still_open = slots.alias("still_open")
        is_open = (
            select(still_open.c.id)
            .where(
                still_open.c.study_id == s.study_id,
                still_open.c.prediction_id == s.prediction_id,
                still_open.c.done_at.is_(None),
            )
            .exists()
        )
        rows = connection.execute(
            select(s.study_id, func.count(), func.count().filter(is_open))
            .where(s.judge_id == judge, s.done_at.is_not(None))
            .group_by(s.study_id)
        )
        for study_id, judged, open_still in rows:
            mine[study_id], not_for_me[study_id] = judged, open_still
        k = skips.c
        theirs = select(slots.c.id).where(
            slots.c.study_id == k.study_id, slots.c.prediction_id == k.prediction_id
        )
        skipped = connection.execute(
            select(k.study_id, func.count())
            .where(
                k.judge_id == judge,
                theirs.where(slots.c.done_at.is_(None)).exists(),
                ~theirs.where(slots.c.judge_id == judge).exists(),
            )
            .group_by(k.study_id)
        )
        for study_id, count in skipped:
            not_for_me[study_id] = not_for_me.get(study_id, 0) + count
    found = []
    rows = connection.execute(
        select(studies.c.id, studies.c.name, studies.c.archived_at).order_by(
            studies.c.created_at.desc(), studies.c.id.desc()
        )
    )
    for number, name, archived_at in rows:
        row = totals.get(number)
        found.append(
            StudyForAnnotator(
                study=name,
                mine=mine.get(number, 0),
                left=with_open_slot.get(number, 0) - not_for_me.get(number, 0),
                done=row.done if row else 0,
                total=row.total if row else 0,
                people=row.people if row else 0,
                archived=archived_at is not None,
            )
        )
    return found


def studies_for_annotator(store: Store, name: str | None) -> list[StudyForAnnotator]:
    """The same by the annotator's name; None or somebody unknown: who has never judged."""
    with store.read() as connection:
        query = select(judges.c.id).where(
            judges.c.kind == JudgeKind.HUMAN.value, judges.c.name == name
        )
        return progress_of_all(connection, connection.scalar(query) if name else None)


def practice_counts(store: Store) -> dict[str, int]:
    """How many practice samples each study has, where it has some."""
    query = (
        select(studies.c.name, func.count())
        .join(practice_samples, practice_samples.c.study_id == studies.c.id)
        .where(practice_samples.c.removed_at.is_(None))
        .group_by(studies.c.name)
    )
    with store.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def seconds_per_sample(store: Store, study_id: int) -> float | None:
    """The median of what the samples judged last in a study took; None where that is not known.

    From a sample's appearance to its last verdict, as it was judged first; a median, because some
    of these hold a break.
    """
    s, j = slots.c, judgments.c
    last = (
        select(s.study_id, s.prediction_id, s.judge_id)
        .where(s.study_id == study_id, s.done_at.is_not(None))
        .order_by(s.done_at.desc())
        .limit(MEASURED)
        .subquery()
    )
    query = (
        select(func.max(j.seconds))
        .join_from(
            last,
            judgments,
            (j.prediction_id == last.c.prediction_id)
            & (j.judge_id == last.c.judge_id)
            & (j.study_id == last.c.study_id),
        )
        .where(j.seconds.is_not(None), j.revision == 1)
        .group_by(last.c.prediction_id, last.c.judge_id)
    )
    with store.read() as connection:
        measured = list(connection.scalars(query))
    return statistics.median(measured) if len(measured) >= ENOUGH else None

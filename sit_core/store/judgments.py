"""Write judgments: only ever added, idempotent, one transaction per submission.

A submission carries, per step, the verdict and the revision it is based on (0: none yet). What is
stored is revision ``base + 1``; a repetition of the same submission finds its rows there and
changes nothing; one that is based on something older than what is stored is a conflict and stores
nothing.

Judges: people, LLMs and rules, by kind and name.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from sit_core.names import new_name
from sit_core.records import JudgeKind, Verdict
from sit_core.store.engine import Store
from sit_core.store.guideline_versions import version_id
from sit_core.store.sample_verdicts import summarise
from sit_core.store.schema import judges, judgments, remarks


@dataclass(frozen=True, slots=True)
class CurrentVerdict:
    """What stands in the store for one step: the newest verdict and its revision."""

    verdict: Verdict
    revision: int


@dataclass(frozen=True, slots=True)
class Remark:
    """An annotator's note and flag on a sample."""

    note: str = ""
    flagged: bool = False
    revision: int = 0
    """0: none stored."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What one annotator says of one sample, at once."""

    prediction_id: str
    verdicts: Mapping[str, Verdict]
    """Step key (or ``in_order``) → verdict."""
    base: Mapping[str, int] = field(default_factory=dict)
    """Step key → the revision that was on the screen; absent or 0 for none."""
    remark: Remark | None = None
    """None: unchanged. Its ``revision`` is the one it is based on."""
    seconds: float | None = None
    """From the sample's appearance to the last verdict."""
    guidelines: int | None = None
    """The version of the study's guidelines that the annotator had; None: not known."""


@dataclass(frozen=True, slots=True)
class SampleVerdicts:
    """What the store holds of one annotator on one sample."""

    said: Mapping[str, CurrentVerdict]
    remark: Remark


def standing(
    connection: Connection, study_id: int, judge: int, prediction_id: str
) -> SampleVerdicts:
    """The newest verdicts and the newest remark."""
    return standings(connection, study_id, judge, [prediction_id])[prediction_id]


def standings(
    connection: Connection, study_id: int, judge: int, prediction_ids: list[str]
) -> dict[str, SampleVerdicts]:
    """The same for several samples, in two queries."""
    said: dict[str, dict[str, CurrentVerdict]] = {p: {} for p in prediction_ids}
    rows = connection.execute(
        select(
            judgments.c.prediction_id,
            judgments.c.step,
            judgments.c.verdict,
            judgments.c.revision,
        )
        .where(
            judgments.c.study_id == study_id,
            judgments.c.judge_id == judge,
            judgments.c.prediction_id.in_(prediction_ids),
        )
        .order_by(judgments.c.revision)
    )
    for prediction_id, step, verdict, revision in rows:
        said[prediction_id][step] = CurrentVerdict(Verdict(verdict), revision)
    notes: dict[str, Remark] = {}
    rows = connection.execute(
        select(remarks.c.prediction_id, remarks.c.note, remarks.c.flagged, remarks.c.revision)
        .where(
            remarks.c.study_id == study_id,
            remarks.c.judge_id == judge,
            remarks.c.prediction_id.in_(prediction_ids),
        )
        .order_by(remarks.c.revision)
    )
    for prediction_id, note, flagged, revision in rows:
        notes[prediction_id] = Remark(note, flagged, revision)
    return {p: SampleVerdicts(said[p], notes.get(p, Remark())) for p in prediction_ids}


def submit(
    connection: Connection, study_id: int, judge: int, submission: Submission, now: float
) -> tuple[SampleVerdicts, bool]:
    """Store a submission.

    The caller holds the sample's slot (`queue.hold`), which keeps a second window of the same
    annotator out meanwhile.

    Returns:
        What stands in the store afterwards, and whether the submission agrees with it; False means
        that it was based on something older and nothing of it was stored.
    """
    before = standing(connection, study_id, judge, submission.prediction_id)
    new: list[tuple[str, Verdict, int]] = []
    for step, verdict in submission.verdicts.items():
        stored = before.said.get(step)
        base = submission.base.get(step, 0)
        if stored is not None and stored.verdict == verdict:
            continue  # said already: a repetition, or the same verdict again
        if (stored.revision if stored else 0) != base:
            return before, False
        new.append((step, verdict, base + 1))
    remark = submission.remark
    if remark is not None:
        same = (remark.note, remark.flagged) == (before.remark.note, before.remark.flagged)
        if same:
            remark = None
        elif remark.revision != before.remark.revision:
            return before, False
    if new:
        guidelines_id = version_id(connection, study_id, submission.guidelines)
        connection.execute(
            insert(judgments),
            [
                {
                    "study_id": study_id,
                    "prediction_id": submission.prediction_id,
                    "judge_id": judge,
                    "step": step,
                    "revision": revision,
                    "verdict": verdict.value,
                    "seconds": submission.seconds,
                    "created_at": now,
                    "guidelines_id": guidelines_id,
                }
                for step, verdict, revision in new
            ],
        )
        summarise(connection, [submission.prediction_id], [JudgeKind.HUMAN])
    if remark is not None:
        connection.execute(
            insert(remarks).values(
                study_id=study_id,
                prediction_id=submission.prediction_id,
                judge_id=judge,
                revision=remark.revision + 1,
                note=remark.note,
                flagged=remark.flagged,
                created_at=now,
            )
        )
    if not new and remark is None:
        return before, True
    said = dict(before.said) | {step: CurrentVerdict(v, revision) for step, v, revision in new}
    after = Remark(remark.note, remark.flagged, remark.revision + 1) if remark else before.remark
    return SampleVerdicts(said, after), True


MAX_NAME = 80


def annotator_name(name: str, known: Sequence[str] = ()) -> str:
    """A person's name as it is stored.

    Args:
        name: as typed.
        known: those who judged before; one of them is found however they were stored.

    >>> annotator_name("  Ann   Lee "), annotator_name(" x ", [" x "])
    ('Ann Lee', ' x ')

    Raises:
        UsageError: nothing is left of it, or it is too long.
    """
    if name in known:
        return name
    cleaned = new_name(name, "annotator", MAX_NAME)
    bare = "".join(c for c in cleaned if c not in "\u200c\u200d")  # as earlier versions stored it
    return bare if cleaned not in known and bare in known else cleaned


def judge_id(connection: Connection, kind: JudgeKind, name: str) -> int:
    """The judge's number; made on first use, also when two connections do so at once."""
    known = select(judges.c.id).where(judges.c.kind == kind.value, judges.c.name == name)
    found: int | None = connection.scalar(known)
    if found is not None:
        return found
    values = {"kind": kind.value, "name": name, "created_at": time.time()}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(judges).values(**values).on_conflict_do_nothing())
    made: int = connection.execute(known).scalar_one()
    return made


def annotator_names(store: Store) -> list[str]:
    """The people who have judged or signed in before, in alphabetical order."""
    with store.read() as connection:
        return list(
            connection.scalars(
                select(judges.c.name)
                .where(judges.c.kind == JudgeKind.HUMAN.value)
                .order_by(judges.c.name)
            )
        )

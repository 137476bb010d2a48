"""Look through all outputs: how many a filter finds, one page of them, what stands beside a hit.

Filtering and paging happen in the database; long texts are cut there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, tuple_

from sit_core.records import JudgeKind, Step, steps_from_json
from sit_core.store.browse_filter import (
    REMARKS,
    RULED,
    VERDICTS,
    WHITE_SPACE,
    Filter,
    conditions,
)
from sit_core.store.engine import Store
from sit_core.store.run_contents import ENDINGS
from sit_core.store.schema import (
    examples,
    former_run_names,
    former_study_names,
    judges,
    judgments,
    predictions,
    remarks,
    runs,
    scores,
    slots,
    studies,
)
from sit_core.store.score_filter import ScoreFilter
from sit_core.store.verdict_state import CHAIN

__all__ = [
    "CHAIN",
    "ENDINGS",
    "REMARKS",
    "RULED",
    "VERDICTS",
    "Filter",
    "GivenVerdict",
    "Hit",
    "HitPosition",
    "ScoreFilter",
    "count_hits",
    "judge_names",
    "page_of_hits",
    "place_among",
    "run_names",
    "version",
]

SNIPPET = 300
"""Characters of each text in a list of hits."""
_ORDER = (predictions.c.run_id, predictions.c.row, predictions.c.id)


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """One verdict that a judge gave."""

    judge: str
    kind: JudgeKind
    study: str | None
    step: str
    verdict: str
    revision: int
    created_at: float
    current: bool = True
    """Whether it is the judge's newest verdict on this step (in this study)."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One found output; texts are cut after `SNIPPET` characters."""

    id: str
    run: str
    row: int
    """Its place in its run, from 0."""
    instruction: str
    input: str
    output: str
    length: int
    verdicts: tuple[GivenVerdict, ...] = ()
    """The current ones."""
    score: float | None = None
    """The one that the filter asks about, where there is one."""
    steps: tuple[Step, ...] = ()
    """What is asked for, without the expected texts."""
    noted: bool = False
    """Whether an annotator's note on it stands; a note emptied again does not."""
    flagged: bool = False
    """Whether an annotator's flag stands."""


@dataclass(frozen=True, slots=True)
class HitPosition:
    """Where an output stands among the hits."""

    position: int
    """From 0."""
    before: str | None
    """The id of the hit before it."""
    after: str | None


def count_hits(store: Store, of: Filter) -> int:
    """How many outputs the filter finds.

    Raises:
        UsageError: all that the filter names and that is not there.
    """
    with store.read() as connection:
        query = select(func.count()).select_from(predictions).where(*conditions(connection, of))
        return connection.scalar(query) or 0


def page_of_hits(store: Store, of: Filter, *, offset: int = 0, limit: int = 50) -> list[Hit]:
    """The hits from number ``offset`` on, run by run in the order of their rows.

    Raises:
        UsageError: all that the filter names and that is not there.
    """
    p, e = predictions.c, examples.c
    with store.read() as connection:
        found = connection.scalars(
            select(p.id)
            .where(*conditions(connection, of))
            .order_by(*_ORDER)
            .offset(offset)
            .limit(limit)
        ).all()
        rows = connection.execute(
            select(
                p.id,
                runs.c.name,
                p.row,
                func.substr(e.instruction, 1, SNIPPET),
                func.substr(e.input, 1, SNIPPET),
                func.substr(p.output, 1, SNIPPET),
                p.length,
                e.steps,
            )
            .join(runs, runs.c.id == p.run_id)
            .join(examples, e.id == p.example_id)
            .where(p.id.in_(found))
            .order_by(*_ORDER)
        ).all()
        said = given(connection, found, only_current=True)
        values = _values(connection, found, of.score) if of.score else {}
        noted = _noted(connection, found)
    return [
        Hit(
            *row[:-1],
            tuple(said.get(row.id, ())),
            values.get(row.id),
            tuple(replace(step, expected=None) for step in steps_from_json(row.steps)),
            *noted.get(row.id, (False, False)),
        )
        for row in rows
    ]


def _noted(connection: Connection, found: Sequence[str]) -> dict[str, tuple[bool, bool]]:
    """Output → whether a note stands on it, and a flag: each annotator's newest revision counts."""
    r = remarks.c
    rows = connection.execute(
        select(r.prediction_id, r.study_id, r.judge_id, r.note, r.flagged)
        .where(r.prediction_id.in_(found))
        .order_by(r.revision)
    )
    newest = {(row.prediction_id, row.study_id, row.judge_id): row for row in rows}
    standing: dict[str, tuple[bool, bool]] = {}
    for row in newest.values():
        noted, flagged = standing.get(row.prediction_id, (False, False))
        standing[row.prediction_id] = (
            noted or bool(row.note.strip(WHITE_SPACE)),
            flagged or row.flagged,
        )
    return standing


def _values(connection: Connection, found: Sequence[str], of: ScoreFilter) -> dict[str, float]:
    """Output → the value of that score; with any settings, the newest."""
    s = scores.c
    query = (
        select(s.prediction_id, s.value)
        .where(s.prediction_id.in_(found), s.metric == of.metric, s.step == of.step)
        .where(s.value.is_not(None))
        .order_by(s.created_at)
    )
    if of.how is not None:
        query = query.where(s.how == of.how)
    return {row.prediction_id: row.value for row in connection.execute(query)}


def given(
    connection: Connection, prediction_ids: Sequence[str], *, only_current: bool
) -> dict[str, list[GivenVerdict]]:
    """The verdicts on these outputs, by study, judge and step, the newest revision first.

    Steps come in the order in which they were first judged, which is that of the chain.
    """
    j = judgments.c
    rows = connection.execute(
        select(
            j.prediction_id,
            judges.c.name,
            judges.c.kind,
            studies.c.name.label("study"),
            j.step,
            j.verdict,
            j.revision,
            j.created_at,
            j.id,
        )
        .join(judges, judges.c.id == j.judge_id)
        .outerjoin(studies, studies.c.id == j.study_id)
        .where(j.prediction_id.in_(prediction_ids))
        .order_by(j.study_id, judges.c.name, judges.c.id, j.revision.desc())
    )
    judged: dict[str, dict[Any, dict[str, list[Any]]]] = {}  # output → judge → step → revisions
    for row in rows:
        steps = judged.setdefault(row.prediction_id, {}).setdefault((row[1], row[2], row[3]), {})
        steps.setdefault(row.step, []).append(row)
    return {
        prediction_id: [
            _given(row, row is revisions[0])
            for steps in by_judge.values()
            for revisions in sorted(steps.values(), key=lambda rows: int(rows[-1].id))
            for row in (revisions[:1] if only_current else revisions)
        ]
        for prediction_id, by_judge in judged.items()
    }


def _given(row: Any, current: bool) -> GivenVerdict:
    return GivenVerdict(
        row.name,
        JudgeKind(row.kind),
        row.study,
        row.step,
        row.verdict,
        row.revision,
        row.created_at,
        current,
    )


def place_among(store: Store, of: Filter, prediction_id: str) -> HitPosition | None:
    """Where this output stands among the hits; None if it is none of them."""
    p = predictions.c
    with store.read() as connection:
        where = conditions(connection, of)
        if not where:
            return _place_among_all(connection, prediction_id)
        hits = (
            select(
                p.id,
                (func.row_number().over(order_by=_ORDER) - 1).label("position"),
                func.lag(p.id).over(order_by=_ORDER).label("before"),
                func.lead(p.id).over(order_by=_ORDER).label("after"),
            )
            .where(*where)
            .subquery()
        )
        query = select(hits.c.position, hits.c.before, hits.c.after)
        row = connection.execute(query.where(hits.c.id == prediction_id)).first()
    return None if row is None else HitPosition(*row)


def _place_among_all(connection: Connection, prediction_id: str) -> HitPosition | None:
    """The same where all outputs are hits, without putting them in order: an index has them so."""
    p = predictions.c
    here = connection.execute(select(*_ORDER).where(p.id == prediction_id)).first()
    if here is None:
        return None
    in_run = tuple_(p.row, p.id)
    place = tuple_(here.row, here.id)
    of_run = select(p.id).where(p.run_id == here.run_id)
    earlier = [of_run.where(in_run < place), select(p.id).where(p.run_id < here.run_id)]
    later = [of_run.where(in_run > place), select(p.id).where(p.run_id > here.run_id)]
    turned = [column.desc() for column in _ORDER]
    position = 0
    before = after = None
    for query in earlier:
        position += connection.scalar(select(func.count()).select_from(query.subquery())) or 0
        before = before or connection.scalar(query.order_by(*turned).limit(1))
    for query in later:
        after = after or connection.scalar(query.order_by(*_ORDER).limit(1))
    return HitPosition(position, before, after)


def version(store: Store) -> tuple[float, ...]:
    """Changes whenever what these functions answer may change; cheap, so that pages can cache."""
    newest = [func.max(table.c.id) for table in (judgments, studies, runs, remarks)]
    counts = [func.count(table.c.id) for table in (predictions, studies, runs)]
    renamed = [func.max(table.c.created_at) for table in (former_run_names, former_study_names)]
    with store.read() as connection:
        values = (*newest, *counts, *renamed)
        return tuple(connection.scalar(select(value)) or 0 for value in values)


def run_names(store: Store, *, archived: bool = True) -> list[str]:
    """All runs, the newest first; ``archived=False``: without those that are archived."""
    query = select(runs.c.name).order_by(runs.c.created_at.desc(), runs.c.id)
    if not archived:
        query = query.where(runs.c.archived_at.is_(None))
    with store.read() as connection:
        return list(connection.scalars(query))


def judge_names(store: Store, study: str | None = None) -> list[str]:
    """Everybody who gave a verdict (in that study, or outside it on its samples), by name."""
    said = select(judgments.c.id).where(judgments.c.judge_id == judges.c.id)
    if study is not None:
        of_study = select(studies.c.id).where(studies.c.name == study)
        samples = select(slots.c.prediction_id).where(slots.c.study_id.in_(of_study))
        outside = and_(judgments.c.study_id.is_(None), judgments.c.prediction_id.in_(samples))
        said = said.where(or_(judgments.c.study_id.in_(of_study), outside))
    with store.read() as connection:
        return list(
            connection.scalars(
                select(judges.c.name).where(said.exists()).distinct().order_by(judges.c.name)
            )
        )

"""What is in a store, in a few numbers, and which studies an annotator worked in; for Home."""

from dataclasses import dataclass

from sqlalchemy import func, select

from sit_core.records import JudgeKind
from sit_core.store.engine import Store
from sit_core.store.schema import judges, predictions, runs, slots, studies, systems


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """How much there is."""

    runs: int
    outputs: int
    studies: int


@dataclass(frozen=True, slots=True)
class OwnWork:
    """What one annotator did in one study."""

    judged: int
    """Samples, judged whole."""
    last_at: float
    """When the last of them was, in seconds since 1970."""


def store_counts(store: Store) -> StoreCounts:
    """Count runs, their outputs, and studies; what is archived is left out."""
    shown = select(runs.c.id).where(runs.c.archived_at.is_(None))
    queries = (
        select(func.count()).select_from(shown.subquery()),
        select(func.count()).select_from(predictions).where(predictions.c.run_id.in_(shown)),
        select(func.count()).select_from(studies).where(studies.c.archived_at.is_(None)),
    )
    with store.read() as connection:
        return StoreCounts(*(connection.scalar(query) or 0 for query in queries))


def own_work(store: Store, annotator: str) -> dict[str, OwnWork]:
    """The studies in which this person judged at least one sample whole, by their names."""
    query = (
        select(studies.c.name, func.count(), func.max(slots.c.done_at))
        .join(slots, slots.c.study_id == studies.c.id)
        .join(judges, judges.c.id == slots.c.judge_id)
        .where(
            judges.c.kind == JudgeKind.HUMAN,
            judges.c.name == annotator,
            slots.c.done_at.is_not(None),
        )
        .group_by(studies.c.name)
    )
    with store.read() as connection:
        return {name: OwnWork(judged, at) for name, judged, at in connection.execute(query)}


def places_of_runs(store: Store) -> dict[str, int]:
    """Each run's place by order of arrival, from 0: what its colour is by (`sit_core.figures`).

    Others' results have no run; they go by the system's name, and come after all runs.
    """
    with store.read() as connection:
        ours = connection.scalars(select(runs.c.name).order_by(runs.c.id)).all()
        others = connection.scalars(
            select(systems.c.name).where(systems.c.run_id.is_(None)).order_by(systems.c.id)
        ).all()
    return {name: place for place, name in enumerate([*ours, *others])}

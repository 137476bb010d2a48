"""How far the studies are: how many of their samples' annotator places are judged, by how many."""

from dataclasses import dataclass

from sqlalchemy import func, select

from sit_core.store.engine import Store
from sit_core.store.schema import slots, studies


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

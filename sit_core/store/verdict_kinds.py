"""Which kinds of judges gave any verdict on outputs of some runs."""

from collections.abc import Sequence

from sqlalchemy import select

from sit_core.records import JudgeKind
from sit_core.store.engine import Store
from sit_core.store.schema import judges, judgments, predictions, runs


def kinds_that_judged(store: Store, names: Sequence[str]) -> list[str]:
    """``human``, ``llm``, ``rule``, each where one of that kind judged an output of these runs."""
    given = (
        select(judgments.c.id)
        .join(predictions, predictions.c.id == judgments.c.prediction_id)
        .join(runs, runs.c.id == predictions.c.run_id)
        .join(judges, judges.c.id == judgments.c.judge_id)
        .where(runs.c.name.in_(names))
        .limit(1)
    )
    with store.read() as connection:
        return [
            kind.value
            for kind in JudgeKind
            if connection.scalar(given.where(judges.c.kind == kind)) is not None
        ]

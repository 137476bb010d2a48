"""Put content into a store that has never held any, once, however many processes try."""

import time
from collections.abc import Sequence

from sqlalchemy import insert, select, text

from sit_core import __version__
from sit_core.records import Prediction, steps_to_json
from sit_core.store.engine import Store
from sit_core.store.schema import examples, judges, predictions, runs, studies
from sit_core.store.studies import StudyPlan, create_study_in


def is_untouched(store: Store) -> bool:
    """Whether nothing was ever put in: examples stay when a study or a run is deleted."""
    with store.read() as connection:
        return not any(
            connection.scalar(select(table.c.id).limit(1)) is not None
            for table in (runs, examples, studies, judges)
        )


def fill(store: Store, content: Sequence[Prediction], plan: StudyPlan, note: str) -> bool:
    """Put runs and a study of them into an untouched store, as a whole or not at all.

    Args:
        store: any store.
        content: the outputs; each run's name is theirs.
        plan: the study to make of these runs.
        note: what the content is; kept with each run.

    Returns:
        Whether it was done; False when the store is not untouched (any more).
    """
    with store.write() as connection:
        if not store.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(730115)"))
        if not is_untouched(store):
            return False
        rows: dict[str, int] = {}
        known: set[str] = set()
        for prediction in content:
            example = prediction.example
            if prediction.run not in rows:
                rows[prediction.run] = 0
                connection.execute(
                    insert(runs).values(
                        name=prediction.run,
                        settings={},
                        provenance={"note": note, "version": __version__},
                        created_at=time.time(),
                    )
                )
            if example.id not in known:
                known.add(example.id)
                connection.execute(
                    insert(examples).values(
                        id=example.id,
                        instruction=example.instruction,
                        input=example.input,
                        language=example.language,
                        steps=steps_to_json(example.steps),
                        reference=example.reference,
                        variant=example.variant,
                        meta=dict(example.meta),
                    )
                )
            connection.execute(
                insert(predictions).values(
                    id=prediction.id,
                    run_id=select(runs.c.id).where(runs.c.name == prediction.run).scalar_subquery(),
                    example_id=example.id,
                    ordinal=prediction.ordinal,
                    row=rows[prediction.run],
                    output=prediction.output,
                    length=len(prediction.output),
                    meta=dict(prediction.meta),
                )
            )
            rows[prediction.run] += 1
        create_study_in(connection, plan)
    return True

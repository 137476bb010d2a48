"""Put runs that come with the program into a store, once, however many processes try."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from sit_core import __version__
from sit_core.metrics.registry import Score
from sit_core.records import Example, Prediction, steps_to_json
from sit_core.store.engine import Store
from sit_core.store.prompt_sets import assign_run
from sit_core.store.schema import examples, former_run_names, judges, predictions, runs, studies
from sit_core.store.scores import save_scores_in
from sit_core.store.studies import StudyPlan, create_study_in
from sit_core.store.write_lock import AdvisoryLock, hold


def is_untouched(store: Store) -> bool:
    """Whether nothing was ever put in: examples stay when a study or a run is deleted."""
    with store.read() as connection:
        return not any(
            connection.scalar(select(table.c.id).limit(1)) is not None
            for table in (runs, examples, studies, judges)
        )


@dataclass(frozen=True, slots=True)
class SeedContent:
    """Runs that come with the program."""

    predictions: Sequence[Prediction]
    """Each run's name is theirs."""
    note: str
    """What they are; kept with each run."""
    origins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Run → where its outputs come from: ``model`` and ``adapter``, and what else is known."""
    sets: Mapping[str, str] = field(default_factory=dict)
    """Run → what a new prompt set of it is called."""
    scores: Sequence[Score] = ()
    how: Mapping[str, str] = field(default_factory=dict)
    """Metric → its settings."""
    judge: str = ""
    """The rules among the metrics."""


def fill(store: Store, content: SeedContent, plan: StudyPlan) -> bool:
    """Put runs, a study of them and their scores into an untouched store, whole or not at all.

    Returns:
        Whether it was done; False when the store is not untouched (any more).
    """
    with store.write() as connection:
        hold(connection, AdvisoryLock.IMPORT)
        if not is_untouched(store):
            return False
        _put(connection, content, {p.run for p in content.predictions})
        create_study_in(connection, plan)
    return True


def add_runs(store: Store, content: SeedContent) -> list[str]:
    """Put the runs whose names are not taken yet into a store, with their scores, in one go.

    Returns:
        The names of the runs that were put in.
    """
    with store.write() as connection:
        hold(connection, AdvisoryLock.IMPORT)
        taken = {*connection.scalars(select(runs.c.name))}
        taken |= {*connection.scalars(select(former_run_names.c.name))}
        named = dict.fromkeys(p.run for p in content.predictions)
        new = [name for name in named if name not in taken]
        if new:
            _put(connection, content, set(new))
    return new


def _put(connection: Connection, content: SeedContent, names: Set[str]) -> None:
    mine = [p for p in content.predictions if p.run in names]
    ids = {name: _add_run(connection, name, content) for name in dict.fromkeys(p.run for p in mine)}
    asked = {p.example.id: p.example for p in mine}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(
        dialect.insert(examples).on_conflict_do_nothing(),
        [_example(key, example) for key, example in asked.items()],
    )
    rows: Counter[str] = Counter()
    made = []
    for prediction in mine:
        made.append(_prediction(prediction, ids[prediction.run], rows[prediction.run]))
        rows[prediction.run] += 1
    connection.execute(insert(predictions), made)
    there = {row["id"] for row in made}
    for name, run_id in ids.items():
        assign_run(connection, run_id, proposed=content.sets.get(name, name), origin=content.note)
    scored = [score for score in content.scores if score.prediction_id in there]
    save_scores_in(connection, scored, content.how, content.judge)


def _add_run(connection: Connection, name: str, content: SeedContent) -> int:
    origin = dict(content.origins.get(name, {}))
    known = connection.execute(
        insert(runs).values(
            name=name,
            model=origin.pop("model", None),
            adapter=origin.pop("adapter", None),
            settings={},
            provenance={"note": content.note, "version": __version__, **origin},
            created_at=time.time(),
        )
    ).inserted_primary_key
    assert known is not None
    return int(known[0])


def _example(key: str, example: Example) -> dict[str, Any]:
    return {
        "id": key,
        "instruction": example.instruction,
        "input": example.input,
        "language": example.language,
        "steps": steps_to_json(example.steps),
        "reference": example.reference,
        "variant": example.variant,
        "meta": dict(example.meta),
    }


def _prediction(prediction: Prediction, run: int, row: int) -> dict[str, Any]:
    return {
        "id": prediction.id,
        "run_id": run,
        "example_id": prediction.example.id,
        "ordinal": prediction.ordinal,
        "row": row,
        "output": prediction.output,
        "length": len(prediction.output),
        "meta": dict(prediction.meta),
    }

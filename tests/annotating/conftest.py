"""A study over made-up outputs, put straight into the store."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert

from sit_core.records import Example, Prediction, Step, chain, steps_to_json
from sit_core.store import Store
from sit_core.store.schema import examples, predictions, runs
from sit_core.store.studies import Study, StudyPlan, create_study

STEPS = chain([Step("repeat", "R"), Step("answer", "A")])

MakeStudy = Callable[..., Study]


def fill(store: Store, run: str, count: int) -> None:
    """A run of ``count`` outputs; the examples are the same for every run."""
    made = [
        Example(f"First repeat the input, then answer. {i}", f"Question {i}?", steps=STEPS)
        for i in range(count)
    ]
    outputs = [Prediction(run, e, f"{run} says {i}") for i, e in enumerate(made)]
    with store.write() as connection:
        run_id = connection.execute(
            insert(runs).values(name=run, settings={}, provenance={}, created_at=0.0)
        ).inserted_primary_key[0]
        known = set(connection.scalars(examples.select().with_only_columns(examples.c.id)))
        rows = [
            {
                "id": e.id,
                "instruction": e.instruction,
                "input": e.input,
                "steps": steps_to_json(
                    [
                        Step(s.task, s.letter, s.key, e.input if s.task == "repeat" else None)
                        for s in STEPS
                    ]
                ),
                "variant": 0,
                "meta": {},
            }
            for e in made
            if e.id not in known
        ]
        if rows:
            connection.execute(insert(examples), rows)
        connection.execute(
            insert(predictions),
            [
                {
                    "id": p.id,
                    "run_id": run_id,
                    "example_id": p.example.id,
                    "ordinal": 0,
                    "row": i,
                    "output": p.output,
                    "length": len(p.output),
                    "meta": {},
                }
                for i, p in enumerate(outputs)
            ],
        )


@pytest.fixture
def make_study(store: Store) -> MakeStudy:
    """``make_study(count, runs=1, **plan)``: a study of count × runs samples, R+A."""

    def make(count: int, runs: int = 1, **plan: object) -> Study:
        names = [f"model {i}" for i in range(runs)]
        for name in names:
            fill(store, name, count)
        return create_study(
            store,
            StudyPlan(name="study", runs=names, steps=STEPS, **plan),  # type: ignore[arg-type]
        )

    return make

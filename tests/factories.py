"""Put runs, examples, predictions, studies and judgments straight into a store, for tests."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import func, insert, select, update

from sit_core.records import Example, Prediction, Step, chain, steps_to_json
from sit_core.store import Store
from sit_core.store.sample_verdicts import summarise
from sit_core.store.schema import (
    examples,
    judges,
    judgments,
    predictions,
    remarks,
    runs,
    slots,
    studies,
)
from sit_core.store.studies import Study, StudyPlan, create_study

REPEAT_ANSWER = chain([Step("repeat", "R"), Step("answer", "A")])


def make_run(
    store: Store,
    name: str,
    outputs: Sequence[str] | int = 3,
    *,
    steps: Sequence[Step] = REPEAT_ANSWER,
    instruction: str = "First repeat the input, then answer the question.",
    inputs: Sequence[str] = (),
    expected: bool = False,
    per_example: int = 1,
) -> list[str]:
    """A run with these outputs (or so many); the i-th of every run is for the same example.

    ``per_example``: so many outputs of each example, one after the other.

    ``expected``: the step *repeat* has the input as its expected text.

    Returns the ids of the predictions.
    """
    if isinstance(outputs, int):
        outputs = [f"output {i} of {name}" for i in range(outputs)]
    texts = list(outputs)
    asked = []
    for i in range(len(texts)):
        text = inputs[i] if inputs else f"Question {i // per_example}?"
        own = tuple(
            replace(s, expected=text) if expected and s.task == "repeat" else s for s in steps
        )
        asked.append(Example(instruction, text, steps=own, reference=f"answer {i // per_example}"))
    made = [
        Prediction(name, e, text, i % per_example)
        for i, (e, text) in enumerate(zip(asked, texts, strict=True))
    ]
    with store.write() as connection:
        run_id = connection.execute(
            insert(runs).values(name=name, settings={}, provenance={}, created_at=0.0)
        ).inserted_primary_key[0]
        known = set(connection.scalars(select(examples.c.id)))
        new = list({e.id: e for e in asked if e.id not in known}.values())
        if new:
            connection.execute(
                insert(examples),
                [
                    {
                        "id": e.id,
                        "instruction": e.instruction,
                        "input": e.input,
                        "steps": steps_to_json(e.steps),
                        "reference": e.reference,
                        "variant": 0,
                        "meta": {},
                    }
                    for e in new
                ],
            )
        if made:
            connection.execute(
                insert(predictions),
                [
                    {
                        "id": p.id,
                        "run_id": run_id,
                        "example_id": p.example.id,
                        "ordinal": p.ordinal,
                        "row": i,
                        "output": p.output,
                        "length": len(p.output),
                        "meta": {},
                    }
                    for i, p in enumerate(made)
                ],
            )
    return [p.id for p in made]


def make_study(
    store: Store,
    name: str,
    run_names: Sequence[str],
    *,
    annotators: int = 1,
    ask_order: bool = False,
    blind: bool = False,
    steps: Sequence[Step] = (),
) -> Study:
    """A study of all examples that these runs share."""
    return create_study(
        store,
        StudyPlan(
            name=name,
            runs=run_names,
            annotators=annotators,
            ask_order=ask_order,
            blind=blind,
            steps=steps,
        ),
    )


def judge_id(store: Store, who: str, kind: str = "human") -> int:
    """The number of that judge, who is made if need be."""
    with store.write() as connection:
        found = connection.scalar(
            select(judges.c.id).where(judges.c.name == who, judges.c.kind == kind)
        )
        if found is not None:
            return found
        return connection.execute(
            insert(judges).values(kind=kind, name=who, created_at=0.0)
        ).inserted_primary_key[0]


def judge(
    store: Store,
    study: str | None,
    prediction_id: str,
    who: str,
    verdicts: Mapping[str, str],
    *,
    kind: str = "human",
    seconds: float | None = None,
    at: float = 1_700_000_000.0,
) -> None:
    """``{"repeat": "yes", "answer": "no"}``: new revisions of these verdicts, whoever it was."""
    number = judge_id(store, who, kind)
    with store.write() as connection:
        study_id = (
            None
            if study is None
            else connection.scalar(select(studies.c.id).where(studies.c.name == study))
        )
        for step, verdict in verdicts.items():
            before = connection.scalar(
                select(func.max(judgments.c.revision)).where(
                    func.coalesce(judgments.c.study_id, 0) == (study_id or 0),
                    judgments.c.prediction_id == prediction_id,
                    judgments.c.judge_id == number,
                    judgments.c.step == step,
                )
            )
            connection.execute(
                insert(judgments).values(
                    study_id=study_id,
                    prediction_id=prediction_id,
                    judge_id=number,
                    step=step,
                    revision=(before or 0) + 1,
                    verdict=verdict,
                    seconds=seconds,
                    created_at=at,
                )
            )
        summarise(connection, [prediction_id])


def judge_whole(store: Store, study: str, who: str, samples: int, at: float = 1.0) -> None:
    """The next samples of a study's queue are judged whole, by this person, at that time."""
    number = judge_id(store, who)
    with store.write() as connection:
        study_id = connection.scalar(select(studies.c.id).where(studies.c.name == study))
        mine = select(slots.c.prediction_id).where(
            slots.c.study_id == study_id, slots.c.judge_id == number
        )
        free = connection.scalars(
            select(func.min(slots.c.id))
            .where(
                slots.c.study_id == study_id,
                slots.c.done_at.is_(None),
                slots.c.prediction_id.not_in(mine),
            )
            .group_by(slots.c.prediction_id)
            .order_by(func.min(slots.c.position))
            .limit(samples)
        ).all()
        assert len(free) == samples
        connection.execute(
            update(slots).where(slots.c.id.in_(free)).values(judge_id=number, done_at=at)
        )


def remark(
    store: Store, study: str, prediction_id: str, who: str, note: str, flagged: bool = False
) -> None:
    """A note of an annotator, the next revision."""
    number = judge_id(store, who)
    with store.write() as connection:
        study_id = connection.scalar(select(studies.c.id).where(studies.c.name == study))
        before = connection.scalar(
            select(func.max(remarks.c.revision)).where(
                remarks.c.study_id == study_id,
                remarks.c.prediction_id == prediction_id,
                remarks.c.judge_id == number,
            )
        )
        connection.execute(
            insert(remarks).values(
                study_id=study_id,
                prediction_id=prediction_id,
                judge_id=number,
                revision=(before or 0) + 1,
                note=note,
                flagged=flagged,
                created_at=1_700_000_000.0,
            )
        )


def make_many_judgments(
    store: Store, n: int = 100_000, *, annotators: int = 2, seed: int = 0
) -> str:
    """A study of two runs with n judgments, some of them second revisions; the study's name."""
    samples = n // (annotators * 2 * 2)
    ids = [*make_run(store, "a", samples), *make_run(store, "b", samples)]
    make_study(store, "many", ["a", "b"], annotators=annotators)
    numbers = [judge_id(store, f"annotator {i}") for i in range(annotators)]
    rng = random.Random(seed)
    rows = [
        {
            "study_id": 1,
            "prediction_id": p,
            "judge_id": number,
            "step": step,
            "revision": 1,
            "verdict": rng.choice(["yes", "yes", "yes", "partly", "no", "unsure"]),
            "created_at": 1_700_000_000.0,
        }
        for p in ids
        for number in numbers
        for step in ("repeat", "answer")
    ]
    with store.write() as connection:
        for start in range(0, len(rows), 5000):
            connection.execute(insert(judgments), rows[start : start + 5000])
        summarise(connection, ids)
    return "many"

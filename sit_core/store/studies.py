"""Studies: chosen runs × a seeded sample of n examples, the same examples for every run.

`create_study` draws the sample and lays out the queue (one slot per sample and annotator place) in
one transaction; who judges what when is the queue's business (`sit_core.store.queue`).
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from sit_core import __version__
from sit_core.errors import SitError, UsageError
from sit_core.records import Step, chain, chain_name, steps_from_json, steps_to_json
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.schema import (
    examples,
    judgments,
    predictions,
    remarks,
    runs,
    slots,
    studies,
    study_runs,
)

CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Study:
    """A study as it was made; only its guidelines may change later."""

    id: int
    name: str
    runs: tuple[str, ...]
    steps: tuple[Step, ...]
    guidelines: str
    """Markdown by the researcher."""
    blind: bool
    ask_order: bool
    annotators: int
    """k: how many people judge each sample."""
    sample: int
    """n: how many examples were drawn (each is judged once per run)."""
    seed: int
    claim_minutes: float
    created_at: float

    @property
    def chain(self) -> str:
        """What the tables call the whole chain, e.g. ``R+A``."""
        return chain_name(self.steps)


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """What a researcher asks for; `create_study` checks it."""

    name: str
    runs: Sequence[str]
    sample: int | None = None
    """None: all examples that the runs share."""
    seed: int = 0
    steps: Sequence[Step] = ()
    """Empty: the steps that the examples came with, if they all have the same."""
    guidelines: str = ""
    blind: bool = False
    ask_order: bool = False
    annotators: int = 1
    claim_minutes: float = 30.0


def create_study(store: Store, plan: StudyPlan) -> Study:
    """Draw the sample and lay out the queue.

    The examples are those for which every run has an output, in the order of their ids, shuffled
    by ``random.Random(seed)``, the first n taken; the queue is those × runs, shuffled with the same
    generator. Same store content, same plan: same study.

    Raises:
        UsageError: all that is wrong with the plan, in one message.
        SitError: the name is taken.
    """
    problems = _problems(plan)
    if problems:
        raise UsageError(" ".join(problems))
    with store.write() as connection:
        run_ids = _run_ids(connection, plan.runs)
        if connection.scalar(select(studies.c.id).where(studies.c.name == plan.name)):
            raise SitError(f"There is a study called {plan.name!r} already; choose another name.")
        shared = _shared_examples(connection, run_ids)
        wanted = len(shared) if plan.sample is None else plan.sample
        if not shared:
            raise UsageError(
                "These runs have no example in common; choose runs over the same questions."
            )
        if wanted > len(shared):
            raise UsageError(
                f"The runs share {len(shared)} examples, fewer than the {wanted} asked for; "
                f"ask for at most {len(shared)}."
            )
        steps = chain(plan.steps) or _steps_of(connection, shared)
        rng = random.Random(plan.seed)
        rng.shuffle(shared)
        drawn = shared[:wanted]
        now = time.time()
        try:
            study_id = connection.execute(
                insert(studies).values(
                    name=plan.name,
                    steps=steps_to_json([Step(s.task, s.letter, s.key) for s in steps]),
                    guidelines=plan.guidelines,
                    blind=plan.blind,
                    ask_order=plan.ask_order,
                    annotators=plan.annotators,
                    sample=wanted,
                    seed=plan.seed,
                    claim_minutes=plan.claim_minutes,
                    provenance={"version": __version__, "shared_examples": len(shared)},
                    created_at=now,
                )
            ).inserted_primary_key[0]  # type: ignore[index]
        except IntegrityError:  # PostgreSQL: another session took the name meanwhile
            raise SitError(
                f"There is a study called {plan.name!r} already; choose another name."
            ) from None
        connection.execute(
            insert(study_runs),
            [
                {"study_id": study_id, "run_id": run_id, "position": i}
                for i, run_id in enumerate(run_ids)
            ],
        )
        queue = _predictions_of(connection, run_ids, drawn)
        rng.shuffle(queue)
        rows = (
            {"study_id": study_id, "prediction_id": p, "position": i, "place": place}
            for i, p in enumerate(queue)
            for place in range(plan.annotators)
        )
        batch: list[dict[str, Any]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == CHUNK:
                connection.execute(insert(slots), batch)
                batch = []
        if batch:
            connection.execute(insert(slots), batch)
    return get_study(store, plan.name)


def _problems(plan: StudyPlan) -> list[str]:
    problems = []
    if not plan.name.strip():
        problems.append("A study needs a name.")
    if len(plan.name) > 200:
        problems.append("A study's name may have 200 characters at most.")
    if not plan.runs:
        problems.append("A study needs at least one run.")
    if len(set(plan.runs)) != len(plan.runs):
        problems.append("A run is named twice.")
    if plan.sample is not None and plan.sample < 1:
        problems.append("The sample must be at least 1.")
    if not 1 <= plan.annotators <= 100:
        problems.append("Annotators per sample must be between 1 and 100.")
    if not plan.claim_minutes > 0:
        problems.append("The time limit of a claim must be more than 0 minutes.")
    if abs(plan.seed) > 2**31 - 1:
        problems.append("The seed must be a whole number between -2147483647 and 2147483647.")
    return problems


def _run_ids(connection: Connection, names: Sequence[str]) -> list[int]:
    known = dict(connection.execute(select(runs.c.name, runs.c.id)).tuples().all())
    missing = [unknown("run", name, list(known)) for name in names if name not in known]
    if missing:
        raise UsageError(" ".join(missing))
    return [known[name] for name in names]


def _shared_examples(connection: Connection, run_ids: Sequence[int]) -> list[str]:
    rows = connection.execute(
        select(predictions.c.example_id)
        .where(predictions.c.run_id.in_(run_ids))
        .group_by(predictions.c.example_id)
        .having(func.count(predictions.c.run_id.distinct()) == len(run_ids))
        .order_by(predictions.c.example_id)
    )
    return list(rows.scalars())


def shared_examples(store: Store, run_names: Sequence[str]) -> int:
    """How many examples all of these runs have an output for."""
    with store.read() as connection:
        return len(_shared_examples(connection, _run_ids(connection, run_names)))


def _steps_of(connection: Connection, example_ids: Sequence[str]) -> tuple[Step, ...]:
    """The chain that all the examples have; asks the researcher where they differ."""
    kinds: dict[tuple[str, ...], tuple[Step, ...]] = {}
    for start in range(0, len(example_ids), CHUNK):
        some = example_ids[start : start + CHUNK]
        for steps in connection.scalars(select(examples.c.steps).where(examples.c.id.in_(some))):
            found = steps_from_json(steps)
            kinds.setdefault(tuple(s.key for s in found), found)
            if len(kinds) > 1:
                break
    if len(kinds) == 1 and all(kinds):
        return next(iter(kinds.values()))
    reason = (
        "The examples have different chains of steps"
        if len(kinds) > 1
        else "The steps of these examples are not known"
    )
    raise UsageError(f"{reason}; name the steps to judge (--steps repeat,answer).")


def study_steps(store: Store, run_names: Sequence[str]) -> tuple[Step, ...]:
    """The chain that the examples shared by these runs have.

    Raises:
        UsageError: they have none, or different ones.
    """
    with store.read() as connection:
        return _steps_of(connection, _shared_examples(connection, _run_ids(connection, run_names)))


def _predictions_of(
    connection: Connection, run_ids: Sequence[int], example_ids: Sequence[str]
) -> list[str]:
    """The first output of each run for each example; examples outside, runs inside."""
    found: dict[tuple[str, int], str] = {}
    for start in range(0, len(example_ids), CHUNK):
        some = example_ids[start : start + CHUNK]
        rows = connection.execute(
            select(predictions.c.example_id, predictions.c.run_id, predictions.c.id)
            .where(predictions.c.run_id.in_(run_ids), predictions.c.example_id.in_(some))
            .order_by(predictions.c.ordinal)
        )
        for example_id, run_id, prediction_id in rows:
            found.setdefault((example_id, run_id), prediction_id)
    return [found[e, r] for e in example_ids for r in run_ids]


def _study(row: Row[Any], run_names: Sequence[str]) -> Study:
    return Study(
        id=row.id,
        name=row.name,
        runs=tuple(run_names),
        steps=steps_from_json(row.steps),
        guidelines=row.guidelines,
        blind=row.blind,
        ask_order=row.ask_order,
        annotators=row.annotators,
        sample=row.sample,
        seed=row.seed,
        claim_minutes=row.claim_minutes,
        created_at=row.created_at,
    )


def list_studies(store: Store) -> list[Study]:
    """All studies, the newest first."""
    with store.read() as connection:
        names: dict[int, list[str]] = {}
        for study_id, name in connection.execute(
            select(study_runs.c.study_id, runs.c.name)
            .join(runs, runs.c.id == study_runs.c.run_id)
            .order_by(study_runs.c.study_id, study_runs.c.position)
        ):
            names.setdefault(study_id, []).append(name)
        rows = connection.execute(
            select(studies).order_by(studies.c.created_at.desc(), studies.c.id.desc())
        ).all()
        return [_study(row, names.get(row.id, [])) for row in rows]


def get_study(store: Store, name: str) -> Study:
    """The study of that name.

    Raises:
        SitError: there is none; the message suggests the nearest names.
    """
    with store.read() as connection:
        row = connection.execute(select(studies).where(studies.c.name == name)).first()
        if row is None:
            known = list(connection.scalars(select(studies.c.name)))
            raise SitError(unknown("study", name, known))
        run_names = connection.scalars(
            select(runs.c.name)
            .join(study_runs, runs.c.id == study_runs.c.run_id)
            .where(study_runs.c.study_id == row.id)
            .order_by(study_runs.c.position)
        ).all()
        return _study(row, run_names)


def set_guidelines(store: Store, name: str, guidelines: str) -> None:
    """Replace a study's guidelines."""
    study = get_study(store, name)
    with store.write() as connection:
        connection.execute(
            studies.update().where(studies.c.id == study.id).values(guidelines=guidelines)
        )


def delete_study(store: Store, name: str) -> None:
    """Remove a study that nobody has judged in.

    Raises:
        SitError: it has judgments or notes, which are never thrown away.
    """
    study = get_study(store, name)
    with store.write() as connection:
        for table in (judgments, remarks):
            if connection.scalar(select(table.c.id).where(table.c.study_id == study.id).limit(1)):
                raise SitError(
                    f"The study {name!r} has judgments, which are never thrown away; "
                    "leave it, or export it and start a store of its own."
                )
        connection.execute(delete(studies).where(studies.c.id == study.id))

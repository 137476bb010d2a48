"""Studies: chosen runs × a seeded sample of n examples, the same examples for every run.

`create_study` draws the sample and lays out the queue (one slot per sample and annotator place) in
one transaction; who judges what when is the queue's business (`sit_core.store.queue`).
"""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from sit_core import __version__
from sit_core.errors import SitError, UsageError
from sit_core.names import clean_name
from sit_core.records import Step, chain, chain_name, steps_from_json, steps_to_json
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.guideline_versions import add_version
from sit_core.store.renaming import name_free, study_id_of
from sit_core.store.schema import (
    guidelines,
    judgments,
    prompt_set_runs,
    prompt_sets,
    remarks,
    runs,
    sample_verdicts,
    slots,
    studies,
    study_runs,
)
from sit_core.store.study_plan import StudyPlan, guideline_problems, is_text, plan_problems
from sit_core.store.study_samples import (
    RunShare,
    Sharing,
    first_outputs,
    lay_out,
    run_ids,
    shared_examples,
    shared_ids,
    sharing,
    steps_of,
    study_steps,
    unfinished_runs,
)
from sit_core.store.write_lock import AdvisoryLock, hold
from sit_core.tasks.guidelines import default_guidelines

__all__ = [
    "RunShare",
    "Sharing",
    "Study",
    "StudyPlan",
    "check_plan",
    "create_study",
    "delete_study",
    "get_study",
    "list_studies",
    "set_guidelines",
    "shared_examples",
    "sharing",
    "study_of_sample",
    "study_steps",
]


@dataclass(frozen=True, slots=True)
class Study:
    """A study as it was made; only its guidelines and its practice may change later."""

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
    original_name: str = ""
    """The name that it was made with; what browsers keep unsent for a study is told by it."""
    archived: bool = False
    """Left out of lists."""
    guidelines_version: int = 0
    """Of the wording in ``guidelines``, see `sit_core.store.guideline_versions`; 0: not known."""
    practice_required: bool = False
    """Practice samples, where there are some, can't be skipped."""

    @property
    def chain(self) -> str:
        """What the tables call the whole chain, e.g. ``R+A``."""
        return chain_name(self.steps)


def create_study(store: Store, plan: StudyPlan) -> Study:
    """Draw the sample and lay out the queue.

    The examples are those for which every run has an output, in the order of their ids, shuffled
    by ``random.Random(seed)``, the first n taken; the queue is those × runs, shuffled with the same
    generator. Same store content, same plan: same study.

    Raises:
        UsageError: all that is wrong with the plan, in one message.
        SitError: the name is taken.
    """
    plan = replace(plan, name=clean_name(plan.name))
    with store.write() as connection:
        create_study_in(connection, plan)
    return get_study(store, plan.name)


def check_plan(store: Store, plan: StudyPlan) -> None:
    """Raise what `create_study` would raise, and make nothing."""
    with store.read() as connection:
        _checked(connection, plan)


def create_study_in(connection: Connection, plan: StudyPlan) -> None:
    """As `create_study`, as part of a larger transaction."""
    plan = replace(plan, name=clean_name(plan.name))
    of_runs, shared, steps = _checked(connection, plan)
    rng = random.Random(plan.seed)
    rng.shuffle(shared)
    drawn = shared[: plan.sample]
    study_id = insert_study(
        connection, plan, steps, sample=len(drawn), provenance={"shared_examples": len(shared)}
    )
    connection.execute(
        insert(study_runs),
        [
            {"study_id": study_id, "run_id": run_id, "position": i}
            for i, run_id in enumerate(of_runs)
        ],
    )
    queue = first_outputs(connection, of_runs, drawn)
    rng.shuffle(queue)
    lay_out(connection, study_id, queue, plan.annotators)


def insert_study(
    connection: Connection,
    plan: StudyPlan,
    steps: Sequence[Step],
    *,
    sample: int,
    provenance: Mapping[str, Any],
) -> int:
    """The study's own row, without runs and samples; returns its number.

    Raises:
        SitError: the name is taken.
    """
    text = plan.guidelines
    if text is None:
        text = default_guidelines(steps, plan.ask_order)
    try:
        made = connection.execute(
            insert(studies).values(
                name=plan.name,
                steps=steps_to_json([Step(s.task, s.letter, s.key) for s in steps]),
                guidelines=text,
                blind=plan.blind,
                ask_order=plan.ask_order,
                annotators=plan.annotators,
                sample=sample,
                seed=plan.seed,
                claim_minutes=plan.claim_minutes,
                provenance={"version": __version__, **provenance},
                created_at=time.time(),
            )
        ).inserted_primary_key
    except IntegrityError:  # PostgreSQL: another session took the name meanwhile
        raise SitError(name_taken(plan.name)) from None
    assert made is not None
    add_version(connection, int(made[0]), text)
    return int(made[0])


def _checked(
    connection: Connection, plan: StudyPlan
) -> tuple[list[int], list[str], tuple[Step, ...]]:
    """The runs' numbers, the shared examples and the steps; raises for all that is wrong."""
    problems = plan_problems(plan)
    taken = name_free(connection, "study", plan.name)
    of_runs: list[int] = []
    shared: list[str] = []
    steps = chain(plan.steps)
    try:
        of_runs = run_ids(connection, plan.runs)
        problems += unfinished_runs(connection, of_runs)
        shared = shared_ids(connection, of_runs)
        if plan.runs and not shared:
            problems.append(
                "These runs have no example in common; choose runs over the same questions"
                f"{_their_sets(connection, of_runs)}."
            )
        elif shared and plan.sample is not None and plan.sample > len(shared):
            problems.append(
                f"The runs share {len(shared)} examples, fewer than the {plan.sample} asked for; "
                f"ask for at most {len(shared)}."
            )
        if shared and not steps:
            steps = steps_of(connection, of_runs, shared)
    except UsageError as error:
        problems.append(str(error))
    if problems:
        raise UsageError(" ".join([*problems, *([taken] if taken else [])]))
    if taken:
        raise SitError(taken)
    return of_runs, shared, steps


def _their_sets(connection: Connection, of_runs: list[int]) -> str:
    """The prompt sets of runs that have nothing in common, where they are several."""
    query = (
        select(prompt_sets.c.name)
        .join(prompt_set_runs, prompt_set_runs.c.prompt_set_id == prompt_sets.c.id)
        .where(prompt_set_runs.c.run_id.in_(of_runs))
        .distinct()
        .order_by(prompt_sets.c.name)
    )
    found = list(connection.scalars(query))
    return f" (these are of the prompt sets {', '.join(found)})" if len(found) > 1 else ""


def name_taken(name: str) -> str:
    """The sentence for a second study of that name."""
    return f"There is a study called {name!r} already; choose another name."


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
        original_name=row.original_name or row.name,
        archived=row.archived_at is not None,
        guidelines_version=row.guidelines_version or 0,
        practice_required=row.practice_required,
    )


def _studies() -> Select[Any]:
    """The studies' rows, each with the number of its guidelines' newest version."""
    newest = (
        select(func.max(guidelines.c.version))
        .where(guidelines.c.study_id == studies.c.id)
        .scalar_subquery()
    )
    return select(studies, newest.label("guidelines_version"))


def list_studies(store: Store, *, archived: bool = False) -> list[Study]:
    """The studies, the newest first.

    Args:
        store: where.
        archived: also those that are archived.
    """
    with store.read() as connection:
        names: dict[int, list[str]] = {}
        for study_id, name in connection.execute(
            select(study_runs.c.study_id, runs.c.name)
            .join(runs, runs.c.id == study_runs.c.run_id)
            .order_by(study_runs.c.study_id, study_runs.c.position)
        ):
            names.setdefault(study_id, []).append(name)
        query = _studies().order_by(studies.c.created_at.desc(), studies.c.id.desc())
        if not archived:
            query = query.where(studies.c.archived_at.is_(None))
        rows = connection.execute(query).all()
        return [_study(row, names.get(row.id, [])) for row in rows]


def get_study(store: Store, name: str) -> Study:
    """The study that is called so, or was before it was renamed.

    Raises:
        SitError: there is none; the message suggests the nearest names.
    """
    with store.read() as connection:
        number = study_id_of(connection, name)
        row = connection.execute(_studies().where(studies.c.id == number)).first()
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


def study_of_sample(store: Store, prediction_id: str) -> str | None:
    """The newest study that has this output as a sample; None where none has."""
    if not is_text(prediction_id):
        return None
    query = (
        select(studies.c.name)
        .join(slots, slots.c.study_id == studies.c.id)
        .where(slots.c.prediction_id == prediction_id)
        .order_by(studies.c.created_at.desc(), studies.c.id.desc())
        .limit(1)
    )
    with store.read() as connection:
        return connection.scalar(query)


def set_guidelines(store: Store, name: str, text: str) -> None:
    """Replace a study's guidelines; the wording that they had is kept as an earlier version.

    Raises:
        UsageError: they hold characters that are no text.
        SitError: there is no such study.
    """
    if problems := guideline_problems(text):
        raise UsageError(" ".join(problems))
    study = get_study(store, name)
    with store.write() as connection:
        add_version(connection, study.id, text)
        connection.execute(studies.update().where(studies.c.id == study.id).values(guidelines=text))


def delete_study(store: Store, name: str) -> None:
    """Remove a study that nobody has judged in, with the names that it had.

    Raises:
        SitError: it has judgments or notes, which are never thrown away.
    """
    study = get_study(store, name)
    with store.write() as connection:
        hold(connection, AdvisoryLock.STUDY_SAMPLES)
        for table in (judgments, remarks):
            if connection.scalar(select(table.c.id).where(table.c.study_id == study.id).limit(1)):
                raise SitError(
                    f"The study {name!r} has judgments, which are never thrown away; "
                    "leave it, or export it and start a store of its own."
                )
        connection.execute(delete(sample_verdicts).where(sample_verdicts.c.scope == study.id))
        connection.execute(delete(studies).where(studies.c.id == study.id))

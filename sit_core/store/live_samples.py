"""Single outputs kept as samples of a study: those that somebody saw on the Live page.

Each model has a run of its own, which grows output by output; a study takes samples up at the end
of its queue. Everything is one transaction, and keeping the same output twice changes nothing.
"""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sit_core.errors import SitError, UsageError
from sit_core.names import clean_name
from sit_core.records import Example, Outcome, Prediction, Step, chain_name, steps_from_json
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.import_examples import add_examples
from sit_core.store.prompt_sets import LIVE as LIVE_SET
from sit_core.store.prompt_sets import assign_run
from sit_core.store.renaming import run_id_of, study_id_of
from sit_core.store.run_writing import storable_text
from sit_core.store.schema import predictions, runs, slots, studies, study_runs
from sit_core.store.studies import insert_study, name_taken
from sit_core.store.study_plan import StudyPlan, plan_problems
from sit_core.store.study_samples import lay_out

LIVE = "live"
"""Key in the provenance of runs whose outputs came from the Live page."""


@dataclass(frozen=True, slots=True)
class LiveRun:
    """The run that an output belongs to: one per model and way of making outputs."""

    name: str
    model: str
    adapter: str | None
    settings: Mapping[str, Any]
    provenance: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LiveOutput:
    """One output that is to be kept."""

    run: LiveRun
    example: Example
    output: str
    meta: Mapping[str, Any] = field(default_factory=dict)
    """``seed`` and what else came with it; the same output with the same seed is the same."""
    outcome: Outcome | None = None
    thoughts: str = ""


@dataclass(frozen=True, slots=True)
class SaveReport:
    """What came of it."""

    study: str
    added: int
    """Samples that the study got."""
    known: int
    """Outputs that were samples of it already."""
    predictions: tuple[str, ...]
    """The ids of all of them, in the order given."""


def keep_in_study(store: Store, kept: Sequence[LiveOutput], study: str) -> SaveReport:
    """Store the outputs and add them to the end of a study's queue.

    Args:
        store: where to.
        kept: the outputs; their examples' chains must have the steps that the study judges.
        study: the study's name.

    Raises:
        SitError: there is no such study, or it judges other steps; nothing is stored then.
    """
    with store.write() as connection:
        return _keep_in(connection, kept, study)


def keep_in_new_study(store: Store, kept: Sequence[LiveOutput], plan: StudyPlan) -> SaveReport:
    """Store the outputs and make a study of exactly these; ``plan.runs`` and sample are not used.

    Repeated with the same outputs it finds the study that it made.

    Raises:
        UsageError: all that is wrong with the plan, in one message.
        SitError: the name is taken by another study; nothing is stored then.
    """
    steps = _steps(kept)
    names = tuple(dict.fromkeys(k.run.name for k in kept))
    problems = plan_problems(replace(plan, runs=names))
    if not steps:
        problems.append("The steps of what was asked are not known; name them first.")
    if problems:
        raise UsageError(" ".join(problems))
    plan = replace(plan, name=clean_name(plan.name))
    with store.write() as connection:
        there = connection.execute(
            select(studies.c.id, studies.c.name, studies.c.provenance).where(
                studies.c.id == study_id_of(connection, plan.name)
            )
        ).first()
        if there is None:
            insert_study(connection, plan, steps, sample=0, provenance={LIVE: True})
        elif not (there.provenance or {}).get(LIVE) or not _holds(connection, there.id, kept):
            raise SitError(name_taken(plan.name))
        return _keep_in(connection, kept, plan.name if there is None else there.name)


def studies_for(store: Store, steps: Sequence[Step]) -> list[str]:
    """The studies that could take a sample with this chain, the newest first; no archived ones."""
    keys = {step.key for step in steps}
    with store.read() as connection:
        rows = connection.execute(
            select(studies.c.name, studies.c.steps)
            .where(studies.c.archived_at.is_(None))
            .order_by(studies.c.created_at.desc(), studies.c.id.desc())
        )
        return [
            row.name for row in rows if keys and {s.key for s in steps_from_json(row.steps)} <= keys
        ]


def _keep_in(connection: Connection, kept: Sequence[LiveOutput], name: str) -> SaveReport:
    mine = studies.c.id == study_id_of(connection, name)
    study = connection.execute(select(studies).where(mine).with_for_update()).first()  # one adds
    if study is None:
        raise SitError(unknown("study", name, list(connection.scalars(select(studies.c.name)))))
    judged = steps_from_json(study.steps)
    for one in kept:
        lacking = {step.key for step in judged} - {step.key for step in one.example.steps}
        if lacking:
            asked = chain_name(one.example.steps) or "no known steps"
            raise SitError(
                f"The study {name!r} judges {chain_name(judged)}, but this was asked for {asked}; "
                "choose another study or make a new one."
            )
    # In the order of their names, so that two who keep at once never wait for each other.
    of_name = {k.run.name: k.run for k in kept}
    found = {name: _run(connection, of_name[name]) for name in sorted(of_name)}
    numbers = {name: number for name, (number, _) in found.items()}
    ids = [_prediction(connection, *found[k.run.name], k) for k in kept]
    for number in numbers.values():
        assign_run(connection, number, proposed=LIVE_SET, origin=LIVE_SET, live=True)
    _join_runs(connection, study.id, [numbers[name] for name in of_name])
    in_study = set(
        connection.scalars(
            select(slots.c.prediction_id).where(
                slots.c.study_id == study.id, slots.c.prediction_id.in_(ids)
            )
        )
    )
    new = [p for p in dict.fromkeys(ids) if p not in in_study]
    # In any order but the models': who judges must not know by the place whose output it is.
    random.Random(f"{study.seed}/{'/'.join(new)}").shuffle(new)
    last = connection.scalar(select(func.max(slots.c.position)).where(slots.c.study_id == study.id))
    lay_out(connection, study.id, new, study.annotators, 0 if last is None else last + 1)
    _count_examples(connection, study.id)
    return SaveReport(study.name, len(new), len(set(ids)) - len(new), tuple(ids))


def _run(connection: Connection, run: LiveRun) -> tuple[int, str]:
    """The run's number, and the name that ids of its outputs are made of.

    It is made if need be, and held until the end of the transaction. Renamed it is still the run of
    its model.
    """
    number = run_id_of(connection, run.name)
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    if number is None:
        connection.execute(
            dialect.insert(runs)
            .values(
                name=run.name,
                model=run.model,
                adapter=run.adapter,
                settings=dict(run.settings),
                provenance={**run.provenance, LIVE: True},
                created_at=time.time(),
            )
            .on_conflict_do_nothing()
        )
    mine = runs.c.name == run.name if number is None else runs.c.id == number
    row = connection.execute(select(runs).where(mine).with_for_update()).one()
    if not (row.provenance or {}).get(LIVE) or row.settings != dict(run.settings):
        raise SitError(f"There is another run {run.name!r} already; rename or delete that one.")
    return int(row.id), row.original_name or row.name


def _prediction(connection: Connection, run_id: int, ids_of: str, kept: LiveOutput) -> str:
    """The output's id; stored as the run's next one for its example, unless it is there."""
    example = kept.example
    add_examples(connection, {example.id: example})
    output = storable_text(kept.output)
    there = connection.execute(
        select(predictions.c.id, predictions.c.output, predictions.c.meta).where(
            predictions.c.run_id == run_id, predictions.c.example_id == example.id
        )
    ).all()
    for row in there:
        if row.output == output and (row.meta or {}).get("seed") == kept.meta.get("seed"):
            return str(row.id)
    made = Prediction(ids_of, example, output, ordinal=len(there))
    rows = select(func.coalesce(func.max(predictions.c.row) + 1, 0)).where(
        predictions.c.run_id == run_id
    )
    connection.execute(
        insert(predictions).values(
            id=made.id,
            run_id=run_id,
            example_id=example.id,
            ordinal=made.ordinal,
            row=connection.scalar(rows),
            output=output,
            length=len(output),
            outcome=None if kept.outcome is None else kept.outcome.value,
            thoughts=storable_text(kept.thoughts) or None,
            meta=dict(kept.meta) | ({} if output == kept.output else {"replaced_characters": True}),
        )
    )
    return made.id


def _join_runs(connection: Connection, study_id: int, run_ids: Sequence[int]) -> None:
    there = connection.execute(
        select(study_runs.c.run_id, study_runs.c.position).where(study_runs.c.study_id == study_id)
    ).all()
    known = {row.run_id for row in there}
    place = max((row.position for row in there), default=-1) + 1
    new = [run_id for run_id in dict.fromkeys(run_ids) if run_id not in known]
    for i, run_id in enumerate(new, place):
        connection.execute(insert(study_runs).values(study_id=study_id, run_id=run_id, position=i))


def _count_examples(connection: Connection, study_id: int) -> None:
    """The study's number of examples as it is now."""
    n = connection.scalar(
        select(func.count(predictions.c.example_id.distinct()))
        .join(slots, slots.c.prediction_id == predictions.c.id)
        .where(slots.c.study_id == study_id)
    )
    connection.execute(update(studies).where(studies.c.id == study_id).values(sample=n))


def _holds(connection: Connection, study_id: int, kept: Sequence[LiveOutput]) -> bool:
    """Whether a study was made of just these outputs: keeping them again is no other study."""
    found = connection.execute(
        select(runs.c.id, predictions.c.example_id, predictions.c.output)
        .join(predictions, predictions.c.run_id == runs.c.id)
        .join(slots, slots.c.prediction_id == predictions.c.id)
        .where(slots.c.study_id == study_id)
    )
    there = {(row.id, row.example_id, row.output) for row in found}
    number = {k.run.name: run_id_of(connection, k.run.name) for k in kept}
    return there == {(number[k.run.name], k.example.id, storable_text(k.output)) for k in kept}


def _steps(kept: Sequence[LiveOutput]) -> tuple[Step, ...]:
    return kept[0].example.steps if kept else ()

"""A run that the program makes itself: laid out once, found again after a kill, finished.

Every output has its place (its id) before anything is generated, so what is missing is known.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from sit_core.errors import SitError
from sit_core.names import clean_name
from sit_core.records import Example, Outcome, Prediction
from sit_core.sources import Numbering
from sit_core.store.engine import Store
from sit_core.store.import_examples import add_examples, learn_variants, merged
from sit_core.store.jobs import ACTIVE
from sit_core.store.prompt_sets import assign_run
from sit_core.store.renaming import run_id_of
from sit_core.store.schema import jobs, predictions, run_errors, runs

CHUNK = 500
FACTORS = "factors"
"""Key in a run's provenance: factor → value."""
UNFINISHED, COMPLETE = "unfinished", "complete"


class OtherOrigin(SitError):
    """The run was begun with other weights or prompt texts, which its settings do not tell."""


@dataclass(frozen=True)
class OpenRun:
    """A run that is being written."""

    id: int
    name: str
    planned: tuple[Prediction, ...]
    """All of it, in order, with empty outputs."""
    missing: tuple[int, ...]
    """The places in `planned` that have no output yet."""
    new: bool = False
    """Whether it was laid out just now."""


@dataclass(frozen=True, slots=True)
class RunCounts:
    """How far a run is."""

    planned: int | None
    outputs: int
    cut: int
    errors: int
    refused: int = 0
    thoughts: int = 0
    """Outputs before which the model thought."""


def open_run(
    store: Store,
    name: str,
    asked: Sequence[Example],
    *,
    model: str,
    adapter: str | None,
    settings: Mapping[str, Any],
    provenance: Mapping[str, Any],
    job: int,
    factors: Mapping[str, str] | None = None,
    prompt_set: str | None = None,
    set_proposed: str = "prompts",
) -> OpenRun:
    """Lay out a new run, or find out what is missing of one that was begun with the same settings.

    Args:
        store: where to.
        name: the run's name, or one that it had.
        asked: what is asked, in order; the same example twice means two outputs.
        model: as the tables name it.
        adapter: likewise.
        settings: what the outputs depend on; a run that was begun must have the same.
        provenance: where it comes from; stored when the run is new.
        job: the number of the job that writes; no two may at once.
        factors: what tables group the run by; of a run that was begun, these replace those of the
            same names.
        prompt_set: the name of the prompt set that it belongs to; None: found by what it shares.
        set_proposed: what a new prompt set is called.

    Raises:
        SitError: the name is taken by another run, or another job is writing this one.
    """
    try:
        with store.write() as connection:
            number = run_id_of(connection, name)
            if number is None and clean_name(name) != name:
                name = clean_name(name)
                number = run_id_of(connection, name)
            row = connection.execute(
                select(runs).where(runs.c.id == number).with_for_update()
            ).first()
            ids_of = name
            if row is None:
                made = connection.execute(
                    insert(runs).values(
                        name=name,
                        model=model,
                        adapter=adapter,
                        settings=dict(settings),
                        provenance=_with_factors({**provenance, "job": job}, factors),
                        created_at=time.time(),
                        state=UNFINISHED,
                        planned=len(asked),
                    )
                ).inserted_primary_key
                assert made is not None
                run_id = made[0]
            else:
                name, ids_of = row.name, row.original_name or row.name
                _check_same(name, row.settings, settings)
                _check_alone(connection, name, row.provenance.get("job"), job)
                run_id = row.id
                connection.execute(
                    update(runs)
                    .where(runs.c.id == run_id)
                    .values(provenance=_with_factors({**row.provenance, "job": job}, factors))
                )
            planned = _laid_out(connection, ids_of, asked)
            if row is None or prompt_set is not None:
                assign_run(
                    connection,
                    run_id,
                    name=prompt_set,
                    proposed=set_proposed,
                    origin=str(provenance.get("examples") or name),
                    asked=[p.example.id for p in planned],
                )
            there = set(
                connection.scalars(select(predictions.c.id).where(predictions.c.run_id == run_id))
            )
    except IntegrityError:  # PostgreSQL: another session made a run of this name just now
        raise SitError(f"The run {name!r} was begun by somebody else just now.") from None
    missing = tuple(i for i, p in enumerate(planned) if p.id not in there)
    return OpenRun(run_id, name, tuple(planned), missing, new=row is None)


def _with_factors(provenance: dict[str, Any], factors: Mapping[str, str] | None) -> dict[str, Any]:
    if not factors:
        return provenance
    return {**provenance, FACTORS: {**provenance.get(FACTORS, {}), **factors}}


def _check_same(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    if not before:
        raise SitError(f"There is an imported run {name!r} already; choose another name.")
    other = sorted(k for k in {*before, *now} if before.get(k) != now.get(k))
    if other:
        raise SitError(
            f"The run {name!r} was begun with other settings ({', '.join(other)}); repeat those to "
            "go on with it, or choose another name."
        )


def _check_alone(connection: Connection, name: str, writer: int | None, job: int) -> None:
    if writer is None or writer == job:
        return
    active = connection.scalar(
        select(jobs.c.id).where(jobs.c.id == writer, jobs.c.state.in_(ACTIVE))
    )
    if active is not None:
        raise SitError(
            f"The job {writer} is writing the run {name!r} just now; wait for it, or cancel it."
        )


def _laid_out(connection: Connection, name: str, asked: Sequence[Example]) -> list[Prediction]:
    """The examples into the store, each with its place in the run that was ``name`` at first."""
    numbering, planned = Numbering(), list[Prediction]()
    for start in range(0, len(asked), CHUNK):
        chunk = [replace(example, variant=0) for example in asked[start : start + CHUNK]]
        learn_variants(connection, numbering, chunk)
        numbered = [numbering.number(Prediction(name, example, "")) for example in chunk]
        add_examples(
            connection, merged([p.example.id for p in numbered], [p.example for p in numbered])
        )
        planned += numbered
    return planned


def finish_run(store: Store, run: OpenRun) -> RunCounts:
    """Say that the run is complete, if every place has an output or a reason why there is none."""
    counts = run_counts(store, run.id)
    if counts.outputs and counts.outputs + counts.errors >= len(run.planned):
        with store.write() as connection:
            connection.execute(update(runs).where(runs.c.id == run.id).values(state=COMPLETE))
    return counts


def run_counts(store: Store, run_id: int) -> RunCounts:
    """How far it is."""
    with store.read() as connection:
        outputs, errors = (
            connection.scalar(select(func.count()).where(table.c.run_id == run_id)) or 0
            for table in (predictions, run_errors)
        )
        cut, refused, thoughts = (
            connection.scalar(select(func.count()).where(predictions.c.run_id == run_id, which))
            or 0
            for which in (
                predictions.c.outcome == Outcome.CUT.value,
                predictions.c.outcome == Outcome.REFUSED.value,
                predictions.c.thoughts.is_not(None),
            )
        )
        return RunCounts(
            planned=connection.scalar(select(runs.c.planned).where(runs.c.id == run_id)),
            outputs=outputs,
            cut=cut,
            errors=errors,
            refused=refused,
            thoughts=thoughts,
        )


def note_origin(store: Store, run: OpenRun, origin: Mapping[str, Any]) -> None:
    """Note in the run's provenance from which model, prompts and code this attempt's outputs come.

    Args:
        store: where.
        run: the run.
        origin: as JSON; what its ``same`` holds must not change from attempt to attempt.

    Raises:
        OtherOrigin: it did change, so that the outputs would not be of one kind.
    """
    with store.write() as connection:
        found = connection.scalar(select(runs.c.provenance).where(runs.c.id == run.id)) or {}
        attempts = list(found.get("attempts", []))
        if attempts:
            before, now = attempts[0].get("same", {}), origin["same"]
            other = sorted(k for k in {*before, *now} if before.get(k) != now.get(k))
            if other:
                raise OtherOrigin(
                    f"The run {run.name!r} was begun with other {' and other '.join(other)}; "
                    "choose another name."
                )
        connection.execute(
            update(runs)
            .where(runs.c.id == run.id)
            .values(provenance={**found, "attempts": [*attempts, dict(origin)]})
        )


def note_model(store: Store, run: OpenRun, identity: Mapping[str, Any]) -> None:
    """Note what the model of the newest attempt turned out to be.

    Args:
        store: where.
        run: the run.
        identity: as JSON, instead of the one that `note_origin` got.
    """
    with store.write() as connection:
        found = connection.scalar(select(runs.c.provenance).where(runs.c.id == run.id)) or {}
        attempts = list(found.get("attempts", []))
        if attempts:
            attempts[-1] = {**attempts[-1], "model": dict(identity)}
            connection.execute(
                update(runs)
                .where(runs.c.id == run.id)
                .values(provenance={**found, "attempts": attempts})
            )

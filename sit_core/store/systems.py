"""The systems of the leaderboard: our runs under the names they go by, and others' results.

A run without a row here is a system too, once an LLM judged it; it goes by its own name.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from sit_core.errors import SitError, UsageError
from sit_core.names import clean_name, name_fault
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.renaming import present_names, run_id_of
from sit_core.store.schema import former_run_names, runs, systems
from sit_core.store.study_plan import is_text

MAX_TEXT = 2000
KEEP = object()
"""Stands for: leave it as it is."""


@dataclass(frozen=True, slots=True)
class System:
    """One system."""

    name: str
    run: str | None
    """None: others' results."""
    base_model: str | None
    training_data: str | None
    figures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Of others' results: column → ``value``, ``n``, ``low``, ``high``, ``without``."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None
    """None: a run without a row."""


def list_systems(store: Store) -> list[System]:
    """All that have a row, in the order in which they came."""
    with store.read() as connection:
        return [_system(row) for row in connection.execute(_query().order_by(systems.c.id))]


def get_system(store: Store, name: str) -> System:
    """The system of that name; a run without a row goes by its own.

    Raises:
        UsageError: there is neither.
    """
    with store.read() as connection:
        return _found(connection, name)


def set_system(
    store: Store,
    name: str,
    *,
    rename: str | None = None,
    base_model: Any = KEEP,
    training_data: Any = KEEP,
    provenance: Mapping[str, Any] | None = None,
) -> System:
    """Say what a system is called, its base model and its training data; repeatable.

    Args:
        store: where.
        name: of the system, or of a run, which gets a row.
        rename: what it is called from now on.
        base_model: text, None for unknown, or `KEEP`.
        training_data: the same.
        provenance: added to what is known.

    Raises:
        UsageError: there is no such system, or a text can't be stored.
        SitError: another system has the new name.
    """
    values = {
        key: value or None
        for key, value in (("base_model", base_model), ("training_data", training_data))
        if value is not KEEP
    }
    problems = [] if rename is None else name_problems(rename)
    for key, value in values.items():
        if value is not None and (len(value) > MAX_TEXT or not is_text(value)):
            what = key.replace("_", " ")
            problems.append(f"The {what} must be text of at most {MAX_TEXT} characters.")
    if problems:
        raise UsageError(" ".join(problems))
    with store.write() as connection:
        there = _found(connection, name)
        called = clean_name(rename) if rename and rename != there.name else there.name
        other = connection.execute(_query().where(systems.c.name == called)).first()
        if other is not None and other.id != there.id:
            raise SitError(f"There is another system {called!r}; choose another name.")
        if called != there.name:
            owner = run_id_of(connection, called)
            if owner is not None and owner != run_id_of(connection, there.run or ""):
                raise SitError(
                    f"{called!r} is (or was) the name of another run, which is found under it; "
                    "choose another name."
                )
        values |= {"name": called, "provenance": {**there.provenance, **(provenance or {})}}
        if there.id is None:
            run_id = connection.scalar(select(runs.c.id).where(runs.c.name == there.run))
            values = {"base_model": there.base_model, "training_data": None, **values}
            connection.execute(
                insert(systems).values(run_id=run_id, figures={}, created_at=time.time(), **values)
            )
        else:
            connection.execute(update(systems).where(systems.c.id == there.id).values(**values))
        return _found(connection, called)


def put_reported(store: Store, reported: Sequence[System]) -> tuple[int, int, int]:
    """Store others' results; those known by their names are replaced, if they differ.

    Returns:
        How many were new, changed, and known exactly so.

    Raises:
        SitError: a name is that of one of our own systems or runs; nothing is stored then.
    """
    counts = [0, 0, 0]
    with store.write() as connection:
        ours = set(connection.scalars(select(runs.c.name)))
        ours |= set(connection.scalars(select(former_run_names.c.name)))
        ours |= set(connection.scalars(select(systems.c.name).where(systems.c.run_id.is_not(None))))
        taken = sorted({clean_name(system.name) for system in reported} & ours)
        if taken:
            raise SitError(
                f"These names are taken by systems with outputs: {', '.join(map(repr, taken[:5]))}"
                f"{' …' if len(taken) > 5 else ''}; rename them in the file (nothing was stored)."
            )
        for system in reported:
            called = (system.name, clean_name(system.name))
            there = connection.execute(
                select(systems).where(systems.c.name.in_(called), systems.c.run_id.is_(None))
            ).first()
            values: dict[str, Any] = {
                "base_model": system.base_model,
                "training_data": system.training_data,
                "figures": {key: dict(figure) for key, figure in system.figures.items()},
            }
            more = {"provenance": dict(system.provenance), "created_at": time.time()}
            if there is None:
                name = clean_name(system.name)
                connection.execute(insert(systems).values(name=name, **values, **more))
                counts[0] += 1
            elif any(getattr(there, key) != value for key, value in values.items()):
                mine = systems.c.id == there.id
                connection.execute(update(systems).where(mine).values(**values, **more))
                counts[1] += 1
            else:
                counts[2] += 1
    return counts[0], counts[1], counts[2]


def remove_system(store: Store, name: str) -> None:
    """Forget others' results, or what was said of a run; the run itself stays.

    Raises:
        UsageError: there is no such row.
    """
    with store.write() as connection:
        names = list(connection.scalars(select(systems.c.name)))
        if name not in names:
            (name,) = present_names(connection, [name])
        if name not in names:
            raise UsageError(unknown("system", name, names))
        connection.execute(delete(systems).where(systems.c.name == name))


def name_problems(name: str) -> list[str]:
    """What is wrong with a system's name."""
    fault = name_fault(name, "system")
    if not fault and not is_text(name):
        fault = "A system's name holds characters that are no text; take them out."
    return [fault] if fault else []


def _query() -> Any:
    return select(systems, runs.c.name.label("run"), runs.c.model.label("model")).outerjoin(
        runs, runs.c.id == systems.c.run_id
    )


def _system(row: Row[Any]) -> System:
    return System(
        name=row.name,
        run=row.run,
        base_model=row.base_model,
        training_data=row.training_data,
        figures=row.figures or {},
        provenance=row.provenance or {},
        id=row.id,
    )


def _found(connection: Connection, name: str) -> System:
    rows = connection.execute(_query()).all()
    for row in rows:
        if row.name == name:
            return _system(row)
    known = {row.name: row.model for row in connection.execute(select(runs.c.name, runs.c.model))}
    for row in rows:
        if row.run == name:  # a run that goes by another name is found by its own as well
            return _system(row)
    if name in known:
        return System(name, name, known[name], None)
    number = run_id_of(connection, name)  # by a name that it had
    if number is not None:
        return _found(
            connection, str(connection.scalar(select(runs.c.name).where(runs.c.id == number)))
        )
    names = list(dict.fromkeys([*(row.name for row in rows), *known]))
    raise UsageError(unknown("system", name, names))

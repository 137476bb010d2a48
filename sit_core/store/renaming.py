"""Runs and studies under new names, found under their former ones; and those that are archived.

Nothing is made anew and nothing is deleted: ids of outputs stay those of the name that the run had
first (``original_name``), former names lead to the same run or study, and none of them can become
the name of another. What is archived is left out of lists, and otherwise as it was.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from sit_core.errors import SitError, UsageError
from sit_core.names import clean_name, new_name
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.jobs import ACTIVE
from sit_core.store.schema import (
    former_run_names,
    former_study_names,
    jobs,
    runs,
    studies,
    systems,
)
from sit_core.store.study_plan import is_text


@dataclass(frozen=True, slots=True)
class _Kind:
    """Runs, or studies."""

    what: str
    table: Table
    former: Table
    owner: str
    """The column of `former` that says whose name it was."""


_RUN = _Kind("run", runs, former_run_names, "run_id")
_STUDY = _Kind("study", studies, former_study_names, "study_id")


@dataclass(frozen=True, slots=True)
class Renamed:
    """What came of it."""

    before: str
    name: str

    @property
    def sentence(self) -> str:
        """The same for people.

        >>> Renamed("a", "b").sentence
        "'a' is now called 'b'; its former name leads to it still."
        >>> Renamed("a", "a").sentence
        "It is called 'a' already."
        """
        if self.before == self.name:
            return f"It is called {self.name!r} already."
        return f"{self.before!r} is now called {self.name!r}; its former name leads to it still."


def run_id_of(connection: Connection, name: str) -> int | None:
    """The number of the run that is called so, or was before; None where there is none."""
    return _id_of(connection, _RUN, name)


def study_id_of(connection: Connection, name: str) -> int | None:
    """The number of the study that is called so, or was before; None where there is none."""
    return _id_of(connection, _STUDY, name)


def present_runs(store: Store, names: Sequence[str]) -> tuple[str, ...]:
    """What these runs are called now; names that are unknown stay as they are, in their places."""
    if not names:
        return ()
    with store.read() as connection:
        return tuple(present_names(connection, names))


def present_names(connection: Connection, names: Sequence[str]) -> list[str]:
    """As `present_runs`, as part of a larger transaction."""
    now = _former(connection, _RUN)
    return [now.get(name, name) for name in names]


def present_run(store: Store, name: str) -> str:
    """What the run of that name is called now; an unknown name as it is."""
    return present_runs(store, [name])[0]


def present_study(store: Store, name: str) -> str:
    """What the study of that name is called now; an unknown name as it is."""
    with store.read() as connection:
        return _former(connection, _STUDY).get(name, name)


def study_number(store: Store, name: str) -> int | None:
    """As `study_id_of`, by itself."""
    with store.read() as connection:
        return study_id_of(connection, name)


def former_and_present(store: Store) -> tuple[dict[str, str], dict[str, str]]:
    """Former name → present name, of runs and of studies."""
    with store.read() as connection:
        return _former(connection, _RUN), _former(connection, _STUDY)


def former_run_names_of(store: Store) -> list[str]:
    """All names that runs had before."""
    with store.read() as connection:
        return list(_former(connection, _RUN))


def former_names_of_runs(store: Store) -> dict[str, tuple[str, ...]]:
    """Run → the names that it had before, the oldest first; only those that had any."""
    return _former_of(store, _RUN)


def former_names_of_studies(store: Store) -> dict[str, tuple[str, ...]]:
    """Study → the names that it had before, the oldest first; only those that had any."""
    return _former_of(store, _STUDY)


def archived_runs(store: Store) -> list[str]:
    """The names of the runs that are archived, in their order."""
    return _archived(store, _RUN)


def archived_studies(store: Store) -> list[str]:
    """The names of the studies that are archived, in their order."""
    return _archived(store, _STUDY)


def rename_run(store: Store, name: str, new: str) -> Renamed:
    """Call a run otherwise; it is found under its former names as well.

    The system of the leaderboard that goes by the run's name goes by the new one; one that has a
    name of its own keeps it. Jobs that write the run are listed with it.

    Args:
        store: where.
        name: what it is called, or was.
        new: what it is called from now on.

    Raises:
        UsageError: the new name can't be one.
        SitError: there is no such run, or the new name is (or was) another run's, a system's, or
            that of a run which a job is about to make, or a job is at work on the run.
    """
    return _rename(store, _RUN, name, new, _rename_in_systems_and_jobs)


def rename_study(store: Store, name: str, new: str) -> Renamed:
    """Call a study otherwise; it is found under its former names as well.

    Raises:
        UsageError: the new name can't be one.
        SitError: there is no such study, or the new name is (or was) another's, or a job is at
            work on the study.
    """
    return _rename(store, _STUDY, name, new, lambda *_: None)


def archive_runs(store: Store, names: Sequence[str], archived: bool = True) -> tuple[str, ...]:
    """Leave runs out of lists, or (``archived=False``) show them again; nothing else changes.

    Returns:
        What they are called.

    Raises:
        UsageError: all names that are not there; nothing has changed then.
    """
    return _archive(store, _RUN, names, archived)


def archive_studies(store: Store, names: Sequence[str], archived: bool = True) -> tuple[str, ...]:
    """The same for studies."""
    return _archive(store, _STUDY, names, archived)


def name_free(connection: Connection, what: str, name: str) -> str | None:
    """What a new run or study can't be called so for, as a sentence; None where it can.

    Args:
        connection: inside the transaction that makes it.
        what: ``run`` or ``study``.
        name: cleaned.
    """
    kind = _RUN if what == "run" else _STUDY
    owner = _id_of(connection, kind, name)
    if owner is None:
        return None
    now = connection.scalar(select(kind.table.c.name).where(kind.table.c.id == owner))
    if now == name:
        return f"There is a {kind.what} called {name!r} already; choose another name."
    return (
        f"{name!r} is a former name of the {kind.what} {now!r}, which is found under it still; "
        "choose another name."
    )


def _id_of(connection: Connection, kind: _Kind, name: str) -> int | None:
    if not is_text(name):
        return None
    of = kind.former.c
    found: int | None = connection.scalar(select(kind.table.c.id).where(kind.table.c.name == name))
    if found is None:
        found = connection.scalar(select(of[kind.owner]).where(of.name == name))
    return found


def _former(connection: Connection, kind: _Kind) -> dict[str, str]:
    """Former name → present name."""
    of = kind.former.c
    query = select(of.name.label("before"), kind.table.c.name).join(
        kind.table, kind.table.c.id == of[kind.owner]
    )
    return {row.before: row.name for row in connection.execute(query)}


def _former_of(store: Store, kind: _Kind) -> dict[str, tuple[str, ...]]:
    of = kind.former.c
    query = (
        select(kind.table.c.name, of.name.label("before"))
        .join(kind.former, of[kind.owner] == kind.table.c.id)
        .order_by(of.created_at, of.name)
    )
    found: dict[str, tuple[str, ...]] = {}
    with store.read() as connection:
        for row in connection.execute(query):
            found[row.name] = (*found.get(row.name, ()), row.before)
    return found


def _archived(store: Store, kind: _Kind) -> list[str]:
    t = kind.table.c
    with store.read() as connection:
        query = select(t.name).where(t.archived_at.is_not(None))
        return list(connection.scalars(query.order_by(t.created_at.desc(), t.id.desc())))


def _unknown(connection: Connection, kind: _Kind, name: str) -> str:
    return unknown(kind.what, name, list(connection.scalars(select(kind.table.c.name))))


def _rename(
    store: Store,
    kind: _Kind,
    name: str,
    new: str,
    also: Callable[[Connection, int, str, str], None],
) -> Renamed:
    new = new_name(new, kind.what)
    if not is_text(new):
        raise UsageError(f"The {kind.what}'s name holds characters that are no text.")
    t, of = kind.table.c, kind.former.c
    try:
        with store.write() as connection:
            number = _id_of(connection, kind, name)
            if number is None:
                raise SitError(_unknown(connection, kind, name))
            row = connection.execute(
                select(kind.table).where(t.id == number).with_for_update()
            ).one()
            if row.name == new:
                return Renamed(new, new)
            taken = _id_of(connection, kind, new)
            if taken not in (None, number):
                raise SitError(name_free(connection, kind.what, new) or "")
            _check_no_job_works_on(connection, kind, number, row.name)
            also(connection, number, row.name, new)
            connection.execute(delete(kind.former).where(of.name == new))
            connection.execute(
                insert(kind.former).values(
                    {"name": row.name, kind.owner: number, "created_at": time.time()}
                )
            )
            connection.execute(
                update(kind.table)
                .where(t.id == number)
                .values(name=new, original_name=row.original_name or row.name)
            )
            return Renamed(row.name, new)
    except IntegrityError:  # PostgreSQL: another session took the name meanwhile
        raise SitError(
            f"There is a {kind.what} called {new!r} since just now; choose another name."
        ) from None


_NAMING = {
    "run": ("--run=", "--against=", "--name=", "--examples=run:"),
    "study": ("--study=",),
}
"""How words of a job's command begin that name a run, or a study."""


def _check_no_job_works_on(connection: Connection, kind: _Kind, number: int, name: str) -> None:
    """A job that is under way looks its runs up by their names again and again."""
    of = kind.former.c
    names = {name, *connection.scalars(select(of.name).where(of[kind.owner] == number))}
    words = {begin + one for begin in _NAMING[kind.what] for one in names}
    active = select(jobs.c.id, jobs.c.command, jobs.c.run).where(jobs.c.state.in_(ACTIVE))
    for job in connection.execute(active.order_by(jobs.c.id)):
        if words & set(job.command) or (kind is _RUN and job.run in names):
            raise SitError(
                f"The job {job.id} works on the {kind.what} {name!r} just now; wait for it, or "
                "cancel it."
            )


def _rename_in_systems_and_jobs(connection: Connection, run_id: int, before: str, new: str) -> None:
    s, j = systems.c, jobs.c
    other = or_(s.run_id.is_(None), s.run_id != run_id)
    if connection.scalar(select(s.id).where(s.name == new, other)) is not None:
        raise SitError(f"There is another system {new!r} on the leaderboard; choose another name.")
    planned = connection.scalar(
        select(func.min(j.id)).where(j.run == new, j.run != before, j.state.in_(ACTIVE))
    )
    if planned is not None:
        raise SitError(f"The job {planned} is about to make a run {new!r}; choose another name.")
    connection.execute(update(systems).where(s.run_id == run_id, s.name == before).values(name=new))
    connection.execute(update(jobs).where(j.run == before).values(run=new))


def _archive(store: Store, kind: _Kind, names: Sequence[str], archived: bool) -> tuple[str, ...]:
    t = kind.table.c
    with store.write() as connection:
        numbers: dict[int, None] = {}
        wrong: list[str] = []
        for name in names:
            number = _id_of(connection, kind, name)
            if number is None and is_text(name):
                number = _id_of(connection, kind, clean_name(name))
            if number is None:
                wrong.append(_unknown(connection, kind, name))
            else:
                numbers[number] = None
        if wrong:
            raise UsageError(" ".join(wrong))
        values: dict[str, Any] = {"archived_at": time.time() if archived else None}
        changes = t.archived_at.is_(None) if archived else t.archived_at.is_not(None)
        connection.execute(
            update(kind.table).where(t.id.in_(list(numbers)), changes).values(**values)
        )
        called = {r.id: r.name for r in connection.execute(select(t.id, t.name))}
        return tuple(called[number] for number in numbers)

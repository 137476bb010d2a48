"""Prompt sets: which runs were asked the same prompts, so that they can be compared.

A **prompt set** is a named set of questions, each known by its `sit_core.matching` key. Every run
belongs to one:

- the one that is named when the run is made or imported; it is begun if there is none of that name;
- else the one that the run is in already, when rows are added to it;
- else the one that it shares most with, if that is nearly all (`NEARLY`) of the run's prompts or
  of the set's: a run over part of a set belongs to it, and so does one over more than the set;
- else a new one, named after the file or data set.

A set grows to hold all prompts of its runs and never loses one by itself, nor its name; two sets
are never made one. Where that was wrong, `assign_runs` says otherwise. Outputs kept from the Live
page are for prompts that somebody typed: their runs are in a set of their own, which no other run
is found to belong to.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, literal, select, update

from sit_core.errors import SitError, UsageError
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.renaming import run_id_of
from sit_core.store.schema import (
    examples,
    predictions,
    prompt_set_prompts,
    prompt_set_runs,
    prompt_sets,
    run_errors,
    runs,
)
from sit_core.store.study_plan import is_text
from sit_core.store.write_lock import AdvisoryLock, hold

NEARLY = 0.9
"""So large a share of the smaller of the two, run or set, must be in both."""
LIVE = "Live page"
LONGEST = 200
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class PromptSet:
    """A prompt set as it is now."""

    name: str
    prompts: int
    sha256: str
    """Of its prompts' keys, sorted: the same prompts have the same."""
    origin: str
    """Where it comes from: the file, data set or command of its first run."""
    runs: tuple[tuple[str, int], ...]
    """Name of each run in it and how many of the prompts that has; the most first."""
    created_at: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.name,
            "prompts": self.prompts,
            "sha256": self.sha256,
            "origin": self.origin,
            "runs": [{"run": run, "prompts": n} for run, n in self.runs],
        }


def prompt_set_fault(name: str) -> str | None:
    """What is wrong with a prompt set's name, or None."""
    if not name.strip() or not is_text(name):
        return "a prompt set needs a name, of ordinary characters"
    if len(name) > LONGEST:
        return f"a prompt set's name may have {LONGEST} characters at most"
    return None


def list_prompt_sets(store: Store) -> list[PromptSet]:
    """All of them: those with most runs first, then those with most prompts."""
    s, r = prompt_sets.c, prompt_set_runs.c
    p, e = predictions.c, examples.c
    answered = (
        select(p.run_id, func.count(e.match_key.distinct()).label("n"))
        .join(examples, e.id == p.example_id)
        .group_by(p.run_id)
        .subquery()
    )
    members = (
        select(r.prompt_set_id, runs.c.name, func.coalesce(answered.c.n, 0).label("n"))
        .join(runs, runs.c.id == r.run_id)
        .outerjoin(answered, answered.c.run_id == r.run_id)
        .order_by(func.coalesce(answered.c.n, 0).desc(), runs.c.id)
    )
    with store.read() as connection:
        rows = connection.execute(select(prompt_sets).order_by(s.id)).all()
        of_set: dict[int, list[tuple[str, int]]] = {}
        for row in connection.execute(members):
            of_set.setdefault(row.prompt_set_id, []).append((row.name, row.n))
    found = [
        PromptSet(
            row.name,
            row.prompts,
            row.sha256,
            row.origin,
            tuple(of_set.get(row.id, ())),
            row.created_at,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-len(one.runs), -one.prompts, one.name))


def get_prompt_set(store: Store, name: str) -> PromptSet:
    """The one of that name.

    Raises:
        SitError: there is none; the message suggests the nearest names.
    """
    found = list_prompt_sets(store)
    for one in found:
        if one.name == name:
            return one
    raise SitError(unknown("prompt set", name, [one.name for one in found]))


def prompt_set_sizes(store: Store) -> dict[str, int]:
    """Name of each prompt set → how many prompts it has."""
    s = prompt_sets.c
    with store.read() as connection:
        return {row[0]: row[1] for row in connection.execute(select(s.name, s.prompts))}


def sets_of_runs(store: Store, names: Sequence[str] | None = None) -> dict[str, str]:
    """Run → the name of its prompt set; of these runs, or of all. A run without one is left out."""
    query = (
        select(runs.c.name, prompt_sets.c.name.label("prompt_set"))
        .join(prompt_set_runs, prompt_set_runs.c.run_id == runs.c.id)
        .join(prompt_sets, prompt_sets.c.id == prompt_set_runs.c.prompt_set_id)
    )
    if names is not None:
        query = query.where(runs.c.name.in_(names))
    with store.read() as connection:
        return {row.name: row.prompt_set for row in connection.execute(query)}


def sets_said(store: Store, run_names: Sequence[str]) -> str:
    """The prompt sets of these runs in words, each with its runs where they have several; or "".

    Names are untrusted: show it verbatim.
    """
    of_run = sets_of_runs(store, run_names)
    of_set: dict[str, list[str]] = {}
    for run in run_names:
        of_set.setdefault(of_run.get(run, "none"), []).append(run)
    if not of_run:
        return ""
    if len(of_set) == 1:
        return f"Prompt set: {next(iter(of_set))}"
    parts = [f"{name} ({', '.join(members)})" for name, members in of_set.items()]
    return f"Prompt sets: {'; '.join(parts)}"


def sets_differ(store: Store, run_names: Sequence[str]) -> str:
    """The sentence on runs that are of different prompt sets; "" where they are of one.

    Names are untrusted: show it verbatim.
    """
    of_run = sets_of_runs(store, run_names)
    if len({of_run.get(run) for run in run_names}) < 2:
        return ""
    return (
        f"These runs are of different prompt sets, and only what all of them have is compared. "
        f"{sets_said(store, run_names)}"
    )


def rename_prompt_set(store: Store, name: str, new: str) -> None:
    """Give a prompt set another name.

    Raises:
        UsageError: the new name can't be one.
        SitError: there is no such set, or the new name is taken.
    """
    if fault := prompt_set_fault(new):
        raise UsageError(f"{fault[0].upper()}{fault[1:]}.")
    with store.write() as connection:
        hold(connection, AdvisoryLock.PROMPT_SETS)
        known = _known(connection)
        if name not in known:
            raise SitError(unknown("prompt set", name, list(known)))
        if new in known and new != name:
            raise SitError(f"There is a prompt set called {new!r} already; choose another name.")
        connection.execute(
            update(prompt_sets).where(prompt_sets.c.id == known[name]).values(name=new)
        )


def assign_runs(store: Store, name: str, run_names: Sequence[str]) -> None:
    """Put runs into the prompt set of that name, which is begun if need be.

    Raises:
        UsageError: a run is unknown, or the name can't be one.
    """
    if fault := prompt_set_fault(name):
        raise UsageError(f"{fault[0].upper()}{fault[1:]}.")
    with store.write() as connection:
        hold(connection, AdvisoryLock.PROMPT_SETS)
        found = {run: run_id_of(connection, run) for run in run_names}
        known = list(connection.scalars(select(runs.c.name)))
        wrong = [unknown("run", run, known) for run, number in found.items() if number is None]
        if wrong:
            raise UsageError(" ".join(wrong))
        for run, number in found.items():
            assert number is not None
            assign_run(connection, number, name=name, origin=run)


def assign_run(
    connection: Connection,
    run_id: int,
    *,
    name: str | None = None,
    proposed: str = "prompts",
    origin: str = "",
    asked: Iterable[str] = (),
    live: bool = False,
) -> int:
    """Find the prompt set that a run belongs to, and have it hold all the run's prompts.

    A set that the run leaves keeps only the prompts of the runs that stay in it, if any do.

    Args:
        connection: inside a writing transaction.
        run_id: the run; what it has outputs or errors for counts.
        name: the set's name, if somebody said it.
        proposed: what a new set is called otherwise; with a number where that is taken.
        origin: where it comes from, kept with a new set.
        asked: ids of further examples that the run is going to be asked.
        live: its outputs come from the Live page.

    Returns:
        The set's number.
    """
    hold(connection, AdvisoryLock.PROMPT_SETS)
    mine = _new(connection, _free(connection, proposed[: LONGEST - 8]), origin, live)
    for part in _keys_of(run_id, asked):
        _add(connection, mine, part)
    before = target = _set_of(connection, run_id)
    if name is not None:
        target = _known(connection).get(name)
    elif target is None:
        target = _live_set(connection, mine) if live else _nearest(connection, mine)
    if target is None:
        target = mine
        if name is not None:
            connection.execute(
                update(prompt_sets).where(prompt_sets.c.id == mine).values(name=name)
            )
    else:
        held = prompt_set_prompts.c
        _add(connection, target, select(held.match_key).where(held.prompt_set_id == mine))
        connection.execute(delete(prompt_sets).where(prompt_sets.c.id == mine))
    connection.execute(delete(prompt_set_runs).where(prompt_set_runs.c.run_id == run_id))
    connection.execute(insert(prompt_set_runs).values(run_id=run_id, prompt_set_id=target))
    _count(connection, target)
    if before not in (None, target):
        _shrink(connection, before)
    return target


def _known(connection: Connection) -> dict[str, int]:
    return {row.name: row.id for row in connection.execute(select(prompt_sets))}


def _set_of(connection: Connection, run_id: int) -> int | None:
    r = prompt_set_runs.c
    return connection.scalar(select(r.prompt_set_id).where(r.run_id == run_id))


def _free(connection: Connection, proposed: str) -> str:
    """The name, with a number if it is taken."""
    known, number, name = _known(connection), 2, proposed
    while name in known:
        name, number = f"{proposed} ({number})", number + 1
    return name


def _new(connection: Connection, name: str, origin: str, live: bool) -> int:
    made = connection.execute(
        insert(prompt_sets).values(
            name=name, origin=origin, prompts=0, sha256="", live=live, created_at=time.time()
        )
    ).inserted_primary_key
    assert made is not None
    return int(made[0])


def _keys_of(run_id: int, asked: Iterable[str] = ()) -> Iterable[Select[Any]]:
    """Statements that give all keys of a run's prompts."""
    e = examples.c
    for table in (predictions, run_errors):
        mine = select(table.c.example_id).where(table.c.run_id == run_id)
        yield select(e.match_key).where(e.id.in_(mine)).distinct()
    ids = list(dict.fromkeys(asked))
    for start in range(0, len(ids), _CHUNK):
        yield select(e.match_key).where(e.id.in_(ids[start : start + _CHUNK])).distinct()


def _add(connection: Connection, set_id: int, keys: Select[Any]) -> None:
    """These keys into the set, but for those that it has."""
    held, wanted = prompt_set_prompts.c, keys.subquery()
    there = select(held.match_key).where(held.prompt_set_id == set_id)
    new = select(wanted.c.match_key).where(wanted.c.match_key.not_in(there))
    rows = new.subquery()
    connection.execute(
        insert(prompt_set_prompts).from_select(
            ["prompt_set_id", "match_key"],
            select(literal(set_id), rows.c.match_key).distinct(),
        )
    )


def _live_set(connection: Connection, mine: int) -> int | None:
    """The set of what comes from the Live page, if there is one besides this."""
    s = prompt_sets.c
    return connection.scalar(select(s.id).where(s.live, s.id != mine).order_by(s.id).limit(1))


def _nearest(connection: Connection, mine: int) -> int | None:
    """The other set that shares most with this one, if it is nearly all of either."""
    a, b = prompt_set_prompts.alias("a"), prompt_set_prompts.alias("b")
    s = prompt_sets.c
    size = connection.scalar(select(func.count()).where(a.c.prompt_set_id == mine)) or 0
    rows = connection.execute(
        select(s.id, s.prompts, func.count().label("both"))
        .join(b, b.c.prompt_set_id == s.id)
        .join(a, a.c.match_key == b.c.match_key)
        .where(a.c.prompt_set_id == mine, s.id != mine, s.live.is_(False))
        .group_by(s.id, s.prompts)
    ).all()
    return nearest(size, {row.id: (row.both, row.prompts) for row in rows})


def nearest(size: int, sets: Mapping[int, tuple[int, int]]) -> int | None:
    """The set that a run belongs to; of several the one that shares most, then the smallest.

    Args:
        size: how many prompts the run has.
        sets: number of a set → how many of its prompts the run has too, and how many it has.

    >>> nearest(100, {1: (100, 805), 2: (40, 50), 3: (0, 10)}), nearest(805, {1: (100, 100)})
    (1, 1)
    >>> nearest(100, {1: (50, 100)}) is None
    True
    """
    near = [
        (-both, of_set, number)
        for number, (both, of_set) in sets.items()
        if both and both >= NEARLY * min(size, of_set)
    ]
    return min(near)[2] if near else None


def _count(connection: Connection, set_id: int) -> None:
    """Set the number of prompts and their hash."""
    held = prompt_set_prompts.c
    digest, n = sha256(), 0
    query = select(held.match_key).where(held.prompt_set_id == set_id).order_by(held.match_key)
    for key in connection.scalars(query.execution_options(yield_per=_CHUNK)):
        digest.update(key.encode())
        n += 1
    connection.execute(
        update(prompt_sets)
        .where(prompt_sets.c.id == set_id)
        .values(prompts=n, sha256=digest.hexdigest())
    )


def _shrink(connection: Connection, set_id: int | None) -> None:
    """Leave the set only the prompts of its runs; as it is, where none is left."""
    r, held = prompt_set_runs.c, prompt_set_prompts.c
    members = list(connection.scalars(select(r.run_id).where(r.prompt_set_id == set_id)))
    if set_id is None or not members:
        return
    connection.execute(delete(prompt_set_prompts).where(held.prompt_set_id == set_id))
    for run_id in members:
        for part in _keys_of(run_id):
            _add(connection, set_id, part)
    _count(connection, set_id)

"""What a study is drawn from: the examples that its runs share, their steps, the outputs to judge.

Runs share an example when they asked the same question, found by its `sit_core.matching` key: the
files that they came from may have written it down with other line ends or blanks.

Used inside `sit_core.store.studies`; `shared_examples` and `study_steps` also tell a researcher,
before anything is made, how many examples there are and which steps they ask for.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, func, insert, select

from sit_core.errors import UsageError
from sit_core.records import Step, chain, steps_from_json
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.renaming import run_id_of
from sit_core.store.sample_verdicts import sampled
from sit_core.store.schema import examples, predictions, runs, slots
from sit_core.store.write_lock import AdvisoryLock, hold

CHUNK = 5000
SHOWN = 200
"""How many characters of an example's text are shown."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunShare:
    """What one run shares with others."""

    run: str
    examples: int
    """Different questions that it has an output for."""
    left_out: int
    """Those of them that not all the others have."""
    shown: tuple[str, ...]
    """Of these, the first three: the beginning of the input, else of the instruction. Untrusted."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """What runs share, and what of each of them is left out."""

    shared: int
    """Examples that all of the runs have an output for."""
    runs: tuple[RunShare, ...]
    """In the order of the names given."""

    @property
    def sentences(self) -> list[str]:
        """What they share, then for each run what of it is left out, with some of that.

        >>> shares = (RunShare("a", 3, 1, ("Why? Say.",)), RunShare("b", 2, 0, ()))
        >>> for sentence in Sharing(2, shares).sentences:
        ...     print(sentence)
        The 2 runs share 2 examples.
        a: 1 of its 3 examples is left out, because not every run has it (“Why? Say.”).
        """
        n = f"{self.shared:,} example{'' if self.shared == 1 else 's'}"
        if len(self.runs) < 2:
            return [f"The run has {n}."] if self.runs else []
        found = [f"The {len(self.runs)} runs share {n}."]
        for one in self.runs:
            if one.left_out:
                texts = ", ".join(f"“{beginning(text)}”" for text in one.shown)
                more = ", …" if one.left_out > len(one.shown) else ""
                are, them = ("is", "it") if one.left_out == 1 else ("are", "them")
                found.append(
                    f"{one.run}: {one.left_out:,} of its {one.examples:,} examples {are} left out, "
                    f"because not every run has {them} ({texts}{more})."
                )
        return found

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "shared": self.shared,
            "runs": [
                {
                    "run": one.run,
                    "examples": one.examples,
                    "left_out": one.left_out,
                    "left_out_shown": list(one.shown),
                }
                for one in self.runs
            ],
        }


def beginning(text: str, characters: int = 80) -> str:
    r"""The beginning of a text on one line.

    >>> beginning("Which one?\n\nA or B", 12)
    'Which one? A…'
    """
    line = " ".join(text.split())
    return line if len(line) <= characters else f"{line[:characters]}…"


def sharing(store: Store, run_names: Sequence[str], shown: int = 3) -> Sharing:
    """How many examples these runs share, and how many of each are left out, with some of them.

    Raises:
        UsageError: there is no run of that name.
    """
    with store.read() as connection:
        of_runs = run_ids(connection, run_names)
        keys = _shared_keys(of_runs).subquery()
        shared = connection.scalar(select(func.count()).select_from(keys)) or 0
        p, e = predictions.c, examples.c
        joined = predictions.join(examples, e.id == p.example_id)
        counts: dict[int, int] = {
            row[0]: row[1]
            for row in connection.execute(
                select(p.run_id, func.count(e.match_key.distinct()))
                .select_from(joined)
                .where(p.run_id.in_(of_runs))
                .group_by(p.run_id)
            )
        }
        found = []
        for name, run_id in zip(run_names, of_runs, strict=True):
            n = counts.get(run_id, 0)
            texts: list[str] = []
            if n > shared:
                query = (
                    select(func.substr(e.input, 1, SHOWN), func.substr(e.instruction, 1, SHOWN))
                    .select_from(joined)
                    .where(p.run_id == run_id, e.match_key.not_in(select(keys.c.match_key)))
                    .group_by(e.match_key, e.input, e.instruction)
                    .order_by(func.min(p.row))
                    .limit(shown)
                )
                texts = [row[0] or row[1] for row in connection.execute(query)]
            found.append(RunShare(name, n, n - shared, tuple(texts)))
    return Sharing(shared, tuple(found))


def shared_examples(store: Store, run_names: Sequence[str]) -> int:
    """How many examples all of these runs have an output for; 0 for no runs.

    Raises:
        UsageError: there is no run of that name.
    """
    with store.read() as connection:
        return len(shared_ids(connection, run_ids(connection, run_names)))


def study_steps(store: Store, run_names: Sequence[str]) -> tuple[Step, ...]:
    """The chain that the examples shared by these runs have.

    Raises:
        UsageError: they have none, or different ones.
    """
    with store.read() as connection:
        of_runs = run_ids(connection, run_names)
        return steps_of(connection, of_runs, shared_ids(connection, of_runs))


def run_ids(connection: Connection, names: Sequence[str]) -> list[int]:
    """The runs' numbers, in the order of their names.

    Raises:
        UsageError: all names that are not there, with the nearest ones.
    """
    found = {name: run_id_of(connection, name) for name in names}
    if None in found.values():
        known = list(connection.scalars(select(runs.c.name)))
        missing = [unknown("run", name, known) for name, number in found.items() if number is None]
        raise UsageError(" ".join(missing))
    return [number for name in names if (number := found[name]) is not None]


def unfinished_runs(connection: Connection, of_runs: Sequence[int]) -> list[str]:
    """A sentence for each of these runs that is still being written: its samples may grow."""
    return [
        f"The run {name!r} is unfinished ({planned} outputs are planned); wait for its job, or "
        "resume it."
        for name, planned in connection.execute(
            select(runs.c.name, runs.c.planned)
            .where(runs.c.id.in_(of_runs), runs.c.state != "complete")
            .order_by(runs.c.name)
        )
    ]


def _shared_keys(of_runs: Sequence[int]) -> Select[Any]:
    """``match_key`` and ``example_id``, the least id, of what every one of these runs has."""
    p, e = predictions.c, examples.c
    return (
        select(e.match_key, func.min(e.id).label("example_id"))
        .join(predictions, p.example_id == e.id)
        .where(p.run_id.in_(of_runs))
        .group_by(e.match_key)
        .having(func.count(p.run_id.distinct()) == len(set(of_runs)))
    )


def keys_of_all(run_names: Sequence[str]) -> Select[Any]:
    """The keys of the questions for which every run of these names has an output."""
    p, e = predictions.c, examples.c
    return (
        select(e.match_key)
        .join(predictions, p.example_id == e.id)
        .join(runs, runs.c.id == p.run_id)
        .where(runs.c.name.in_(run_names))
        .group_by(e.match_key)
        .having(func.count(p.run_id.distinct()) == len(set(run_names)))
    )


def shared_ids(connection: Connection, of_runs: Sequence[int]) -> list[str]:
    """The ids, sorted, of the examples for which every one of these runs has an output.

    One id for each: the least one, where runs have written the same question in several ways.
    """
    found = connection.execute(_shared_keys(of_runs))
    return sorted(row.example_id for row in found)  # databases sort texts in orders of their own


def steps_of(
    connection: Connection, of_runs: Sequence[int], example_ids: Sequence[str]
) -> tuple[Step, ...]:
    """The chain that all the examples have, as far as any of the runs knows it.

    Raises:
        UsageError: they have different ones, or none; asks the researcher to name the steps.
    """
    kinds: dict[tuple[str, ...], tuple[Step, ...]] = {}
    p, e = predictions.c, examples.c
    asked = select(p.example_id).where(p.run_id.in_(of_runs))
    for some in _chunks(example_ids):
        keys = select(e.match_key).where(e.id.in_(some))
        rows = connection.execute(
            select(e.match_key, e.steps).where(e.match_key.in_(keys), e.id.in_(asked))
        )
        of_key: dict[str, dict[tuple[str, ...], tuple[Step, ...]]] = {}
        for key, steps in rows:
            found = chain(steps_from_json(steps))
            of_key.setdefault(key, {})[tuple(s.key for s in found)] = found
        for chains in of_key.values():
            if len(chains) > 1:
                chains.pop((), None)  # a file that tells no steps says nothing against another's
            kinds |= chains
        if len(kinds) > 1:
            break
    if len(kinds) == 1 and all(kinds):
        return tuple(Step(s.task, s.letter, s.key) for s in next(iter(kinds.values())))
    reason = (
        "The examples have different chains of steps"
        if len(kinds) > 1
        else "The steps of these examples are not known"
    )
    raise UsageError(f"{reason}; name the steps to judge (such as repeat,answer).")


def first_outputs(
    connection: Connection, of_runs: Sequence[int], example_ids: Sequence[str]
) -> list[str]:
    """The first output of each run for each example; examples outside, runs inside."""
    found: dict[tuple[str, int], str] = {}
    p, e = predictions.c, examples.c
    keys: dict[str, str] = {}
    for some in _chunks(example_ids):
        mine = {
            row.id: row.match_key
            for row in connection.execute(select(e.id, e.match_key).where(e.id.in_(some)))
        }
        keys |= mine
        rows = connection.execute(
            select(e.match_key, p.run_id, p.id)
            .join(predictions, p.example_id == e.id)
            .where(p.run_id.in_(of_runs), e.match_key.in_(list(mine.values())))
            .order_by(p.ordinal, p.row, p.id)
        )
        for key, run_id, prediction_id in rows:
            found.setdefault((key, run_id), prediction_id)
    return [found[keys[e], r] for e in example_ids for r in of_runs]


def lay_out(
    connection: Connection,
    study_id: int,
    prediction_ids: Sequence[str],
    annotators: int,
    first: int = 0,
) -> None:
    """Make the queue: one slot per sample and annotator place, in this order from ``first`` on.

    The study has these runs already (``study_runs``).
    """
    hold(connection, AdvisoryLock.STUDY_SAMPLES)  # what machines say meanwhile waits, see `sampled`
    rows: Iterator[dict[str, Any]] = (
        {"study_id": study_id, "prediction_id": p, "position": i, "place": place}
        for i, p in enumerate(prediction_ids, first)
        for place in range(annotators)
    )
    for batch in _chunks(rows):
        connection.execute(insert(slots), batch)
    sampled(connection, study_id, prediction_ids)


def _chunks(things: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(things)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk

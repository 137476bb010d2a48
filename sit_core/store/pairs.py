"""Verdicts side by side: two runs, several annotators, or two judges, on the same samples.

The database pairs the patterns of verdicts (see `sit_core.store.sample_verdicts`) and counts the
pairs; what a pair of patterns comes to is worked out once.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Subquery,
    and_,
    case,
    false,
    func,
    or_,
    select,
)

from sit_core.store.engine import Store
from sit_core.store.pattern_counts import (
    of_scope,
    pattern_counts,
    patterns,
    patterns_there,
    reader,
    with_pattern,
)
from sit_core.store.schema import examples, judges, predictions, sample_verdicts, slots
from sit_core.store.verdict_patterns import PatternReader, State
from sit_core.store.verdict_state import (
    DONE,
    NOT_DONE,
    STATES,
    Selection,
    VerdictFilter,
    population,
    table_connection,
)

SHOWN = 200
"""How many characters of an example's text come with a difference."""

Cells = Mapping[tuple[State, State], int]
"""(state of the first, state of the second) → how many."""


@dataclass(frozen=True, slots=True)
class DifferingExample:
    """An example on which the two runs differ at one step, with the outputs on both sides."""

    example_id: str
    instruction: str
    input: str
    first: str
    """Id of the first run's prediction."""
    second: str
    first_done: bool
    """Whether it was the first run that did it (else the second)."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """So many samples got just these verdicts: judge's name → a state per key of the scope."""

    verdicts: Mapping[str, tuple[State, ...]]
    samples: int


def paired_states(
    store: Store, scope: Selection, reading: VerdictFilter, first: str, second: str
) -> dict[str, Cells]:
    """Per key: how many of the shared examples have which two states."""
    both = _paired(scope, reading, first, second)
    found: dict[str, dict[tuple[State, State], int]] = {key: {} for key in scope.keys}
    with table_connection(store) as connection:
        pair = (both.c.a, both.c.b)
        rows = connection.execute(select(*pair, func.count()).group_by(*pair)).all()
        of = _PatternStates(connection, scope, reading)
        of.learn({number for row in rows for number in row[:2]})
    for a, b, n in rows:
        for key, cell in zip(scope.keys, zip(of[a], of[b], strict=True), strict=True):
            found[key][cell] = found[key].get(cell, 0) + n
    return dict(found)


def repeated_pairs(
    store: Store, scope: Selection, reading: VerdictFilter, first: str, second: str
) -> dict[str, dict[tuple[int, int, int], int]]:
    """Per key the prompts and their pairs, where some prompt has several; else nothing.

    Returns:
        Key → (only the first did it, only the second, decided in both) of one prompt → how many
        prompts have just that.
    """
    both = _paired(scope, reading, first, second)
    found: dict[str, dict[tuple[int, int, int], int]] = {key: {} for key in scope.keys}
    with table_connection(store) as connection:
        several = select(both.c.match_key).group_by(both.c.match_key).having(func.count() > 1)
        if connection.execute(several.limit(1)).first() is None:
            return found
        rows = connection.execute(select(both.c.match_key, both.c.a, both.c.b)).all()
        of = _PatternStates(connection, scope, reading)
        of.learn({number for row in rows for number in row[1:]})
    prompts: dict[str, list[list[int]]] = {}
    for key_of_prompt, a, b in rows:
        counts = prompts.setdefault(key_of_prompt, [[0, 0, 0] for _ in scope.keys])
        for of_key, mine, other in zip(counts, of[a], of[b], strict=True):
            if mine in (DONE, NOT_DONE) and other in (DONE, NOT_DONE):
                of_key[0] += mine == DONE and other == NOT_DONE
                of_key[1] += mine == NOT_DONE and other == DONE
                of_key[2] += 1
    for i, key in enumerate(scope.keys):
        each = Counter((n[0], n[1], n[2]) for counts in prompts.values() for n in (counts[i],))
        if any(pairs > 1 for *_, pairs in each):
            found[key] = {(a, b, n): many for (a, b, n), many in each.items() if n}
    return found


def differences(
    store: Store,
    scope: Selection,
    reading: VerdictFilter,
    first: str,
    second: str,
    key: str,
    *,
    limit: int = 1000,
) -> list[DifferingExample]:
    """The examples at which one run did this step and the other did not, by example id."""
    both = _paired(scope, reading, first, second)
    i = scope.keys.index(key)
    with table_connection(store) as connection:
        rows = connection.execute(select(both)).mappings().all()
        of = _PatternStates(connection, scope, reading)
        of.learn({row[side] for row in rows for side in "ab"})
        found = [
            (row["example_id"], row["first"], row["second"], a == DONE)
            for row in rows
            if {a := of[row["a"]][i], of[row["b"]][i]} == {DONE, NOT_DONE}
        ]
        shown = sorted(found)[:limit]
        e = examples.c
        texts = {
            row[0]: (row[1], row[2])
            for row in connection.execute(
                select(
                    e.id, func.substr(e.instruction, 1, SHOWN), func.substr(e.input, 1, SHOWN)
                ).where(e.id.in_({example_id for example_id, *_ in shown}))
            )
        }
    return [
        DifferingExample(example_id, *texts[example_id], mine, other, done)
        for example_id, mine, other, done in shown
    ]


class _PatternStates:
    """Pattern's number → its state per key of a scope; no pattern: all missing."""

    def __init__(self, connection: Connection, scope: Selection, reading: VerdictFilter) -> None:
        self.connection, self.missing = connection, (None,) * len(scope.keys)
        self.reader: PatternReader = reader(connection, scope, reading)
        self.known: dict[int | None, tuple[State, ...]] = {None: self.missing}

    def learn(self, numbers: "set[int | None]") -> None:
        """Read these patterns."""
        wanted = {number for number in numbers if number is not None}
        for number, said in patterns(self.connection, wanted - self.known.keys()).items():
            self.known[number] = self.reader.majority(said) or self.missing

    def __getitem__(self, number: int | None) -> tuple[State, ...]:
        """Of a pattern that was learnt."""
        return self.known[number]


def states_by_both(
    store: Store, scope: Selection, first: VerdictFilter, second: VerdictFilter
) -> dict[str, dict[str, Cells]]:
    """Per run and key: how many samples have which two states by two judges (not *missing*).

    The judges are of two kinds (of people the majority, or one of them), or two of one kind.
    """
    names = dict(zip(scope.run_ids, scope.runs, strict=True))
    found: dict[str, dict[str, dict[tuple[State, State], int]]] = {
        run: {key: {} for key in scope.keys} for run in scope.runs
    }
    with table_connection(store) as connection:
        both = _by_both(scope, first, second)
        place = (both.c.run_id, both.c.a, both.c.b)
        rows = connection.execute(select(*place, func.count()).group_by(*place)).all()
        sides = [_PatternStates(connection, scope, reading) for reading in (first, second)]
        for of, numbers in zip(sides, (1, 2), strict=True):
            of.learn({row[numbers] for row in rows})
    keys = scope.keys
    for run_id, a, b, n in rows:
        of_run = found[names[run_id]]
        for key, cell in zip(keys, zip(sides[0][a], sides[1][b], strict=True), strict=True):
            if None not in cell:
                of_key = of_run[key]
                of_key[cell] = of_key.get(cell, 0) + n
    return {run: dict(of_key) for run, of_key in found.items()}


def _by_both(scope: Selection, first: VerdictFilter, second: VerdictFilter) -> Subquery:
    """One row per sample that both kinds of judges judged: prediction_id, run_id, patterns a and b.

    Raises:
        ValueError: the readings are of the same judges.
    """
    if first.by == second.by and first.annotator == second.annotator:
        raise ValueError("two different judges are compared")
    mine, other = sample_verdicts.alias("mine"), sample_verdicts.alias("other")
    s = sample_verdicts.c
    if first.by == second.by:
        return (
            select(s.prediction_id, s.run_id, s.pattern_id.label("a"), s.pattern_id.label("b"))
            .where(*of_scope(scope, [first.by]))
            .subquery()
        )
    return (
        select(mine.c.prediction_id, mine.c.run_id)
        .add_columns(mine.c.pattern_id.label("a"), other.c.pattern_id.label("b"))
        .join(
            other,
            and_(
                other.c.prediction_id == mine.c.prediction_id,
                other.c.scope == mine.c.scope,
                other.c.kind == second.by,
            ),
        )
        .where(*of_scope(scope, [first.by], mine))
        .subquery()
    )


def samples_that_differ(
    connection: Connection,
    scope: Selection,
    first: VerdictFilter,
    second: VerdictFilter,
    key: str,
) -> Select[Any]:
    """The prediction ids with a state at ``key`` by both judges, and not the same."""
    return _by_two(connection, scope, first, second, key, lambda a, b: a != b)


def samples_said_so(
    connection: Connection,
    scope: Selection,
    first: VerdictFilter,
    second: VerdictFilter,
    key: str,
    said: tuple[str, str],
) -> Select[Any]:
    """The prediction ids of which the first says ``said[0]`` at ``key``, the second the other.

    Args:
        connection: to read which patterns there are.
        scope: the samples meant.
        first: one judge.
        second: another.
        key: of a step, or the chain.
        said: what both say, of `sit_core.store.verdict_state.STATES`.
    """
    wanted = tuple(STATES[state] for state in said)
    return _by_two(connection, scope, first, second, key, lambda a, b: (a, b) == wanted)


def _by_two(
    connection: Connection,
    scope: Selection,
    first: VerdictFilter,
    second: VerdictFilter,
    key: str,
    meant: Callable[[State, State], bool],
) -> Select[Any]:
    """The prediction ids with a state at ``key`` by both judges, of which something holds."""
    both, i = _by_both(scope, first, second), scope.keys.index(key)
    by_first: dict[State, list[int]] = {}
    by_second: dict[State, list[int]] = {}
    pairs: list[int] = []
    sides = []
    for reading in (first, second):
        of = reader(connection, scope, reading)
        there = patterns_there(connection, scope, reading.by)
        sides.append({n: (of.majority(said) or {i: None})[i] for n, said in there.items()})
    if first.by == second.by:  # both stand in one pattern
        pairs = [
            number
            for number, a in sides[0].items()
            if a is not None and (b := sides[1][number]) is not None and meant(a, b)
        ]
        return with_pattern(connection, scope, first.by, pairs)
    for found, side in ((by_first, sides[0]), (by_second, sides[1])):
        for number, state in side.items():
            if state is not None:
                found.setdefault(state, []).append(number)
    either = [
        and_(
            both.c.prediction_id.in_(with_pattern(connection, scope, first.by, by_first[a])),
            both.c.prediction_id.in_(with_pattern(connection, scope, second.by, by_second[b])),
        )
        for a in by_first
        for b in by_second
        if meant(a, b)
    ]
    return select(both.c.prediction_id).where(or_(false(), *either))


def sample_ids_by_both(
    store: Store, scope: Selection, first: VerdictFilter, second: VerdictFilter, key: str
) -> list[str]:
    """`samples_that_differ` among those of the scope, run by run, in the runs' order."""
    with table_connection(store) as connection:
        differ = samples_that_differ(connection, scope, first, second, key).subquery()
        return list(connection.scalars(_in_order(scope, differ)))


def _in_order(scope: Selection, differ: Subquery) -> Select[Any]:
    """The outputs of a scope among these, run by run."""
    query = (
        select(predictions.c.id)
        .join(differ, differ.c.prediction_id == predictions.c.id)
        .where(predictions.c.run_id.in_(scope.run_ids))
        .order_by(predictions.c.run_id, predictions.c.row)
    )
    if scope.study_id is not None:
        in_study = select(slots.c.prediction_id).where(slots.c.study_id == scope.study_id)
        query = query.where(predictions.c.id.in_(in_study))
    return query


def verdict_patterns(store: Store, scope: Selection, reading: VerdictFilter) -> list[Pattern]:
    """Which verdicts the judges gave on the same sample, and on how many samples."""
    with table_connection(store) as connection:
        counts = pattern_counts(connection, scope, [reading.by])
        of = reader(connection, scope, reading)
        names = {row.id: row.name for row in connection.execute(select(judges.c.id, judges.c.name))}
    of_pattern: Counter[int] = Counter()
    for row in counts.rows:
        of_pattern[row.pattern_id] += row.samples
    samples: Counter[tuple[tuple[int, tuple[State, ...]], ...]] = Counter()
    for number, n in of_pattern.items():
        if each := of.of_each(counts.said[number]):
            samples[tuple(sorted(each.items(), key=lambda one: one[0]))] += n
    return [
        Pattern({names[judge]: states for judge, states in each}, n) for each, n in samples.items()
    ]


def _paired(scope: Selection, reading: VerdictFilter, first: str, second: str) -> Subquery:
    """One row per shared example: match_key, example_id, ids first and second, patterns a and b.

    Paired by the question's key and by which of a run's outputs for it this is. ``example_id`` is
    the first run's, where the two have written the question in two ways.
    """
    ids = dict(zip(scope.runs, scope.run_ids, strict=True))
    two = replace(scope, runs=(first, second), run_ids=(ids[first], ids[second]))
    samples, s = _numbered(two), sample_verdicts.c
    sides = (("a", "first", ids[first]), ("b", "second", ids[second]))
    columns = []
    for side, name, run_id in sides:
        here = samples.c.run_id == run_id
        columns.append(func.max(case((here, samples.c.prediction_id))).label(name))
        if side == "a":
            columns.append(func.max(case((here, samples.c.example_id))).label("example_id"))
        columns.append(func.max(case((here, s.pattern_id))).label(side))
    mine = and_(s.prediction_id == samples.c.prediction_id, *of_scope(two, [reading.by]))
    return (
        select(samples.c.match_key, *columns)
        .outerjoin(sample_verdicts, mine)
        .group_by(samples.c.match_key, samples.c.place)
        .having(func.count() == 2)
        .subquery()
    )


def _numbered(scope: Selection) -> Subquery:
    """The samples with the key of their question and their place among the run's for it."""
    samples = population(scope)
    key = examples.c.match_key
    place = func.row_number().over(
        partition_by=(samples.c.run_id, key),
        order_by=(samples.c.ordinal, samples.c.prediction_id),
    )
    return (
        select(samples.c.prediction_id, samples.c.run_id, samples.c.example_id, key)
        .add_columns(place.label("place"))
        .join(examples, examples.c.id == samples.c.example_id)
        .subquery()
    )

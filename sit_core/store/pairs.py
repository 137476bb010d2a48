"""Verdicts side by side: two runs, several annotators, or two judges, on the same samples.

Both are pivoted by GROUP BY, never joined with themselves: on SQLite such a join of computed tables
takes a minute where this takes a second.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from sit_core.store.engine import Store
from sit_core.store.schema import examples, judges, predictions, slots
from sit_core.store.verdict_state import (
    DONE,
    NOT_DONE,
    STATES,
    Selection,
    VerdictFilter,
    population,
    states,
    table_connection,
)

SHOWN = 200
"""How many characters of an example's text come with a difference."""

State = int | None
"""DONE, NOT_DONE, UNDECIDED, or None: missing."""
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
    columns = [both.c[f"{side}{i}"] for i in range(len(scope.keys)) for side in "ab"]
    found: dict[str, dict[tuple[State, State], int]] = {key: {} for key in scope.keys}
    with table_connection(store) as connection:
        for row in connection.execute(select(*columns, func.count()).group_by(*columns)):
            for i, key in enumerate(scope.keys):
                cell = (row[2 * i], row[2 * i + 1])
                found[key][cell] = found[key].get(cell, 0) + row[-1]
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
    columns: list[Any] = []
    for i in range(len(scope.keys)):
        a, b = both.c[f"a{i}"], both.c[f"b{i}"]
        decided = and_(a.in_((DONE, NOT_DONE)), b.in_((DONE, NOT_DONE)))
        for which in (and_(decided, a > b), and_(decided, a < b), decided):
            columns.append(func.sum(case((which, 1), else_=0)))
    query = select(func.count(), *columns).group_by(both.c.match_key)
    with table_connection(store) as connection:
        rows = connection.execute(query).all()
    found: dict[str, dict[tuple[int, int, int], int]] = {key: {} for key in scope.keys}
    for i, key in enumerate(scope.keys):
        each = Counter(tuple(map(int, row[1 + 3 * i : 4 + 3 * i])) for row in rows)
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
    a, b = both.c[f"a{i}"], both.c[f"b{i}"]
    query = (
        select(
            examples.c.id,
            func.substr(examples.c.instruction, 1, SHOWN),
            func.substr(examples.c.input, 1, SHOWN),
            both.c.first,
            both.c.second,
            a == DONE,
        )
        .join(both, both.c.example_id == examples.c.id)
        .where(a.in_((DONE, NOT_DONE)), b.in_((DONE, NOT_DONE)), a != b)
        .order_by(examples.c.id, both.c.first)
        .limit(limit)
    )
    with table_connection(store) as connection:
        return [DifferingExample(*row) for row in connection.execute(query)]


def states_by_both(
    store: Store, scope: Selection, first: VerdictFilter, second: VerdictFilter
) -> dict[str, dict[str, Cells]]:
    """Per run and key: how many samples have which two states by two judges (not *missing*).

    The judges are of two kinds (of people the majority, or one of them), or two of one kind.
    """
    both = _by_both(scope, first, second)
    samples = population(scope)
    columns = [both.c[f"{side}{i}"] for i in range(len(scope.keys)) for side in "ab"]
    query = (
        select(samples.c.run_id, *columns, func.count())
        .join(samples, samples.c.prediction_id == both.c.prediction_id)
        .group_by(samples.c.run_id, *columns)
    )
    names = dict(zip(scope.run_ids, scope.runs, strict=True))
    found: dict[str, dict[str, dict[tuple[State, State], int]]] = {
        run: {key: {} for key in scope.keys} for run in scope.runs
    }
    with table_connection(store) as connection:
        for row in connection.execute(query):
            of_run = found[names[row[0]]]
            for i, key in enumerate(scope.keys):
                cell = (row[1 + 2 * i], row[2 + 2 * i])
                if None not in cell:
                    of_run[key][cell] = of_run[key].get(cell, 0) + row[-1]
    return {run: dict(of_key) for run, of_key in found.items()}


def samples_that_differ(
    scope: Selection, first: VerdictFilter, second: VerdictFilter, key: str
) -> Select[Any]:
    """The prediction ids with a state at ``key`` by both judges, and not the same."""
    both = _by_both(scope, first, second)
    i = scope.keys.index(key)
    return select(both.c.prediction_id).where(both.c[f"a{i}"] != both.c[f"b{i}"])


def samples_said_so(
    scope: Selection, first: VerdictFilter, second: VerdictFilter, key: str, said: tuple[str, str]
) -> Select[Any]:
    """The prediction ids of which the first says ``said[0]`` at ``key``, the second the other.

    Args:
        scope: the samples meant.
        first: one judge.
        second: another.
        key: of a step, or the chain.
        said: what both say, of `sit_core.store.verdict_state.STATES`.
    """
    both = _by_both(scope, first, second)
    i = scope.keys.index(key)
    a, b = (STATES[state] for state in said)
    return select(both.c.prediction_id).where(both.c[f"a{i}"] == a, both.c[f"b{i}"] == b)


def sample_ids_by_both(
    store: Store, scope: Selection, first: VerdictFilter, second: VerdictFilter, key: str
) -> list[str]:
    """`samples_that_differ` among those of the scope, run by run, in the runs' order."""
    differ = samples_that_differ(scope, first, second, key).subquery()
    query = (
        select(predictions.c.id)
        .join(differ, differ.c.prediction_id == predictions.c.id)
        .where(predictions.c.run_id.in_(scope.run_ids))
        .order_by(predictions.c.run_id, predictions.c.row)
    )
    if scope.study_id is not None:
        in_study = select(slots.c.prediction_id).where(slots.c.study_id == scope.study_id)
        query = query.where(predictions.c.id.in_(in_study))
    with table_connection(store) as connection:
        return list(connection.scalars(query))


def _by_both(scope: Selection, first: VerdictFilter, second: VerdictFilter) -> Subquery:
    """One row per judged sample: prediction_id, states a<i> by the first judge, b<i> by the other.

    Raises:
        ValueError: the readings are of the same judges.
    """
    if first.by == second.by and first.annotator == second.annotator:
        raise ValueError("two different judges are compared")
    sides = []
    for mine, reading in (("a", first), ("b", second)):
        units = states(scope, reading, each=False, called=f"{reading.by.value}_{mine}")
        sides.append(
            select(
                units.c.prediction_id,
                *(
                    (units.c[f"s{i}"] if side == mine else cast(null(), Integer)).label(
                        f"{side}{i}"
                    )
                    for i in range(len(scope.keys))
                    for side in "ab"
                ),
            )
        )
    rows = union_all(*sides).subquery()
    columns = [column for column in rows.c if column.name != "prediction_id"]
    return (
        select(rows.c.prediction_id, *(func.max(column).label(column.name) for column in columns))
        .group_by(rows.c.prediction_id)
        .subquery()
    )


def verdict_patterns(store: Store, scope: Selection, reading: VerdictFilter) -> list[Pattern]:
    """Which verdicts the judges gave on the same sample, and on how many samples."""
    units = states(scope, reading, each=True)
    samples = population(scope)
    packed = cast(units.c.judge_id, String) + literal(":")
    for i in range(len(scope.keys)):  # -1, 0, 1 and missing become one digit each
        packed = packed + cast(func.coalesce(units.c[f"s{i}"] + 1, 3), String)
    per_sample = (
        select(func.aggregate_strings(packed, ",").label("pattern"))
        .join(samples, samples.c.prediction_id == units.c.prediction_id)
        .group_by(units.c.prediction_id)
        .subquery()
    )
    query = select(per_sample.c.pattern, func.count()).group_by(per_sample.c.pattern)
    with table_connection(store) as connection:
        names = {row.id: row.name for row in connection.execute(select(judges.c.id, judges.c.name))}
        rows = connection.execute(query).all()
    found = []
    for pattern, n in rows:
        of_judge = (part.split(":") for part in pattern.split(","))
        verdicts = {
            names[int(judge)]: tuple(None if d == "3" else int(d) - 1 for d in digits)
            for judge, digits in of_judge
        }
        found.append(Pattern(verdicts, n))
    return found


def _paired(scope: Selection, reading: VerdictFilter, first: str, second: str) -> Subquery:
    """One row per shared example: example_id, ids ``first`` and ``second``, states a<i> and b<i>.

    Paired by the question's key and by which of a run's outputs for it this is. ``example_id`` is
    the first run's, where the two have written the question in two ways.
    """
    ids = dict(zip(scope.runs, scope.run_ids, strict=True))
    units = states(scope, reading, each=False)
    samples = _numbered(scope)
    sides = (("a", "first", ids[first]), ("b", "second", ids[second]))
    columns = []
    for side, name, run_id in sides:
        here = samples.c.run_id == run_id
        columns.append(func.max(case((here, samples.c.prediction_id))).label(name))
        if side == "a":
            columns.append(func.max(case((here, samples.c.example_id))).label("example_id"))
        for i in range(len(scope.keys)):
            columns.append(func.max(case((here, units.c[f"s{i}"]))).label(f"{side}{i}"))
    return (
        select(samples.c.match_key, *columns)
        .outerjoin(units, units.c.prediction_id == samples.c.prediction_id)
        .where(samples.c.run_id.in_((ids[first], ids[second])))
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

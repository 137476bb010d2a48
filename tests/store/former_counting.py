"""How verdicts were counted before there was a summary: from the judgments alone, in SQL.

Kept to compare with: `tests/store/test_sample_verdicts.py` asks both the same.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Label,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from sit_core.metrics.following import WITH_ENCODER
from sit_core.metrics.verifiable import LOOSE, PACKAGE
from sit_core.records import JudgeKind, Verdict
from sit_core.store.engine import Store
from sit_core.store.pairs import DifferingExample, Pattern
from sit_core.store.schema import examples, judges, judgments, predictions, slots
from sit_core.store.verdict_patterns import State
from sit_core.store.verdict_state import (
    CHAIN,
    DECIDED,
    DONE,
    FOLLOW,
    NOT_DONE,
    STATES,
    UNDECIDED,
    Selection,
    VerdictFilter,
    population,
    table_connection,
)
from sit_core.store.verdicts import JudgeCount, StateCount

SHOWN = 200
Cells = Mapping[tuple[State, State], int]


def belongs(scope: Selection) -> ColumnElement[bool]:
    """Which judgments are about the scope, of judges of every kind and in every revision.

    Of a study: what was said in it, and what LLMs and rules said of its samples in no study.
    """
    j = judgments.c
    if scope.study_id is None:
        mine = select(predictions.c.id).where(predictions.c.run_id.in_(scope.run_ids))
        return j.prediction_id.in_(mine)
    of_study = select(slots.c.prediction_id).where(
        slots.c.study_id == scope.study_id, slots.c.place == 0
    )
    machines = select(judges.c.id).where(judges.c.kind != JudgeKind.HUMAN)
    outside = and_(j.study_id.is_(None), j.judge_id.in_(machines), j.prediction_id.in_(of_study))
    return or_(j.study_id == scope.study_id, outside)


def current(scope: Selection, reading: VerdictFilter) -> Subquery:
    """Current verdicts of the judges meant: prediction_id, judge_id, step, verdict."""
    who = select(judges.c.id).where(judges.c.kind == reading.by)
    if reading.annotator is not None:
        who = who.where(judges.c.name == reading.annotator)
    elif reading.by == JudgeKind.RULE:
        who = who.where(judges.c.name.not_like(f"%{WITH_ENCODER}%"))
        who = who.where(judges.c.name.not_like(f"{PACKAGE}%, {LOOSE}"))
    j = judgments.c
    place: list[Any] = [j.prediction_id, j.judge_id, j.step]
    one_study = scope.study_id is not None and reading.by == JudgeKind.HUMAN
    where = j.study_id == scope.study_id if one_study else belongs(scope)
    if not one_study:
        place = [func.coalesce(j.study_id, 0), *place]
    newest = func.row_number().over(partition_by=place, order_by=j.revision.desc())
    columns = (j.prediction_id, j.judge_id, j.step, j.verdict)
    checks = j.judge_id.in_(select(judges.c.id).where(judges.c.name.like(f"{PACKAGE}%")))
    last = func.max(j.judge_id).over(partition_by=(j.prediction_id, case((checks, 1), else_=0)))
    ranked = (
        select(*columns, j.created_at, j.id, newest.label("place"), last.label("last_judge"))
        .where(j.judge_id.in_(who), where)
        .subquery()
    )
    kept_rows = select(ranked).where(ranked.c.place == 1)
    if reading.by == JudgeKind.RULE and reading.annotator is None:
        kept_rows = kept_rows.where(ranked.c.judge_id == ranked.c.last_judge)
    found = kept_rows.subquery()
    if one_study:
        return found
    voice = func.row_number().over(
        partition_by=(found.c.prediction_id, found.c.judge_id, found.c.step),
        order_by=(found.c.created_at.desc(), found.c.id.desc()),
    )
    kept = (found.c.prediction_id, found.c.judge_id, found.c.step, found.c.verdict)
    voiced = select(*kept, voice.label("place")).subquery()
    return select(voiced).where(voiced.c.place == 1).subquery()


def states(scope: Selection, reading: VerdictFilter, *, each: bool, called: str = "") -> CTE:
    """One row per unit: prediction_id, judge_id (with ``each``), and a state ``s0`` … per key.

    Named by the kind of judge and the scope, so that one question may ask of two kinds and of
    several scopes; ``called``: by another word, where it asks of two judges of one kind.
    """
    verdicts = current(scope, reading)
    done = [Verdict.YES, Verdict.PARTLY] if reading.partly_done else [Verdict.YES]
    done_here = verdicts.c.verdict.in_([v.value for v in done])
    unsure_here = verdicts.c.verdict == Verdict.UNSURE.value
    unit = [verdicts.c.prediction_id, *([verdicts.c.judge_id] if each else [])]
    single = [key for key in scope.keys if key != CHAIN]
    if reading.by == JudgeKind.LLM and scope.steps and not scope.is_beside and FOLLOW not in single:
        single.append(FOLLOW)
    votes: list[Label[Any]] = []
    for i, key in enumerate(single):
        here = verdicts.c.step == key
        votes.append(func.sum(case((and_(here, done_here), 1), else_=0)).label(f"d{i}"))
        votes.append(func.sum(case((and_(here, unsure_here), 1), else_=0)).label(f"u{i}"))
        votes.append(func.sum(case((here, 1), else_=0)).label(f"c{i}"))
    voted = select(*unit, *votes).group_by(*unit).subquery()
    of_key: dict[str, ColumnElement[Any]] = {
        key: _plurality(voted.c[f"d{i}"], voted.c[f"u{i}"], voted.c[f"c{i}"])
        for i, key in enumerate(single)
    }
    parts = [of_key[step.key] for step in scope.steps]
    of_key[CHAIN] = case(
        (or_(*(part.is_(None) for part in parts)), null()),
        (or_(*(part == NOT_DONE for part in parts)), NOT_DONE),
        (or_(*(part == UNDECIDED for part in parts)), UNDECIDED),
        else_=DONE,
    )
    if FOLLOW in of_key and FOLLOW not in scope.keys:
        whole = CHAIN if CHAIN in scope.keys else scope.keys[0]  # a single step is the chain
        of_key[whole] = func.coalesce(of_key[whole], of_key[FOLLOW])
    return select(
        voted.c.prediction_id,
        *([voted.c.judge_id] if each else []),
        *(of_key[key].label(f"s{i}") for i, key in enumerate(scope.keys)),
    ).cte(f"states_by_{called or reading.by.value}_{_number(scope)}")


def _plurality(
    done: ColumnElement[Any], unsure: ColumnElement[Any], said: ColumnElement[Any]
) -> ColumnElement[Any]:
    """What most of the annotators of one unit say; where that is a tie, undecided."""
    not_done = said - done - unsure
    return case(
        (said == 0, null()),
        (and_(done > not_done, done > unsure), DONE),
        (and_(not_done > done, not_done > unsure), NOT_DONE),
        else_=UNDECIDED,
    )


def _number(scope: Selection) -> str:
    """Tells scopes of one question apart."""
    runs = hashlib.sha256(repr(scope.run_ids).encode()).hexdigest()[:12]
    return f"{scope.study_id or 0}_{runs}"


def samples_in_state(scope: Selection, reading: VerdictFilter, key: str, state: str) -> Select[Any]:
    """The prediction ids that a following-rate table counts at ``key`` as ``state``.

    Those of the whole store that nobody judged are ``missing`` too: combine with the scope.
    """
    units = states(scope, reading, each=False)
    of_key = units.c[f"s{scope.keys.index(key)}"]
    if state == DECIDED:
        return select(units.c.prediction_id).where(of_key.in_((DONE, NOT_DONE)))
    if state != "missing":
        return select(units.c.prediction_id).where(of_key == STATES[state])
    judged = select(units.c.prediction_id).where(of_key.is_not(None))
    return select(predictions.c.id).where(predictions.c.id.not_in(judged))


def tallies(scope: Selection, reading: VerdictFilter, *, each: bool) -> Select[Any]:
    """One row per sample that anybody judged: prediction_id, and per key how many units say what.

    The columns of key number i are ``d<i>`` (done), ``n<i>`` (not done) and ``u<i>`` (undecided).
    """
    units = states(scope, reading, each=each)
    counts: list[Label[Any]] = []
    for i in range(len(scope.keys)):
        for letter, state in (("d", DONE), ("n", NOT_DONE), ("u", UNDECIDED)):
            is_it = case((units.c[f"s{i}"] == state, 1), else_=0)
            counts.append(func.sum(is_it).label(f"{letter}{i}"))
    return select(units.c.prediction_id, *counts).group_by(units.c.prediction_id)


def count_states(store: Store, scope: Selection, reading: VerdictFilter) -> list[StateCount]:
    """Per run and key how many units are done, not done, undecided and missing.

    With ``combine="each"`` a sample should have k judgments (of a study: its annotators per
    sample; else as many as there are judges), and the lacking ones are the missing ones.
    """
    each = reading.combine == "each" and reading.annotator is None
    expected = 1
    if each and scope.study_id is not None and reading.by == JudgeKind.HUMAN:
        expected = scope.annotators
    elif each:
        expected = sum(judge.kind == reading.by for judge in count_judges(store, scope)) or 1
    samples = population(scope)
    tally = tallies(scope, reading, each=each).subquery()
    columns: list[Label[Any]] = []
    for i in range(len(scope.keys)):
        parts = [func.coalesce(tally.c[f"{letter}{i}"], 0) for letter in "dnu"]
        judged = parts[0] + parts[1] + parts[2]
        lacking = case((judged < expected, literal(expected) - judged), else_=0)
        columns += [
            func.sum(part).label(f"{name}{i}") for part, name in zip(parts, "dnu", strict=True)
        ]
        columns.append(func.sum(lacking).label(f"m{i}"))
    query = (
        select(samples.c.run_id, func.count().label("samples"), *columns)
        .select_from(samples)
        .outerjoin(tally, tally.c.prediction_id == samples.c.prediction_id)
        .group_by(samples.c.run_id)
    )
    decided = [tally.c[f"d{i}"] + tally.c[f"n{i}"] for i in range(len(scope.keys))]
    per_prompt = (
        select(samples.c.run_id)
        .add_columns(*(func.sum(tally.c[f"d{i}"]) for i in range(len(scope.keys))))
        .add_columns(*(func.sum(n) for n in decided))
        .join(tally, tally.c.prediction_id == samples.c.prediction_id)
        .join(examples, examples.c.id == samples.c.example_id)
        .group_by(samples.c.run_id, examples.c.match_key)
        .having(or_(*(func.sum(n) > 1 for n in decided)))
    )
    with table_connection(store) as connection:
        rows = {row["run_id"]: row for row in connection.execute(query).mappings()}
        several = connection.execute(per_prompt).all()
    prompts = _prompts(several, len(scope.keys))
    return [
        StateCount(
            run,
            key,
            row["samples"],
            done=int(row[f"d{i}"]),
            not_done=int(row[f"n{i}"]),
            undecided=int(row[f"u{i}"]),
            missing=int(row[f"m{i}"]),
            prompts=_with_singles(
                prompts.get((run_id, i), {}), int(row[f"d{i}"]), int(row[f"n{i}"])
            ),
        )
        for run, run_id in zip(scope.runs, scope.run_ids, strict=True)
        if (row := rows.get(run_id))
        for i, key in enumerate(scope.keys)
    ]


def _prompts(rows: Sequence[Any], keys: int) -> dict[tuple[int, int], Counter[tuple[int, int]]]:
    """(run's number, key's number) → (done, decided) → how many prompts, as far as the rows go."""
    found: dict[tuple[int, int], Counter[tuple[int, int]]] = {}
    for row in rows:
        for i in range(keys):
            done, decided = int(row[1 + i]), int(row[1 + keys + i])
            if decided:
                found.setdefault((row[0], i), Counter())[done, decided] += 1
    return found


def _with_singles(
    several: Mapping[tuple[int, int], int], done: int, not_done: int
) -> Mapping[tuple[int, int], int]:
    """The prompts of a run at one key, with those that have one unit; empty where all have."""
    if all(decided == 1 for _, decided in several):
        return {}
    found = Counter(several)
    found[1, 1] += done - sum(yes * n for (yes, _), n in several.items())
    found[0, 1] += not_done - sum((all_ - yes) * n for (yes, all_), n in several.items())
    return dict(found)


def count_judges(store: Store, scope: Selection) -> list[JudgeCount]:
    """Who judged how many of the samples, of every kind; the busiest first."""
    samples = population(scope)
    given = (
        select(judgments.c.judge_id, judgments.c.prediction_id)
        .where(belongs(scope))
        .distinct()
        .subquery()
    )
    n = func.count().label("n")
    query = (
        select(judges.c.name, judges.c.kind, n)
        .join(given, given.c.judge_id == judges.c.id)
        .join(samples, samples.c.prediction_id == given.c.prediction_id)
        .group_by(judges.c.name, judges.c.kind)
        .order_by(n.desc(), judges.c.name)
    )
    with table_connection(store) as connection:
        return [JudgeCount(r.name, JudgeKind(r.kind), r.n) for r in connection.execute(query)]


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

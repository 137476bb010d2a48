"""Current verdicts, aggregated in the database: how often each step of each run was done.

What the states mean is said in `sit_core.store.verdict_state`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Label, case, exists, func, literal, or_, select

from sit_core.records import JudgeKind
from sit_core.store.engine import Store
from sit_core.store.schema import examples, judges, judgments, unusable
from sit_core.store.verdict_state import (
    Selection,
    VerdictFilter,
    belongs,
    population,
    table_connection,
    tallies,
)


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many units of one run have which state at one step."""

    run: str
    key: str
    samples: int
    done: int
    not_done: int
    undecided: int
    missing: int
    prompts: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """Where a prompt has several decided units: (done, decided) → how many prompts have just that;
    empty where each has one."""


@dataclass(frozen=True, slots=True)
class JudgeCount:
    """How many samples a judge has judged (any step) in a scope."""

    name: str
    kind: JudgeKind
    samples: int


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


def count_unusable(store: Store, scope: Selection, reading: VerdictFilter) -> dict[str, int]:
    """Run → samples on which an LLM judge meant was asked and gave no usable verdict.

    Runs without any are not there. Those are missing in the table, for this reason.
    """
    samples = population(scope)
    who = select(judges.c.id).where(judges.c.kind == reading.by)
    if reading.annotator is not None:
        who = who.where(judges.c.name == reading.annotator)
    said = exists().where(
        judgments.c.prediction_id == unusable.c.prediction_id,
        judgments.c.judge_id == unusable.c.judge_id,
        judgments.c.step == unusable.c.step,
        judgments.c.study_id.is_(None),
    )
    query = (
        select(samples.c.run_id, func.count(unusable.c.prediction_id.distinct()))
        .join(unusable, unusable.c.prediction_id == samples.c.prediction_id)
        .where(unusable.c.judge_id.in_(who), ~said)
        .group_by(samples.c.run_id)
    )
    with table_connection(store) as connection:
        found = {row[0]: int(row[1]) for row in connection.execute(query)}
    return {
        run: found[run_id]
        for run, run_id in zip(scope.runs, scope.run_ids, strict=True)
        if run_id in found
    }


def version(store: Store, scopes: Sequence[Selection]) -> tuple[tuple[int, int], ...]:
    """Changes with every new judgment that these scopes could see; cheap, for caches.

    Judgments are only added, so their number tells; their largest id alone would not, because two
    transactions may finish in the other order.
    """
    found = []
    with store.read() as connection:
        for scope in scopes:
            query = select(func.count(), func.coalesce(func.max(judgments.c.id), 0))
            if scope.study_id is not None:
                mine = or_(judgments.c.study_id == scope.study_id, judgments.c.study_id.is_(None))
                query = query.where(mine)
            count, newest = connection.execute(query.select_from(judgments)).one()
            found.append((int(count), int(newest)))
    return tuple(found)

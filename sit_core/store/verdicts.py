"""How often each step of each run was done, and by whom it was judged: counted from the summary.

What the states mean is said in `sit_core.store.verdict_state`, what the summary is in
`sit_core.store.sample_verdicts`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import Connection, exists, func, or_, select

from sit_core.records import JudgeKind
from sit_core.store.engine import Store
from sit_core.store.pattern_counts import (
    PatternCounts,
    pattern_counts,
    prompt_patterns,
    reader,
    repeated_runs,
    sample_counts,
)
from sit_core.store.sample_verdicts import pages
from sit_core.store.schema import judges, judgments, unusable
from sit_core.store.verdict_patterns import PatternReader, Said
from sit_core.store.verdict_state import (
    DONE,
    NOT_DONE,
    UNDECIDED,
    Selection,
    VerdictFilter,
    population,
    table_connection,
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


def read_counts(store: Store, scope: Selection) -> PatternCounts:
    """What judges of every kind said in a scope, for several questions about it."""
    with table_connection(store) as connection:
        return pattern_counts(connection, scope)


def count_states(
    store: Store, scope: Selection, reading: VerdictFilter, counts: PatternCounts | None = None
) -> list[StateCount]:
    """Per run and key how many units are done, not done, undecided and missing.

    With ``combine="each"`` a sample should have k judgments (of a study: its annotators per
    sample; else as many as there are judges), and the lacking ones are the missing ones.

    Args:
        store: where.
        scope: the samples.
        reading: whose verdicts, read how.
        counts: what was read of the scope already.
    """
    with table_connection(store) as connection:
        if counts is None:
            counts = pattern_counts(connection, scope)
        return _states(connection, scope, reading, counts)


def _states(
    connection: Connection, scope: Selection, reading: VerdictFilter, counts: PatternCounts
) -> list[StateCount]:
    each = reading.combine == "each" and reading.annotator is None
    expected = 1
    if each and scope.study_id is not None and reading.by == JudgeKind.HUMAN:
        expected = scope.annotators
    elif each:
        there = _judges(connection, counts)
        expected = sum(judge.kind == reading.by for judge in there) or 1
    units = _UnitCounts(reader(connection, scope, reading), each=each, expected=expected)
    samples = sample_counts(connection, scope)
    totals = {run_id: _RunTotals(len(scope.keys)) for run_id in samples}
    known: dict[int, _Unit | None] = {}
    for row in counts.rows:
        if row.kind == reading.by and row.run_id in totals:
            if row.pattern_id not in known:
                known[row.pattern_id] = units.of(counts.said[row.pattern_id])
            totals[row.run_id].add(known[row.pattern_id], row.samples)
    several = repeated_runs(connection, list(samples)) & {row.run_id for row in counts.rows}
    for run_id, prompts in _of_prompts(connection, scope, units, several, counts.said).items():
        totals[run_id].prompts = prompts
    return [
        StateCount(
            run,
            key,
            samples[run_id],
            done=of_run.states[i][0],
            not_done=of_run.states[i][1],
            undecided=of_run.states[i][2],
            missing=of_run.lacking[i] + expected * (samples[run_id] - of_run.judged),
            prompts=_where_several(of_run.prompts[i]),
        )
        for run, run_id in zip(scope.runs, scope.run_ids, strict=True)
        if (of_run := totals.get(run_id))
        for i, key in enumerate(scope.keys)
    ]


Tally = tuple[tuple[int, int, int], ...]
"""Of one sample, per key: how many units are done, not done and undecided."""


_Unit = tuple[Tally, tuple[int, ...]]
"""The tally of a sample, and per key how many units are lacking."""


class _UnitCounts:
    """How many units of a sample have which state, by what is said of it."""

    def __init__(self, patterns: PatternReader, *, each: bool, expected: int) -> None:
        self.patterns, self.each, self.expected = patterns, each, expected

    def of(self, said: Said) -> _Unit | None:
        """What is counted of a sample of which this is said; None where there is no unit."""
        units = self.patterns.units(said, each=self.each)
        if not units:
            return None
        tally = tuple(
            (states.count(DONE), states.count(NOT_DONE), states.count(UNDECIDED))
            for states in zip(*units, strict=True)
        )
        return tally, tuple(max(0, self.expected - sum(of_key)) for of_key in tally)


class _RunTotals:
    """The sums of one run."""

    def __init__(self, keys: int) -> None:
        self.judged = 0
        self.states = [[0, 0, 0] for _ in range(keys)]
        self.lacking = [0] * keys
        self.prompts: list[Counter[tuple[int, int]]] = [Counter() for _ in range(keys)]
        """(done, decided) of one prompt → how many prompts, while each sample is one of its own."""

    def add(self, unit: _Unit | None, n: int) -> None:
        """So many samples more are like this."""
        if unit is None:
            return
        self.judged += n
        for i, ((done, not_done, undecided), lacking) in enumerate(zip(*unit, strict=True)):
            for at, more in enumerate((done, not_done, undecided)):
                self.states[i][at] += more * n
            self.lacking[i] += lacking * n
            if done + not_done:
                self.prompts[i][done, done + not_done] += n


def _of_prompts(
    connection: Connection,
    scope: Selection,
    units: _UnitCounts,
    run_ids: set[int],
    said: Mapping[int, Said],
) -> dict[int, list[Counter[tuple[int, int]]]]:
    """Run's number → per key: (done, decided) of one prompt → how many prompts."""
    found: dict[int, list[Counter[tuple[int, int]]]] = {}
    known: dict[int, Tally] = {}
    nothing: Tally = ((0, 0, 0),) * len(scope.keys)
    if not run_ids:
        return found
    rows = prompt_patterns(connection, scope, units.patterns.reading.by, run_ids)
    for (run_id, _), of_prompt in groupby(rows, key=lambda row: (row[0], row[1])):
        sums = [[0, 0] for _ in scope.keys]
        for _, _, number, n in of_prompt:
            if number not in known:
                unit = units.of(said[number])
                known[number] = unit[0] if unit else nothing
            for sums_of_key, (done, not_done, _) in zip(sums, known[number], strict=True):
                sums_of_key[0] += done * n
                sums_of_key[1] += (done + not_done) * n
        counters = found.setdefault(run_id, [Counter() for _ in scope.keys])
        for counter, (done, decided) in zip(counters, sums, strict=True):
            if decided:
                counter[done, decided] += 1
    return found


def _where_several(prompts: Mapping[tuple[int, int], int]) -> Mapping[tuple[int, int], int]:
    """The prompts of a run at one key; empty where each has one decided unit."""
    return dict(prompts) if any(decided > 1 for _, decided in prompts) else {}


def count_judges(
    store: Store, scope: Selection, counts: PatternCounts | None = None
) -> list[JudgeCount]:
    """Who judged how many of the samples, of every kind; the busiest first.

    Args:
        store: where.
        scope: the samples.
        counts: what was read of the scope already.
    """
    with table_connection(store) as connection:
        return _judges(connection, pattern_counts(connection, scope) if counts is None else counts)


def _judges(connection: Connection, counts: PatternCounts) -> list[JudgeCount]:
    samples: Counter[int] = Counter()
    for row in counts.rows:
        for judge in counts.said[row.pattern_id]:
            samples[judge] += row.samples
    names = connection.execute(select(judges.c.id, judges.c.name, judges.c.kind)).all()
    found = [
        JudgeCount(row.name, JudgeKind(row.kind), samples[row.id])
        for row in names
        if row.id in samples
    ]
    return sorted(found, key=lambda judge: (-judge.samples, judge.name))


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
    bad = select(unusable.c.prediction_id).where(unusable.c.judge_id.in_(who), ~said).distinct()
    found: Counter[int] = Counter()
    with table_connection(store) as connection:
        for page in pages(connection.scalars(bad).all()):
            mine = select(samples.c.run_id).where(samples.c.prediction_id.in_(page))
            found.update(connection.scalars(mine))
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

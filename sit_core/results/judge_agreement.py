"""How far two judges agree on the samples that both judged: an LLM with people, or with another.

Per step and for the chain, over all runs and for each of them: the percent of equal verdicts,
Cohen's κ with its interval, and the counts behind them. Where both said the same of everything κ is
not defined, which is said, and the share agreed has an interval of its own. Of several people the
majority stands against the machine. An LLM that judged all tasks together stands against the chain.

How far the rules' estimate agrees with people on the samples that both judged.

Rules only estimate what people would say, so their rates are shown beside this. The figures are
those of `sit_core.results.judge_agreement`, over all runs together.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sit_core.errors import UsageError
from sit_core.records import JudgeKind
from sit_core.results.agreement import not_defined
from sit_core.results.table_query import TableQuery, labels
from sit_core.statistics import LEVEL, kappa, kappa_interval, table_of, wilson_open
from sit_core.store import Store
from sit_core.store.pairs import Cells, sample_ids_by_both, states_by_both
from sit_core.store.sample_selection import check_judge
from sit_core.store.verdict_patterns import State
from sit_core.store.verdict_state import STATES, VerdictFilter

NAMES = {state: name for name, state in STATES.items()}


@dataclass(frozen=True, slots=True)
class BothRow:
    """Two judges at one step (or the chain, or the order), over the samples they share."""

    run: str | None
    """None: all runs."""
    step: str
    letter: str
    samples: int
    """n: samples with a verdict of both."""
    equal: int
    percent: float
    """Share of them with equal verdicts, 0 to 1."""
    kappa: float | None
    """Cohen's κ; None where chance alone would give full agreement."""
    low: float | None
    high: float | None
    cells: Mapping[str, Mapping[str, int]]
    """What the first says → what the second says → samples; done, not-done or unsure."""
    method: str | None = None
    """How the interval of κ was made; a key of `sit_core.statistics.METHODS`."""
    percent_low: float | None = None
    percent_high: float | None = None
    percent_method: str | None = None
    undefined: str = ""
    """Why κ is not defined, with what is known instead; empty where it is."""


@dataclass(frozen=True, slots=True)
class JudgeAgreement:
    """The agreement of two judges; no rows where no sample was judged by both."""

    question: TableQuery
    """Which samples."""
    judge: str
    """The LLM judge's name."""
    against: str | None
    """The other LLM judge's; None: people, all or the one of the question."""
    rows: tuple[BothRow, ...]
    """Of all runs together, then of each (of several), each in the order of the steps."""

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results agreement --judge … --json``."""
        return {
            **self.question.to_dict(),
            "annotator": self.question.annotator,
            "judge": self.judge,
            "against": self.against or "people",
            "level": LEVEL,
            "rows": [asdict(row) for row in self.rows],
        }


def judge_agreement(
    store: Store,
    question: TableQuery,
    judge: str,
    *,
    against: str | None = None,
) -> JudgeAgreement:
    """An LLM judge against people, or against another LLM judge.

    Args:
        store: where the verdicts are.
        question: which samples, and how *partly* counts; of people's verdicts, whose.
        judge: the LLM judge's name in the store.
        against: another's; None: people.

    Raises:
        SitError: a name is unknown, or a judge would stand against itself.
    """
    asked, first, second = readings(store, question, judge, against)
    rows = both_rows(store, asked, first, second)
    return JudgeAgreement(asked, judge, against, tuple(rows))


def differing_samples(
    store: Store, question: TableQuery, judge: str, step: str, *, against: str | None = None
) -> list[str]:
    """The ids of the outputs of which the two say something else at a step, run by run.

    Raises:
        SitError: a name is unknown, or a judge would stand against itself.
    """
    asked, first, second = readings(store, question, judge, against)
    return [
        prediction_id
        for scope in asked.scopes(store)
        if step in scope.keys
        for prediction_id in sample_ids_by_both(store, scope, first, second, step)
    ]


def readings(
    store: Store, question: TableQuery, judge: str, against: str | None
) -> tuple[TableQuery, VerdictFilter, VerdictFilter]:
    """The samples, and how the first (people or ``against``) and the second (``judge``) are read.

    Raises:
        SitError: a name is unknown, or a judge would stand against itself.
    """
    if judge == against:
        raise UsageError("A judge always agrees with itself; name another one.")
    for name in (judge, against):
        if name is not None:
            check_judge(store, JudgeKind.LLM, name)
    done = question.partly == "done"
    second = VerdictFilter(JudgeKind.LLM, judge, done)
    if against is not None:
        asked = replace(question, by=JudgeKind.LLM, annotator=None, combine="majority")
        return asked, VerdictFilter(JudgeKind.LLM, against, done), second
    whose = question.annotator if question.by == JudgeKind.HUMAN else None
    people = replace(question, by=JudgeKind.HUMAN, annotator=whose, combine="majority")
    return people, people.reading, second


def both_rows(
    store: Store, question: TableQuery, first: VerdictFilter, second: VerdictFilter
) -> list[BothRow]:
    """The rows of two judges: of all runs of a scope together, then of each where it has several.

    Raises:
        SitError: a name is unknown.
    """
    rows: list[BothRow] = []
    for scope in question.scopes(store):
        names = labels(scope.steps)
        of_run = states_by_both(store, scope, first, second)
        for key in scope.keys:
            rows += _row(None, key, names[key], _together(of_run, key))
        if len(scope.runs) > 1:
            for run, found in of_run.items():
                for key in scope.keys:
                    rows += _row(run, key, names[key], found[key])
    return rows


def _together(of_run: Mapping[str, Mapping[str, Cells]], key: str) -> Cells:
    cells: dict[tuple[State, State], int] = {}
    for found in of_run.values():
        for cell, n in found[key].items():
            cells[cell] = cells.get(cell, 0) + n
    return cells


def _row(run: str | None, key: str, letter: str, cells: Cells) -> list[BothRow]:
    return [both_row(run, key, letter, cells)] if cells else []


def both_row(run: str | None, key: str, letter: str, cells: Cells) -> BothRow:
    """The figures of one step, from (the first's state, the second's) → samples; pure."""
    counts = {(a, b): n for (a, b), n in cells.items() if a is not None and b is not None}
    n = sum(counts.values())
    equal = sum(of for (a, b), of in counts.items() if a == b)
    table = table_of(counts)
    span, of_share = kappa_interval(table), wilson_open(equal, n)
    said = {state for cell, of in counts.items() if of for state in cell}
    named = {
        first: {second: counts.get((a, b), 0) for b, second in NAMES.items()}
        for a, first in NAMES.items()
    }
    return BothRow(
        run=run,
        step=key,
        letter=letter,
        samples=n,
        equal=equal,
        percent=equal / n,
        kappa=kappa(table),
        low=span.low if span else None,
        high=span.high if span else None,
        cells=named,
        method=span.method if span else None,
        percent_low=of_share.low if of_share else None,
        percent_high=of_share.high if of_share else None,
        percent_method=of_share.method if of_share else None,
        undefined=not_defined(said, equal, n) if len(said) == 1 else "",
    )


@dataclass(frozen=True, slots=True)
class RuleAgreement:
    """The agreement at every step; no rows where no sample was judged by both."""

    question: TableQuery
    """Whose verdicts stand against the rules: people, all or one of them."""
    rows: tuple[BothRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results agreement --rule --json``."""
        return {
            **self.question.to_dict(),
            "annotator": self.question.annotator,
            "against": "rule",
            "level": LEVEL,
            "rows": [
                {name: value for name, value in asdict(row).items() if name != "run"}
                for row in self.rows
            ],
        }


def rule_agreement(store: Store, question: TableQuery) -> RuleAgreement:
    """People against rules on the samples of a question.

    Args:
        store: where the verdicts are.
        question: which samples, and how *partly* counts; of people's verdicts, whose. Where it
            asks for the rules' verdicts, all people stand against those it names.

    Raises:
        SitError: a name is unknown.
    """
    done = question.partly == "done"
    rules = VerdictFilter(JudgeKind.RULE, partly_done=done)
    if question.by == JudgeKind.RULE:
        rules = VerdictFilter(JudgeKind.RULE, question.annotator, done)
    whose = question.annotator if question.by == JudgeKind.HUMAN else None
    people = replace(question, by=JudgeKind.HUMAN, annotator=whose, combine="majority")
    rows = both_rows(store, people, people.reading, rules)
    return RuleAgreement(people, tuple(row for row in rows if row.run is None))

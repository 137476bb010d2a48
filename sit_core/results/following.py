"""The following rate per run, step and chain, with its interval (paper, Table 1).

The rate is done / n, n the decided samples: done + not done. Undecided ones (unsure, or annotators
that tie) and missing ones (not judged yet) are counted beside it, so that for a table over samples
n + unsure + missing = samples. What the states mean: `sit_core.store.verdict_state`. The interval
is `share_interval`'s: where prompts repeat (or each judgment counts) it knows that they are alike.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sit_core.metrics.following import WITH_ENCODER
from sit_core.records import IN_ORDER, JudgeKind
from sit_core.results.table_query import TableQuery, labels
from sit_core.statistics import LEVEL, share_interval
from sit_core.statistics.interval import figure_text
from sit_core.store import Store
from sit_core.store.pattern_counts import PatternCounts
from sit_core.store.run_check import set_aside_in
from sit_core.store.verdict_state import CHAIN, Selection
from sit_core.store.verdicts import (
    JudgeCount,
    StateCount,
    count_judges,
    count_states,
    count_unusable,
    read_counts,
    version,
)


@dataclass(frozen=True, slots=True)
class FollowingRow:
    """How often one step (or the chain, or the order) of one run was followed."""

    run: str
    step: str
    """The step's key, ``chain`` or ``in_order``."""
    letter: str
    """What the tables call it: R, A, P2, R+A, in order."""
    followed: int
    n: int
    rate: float | None
    low: float | None
    high: float | None
    unsure: int
    missing: int
    samples: int
    method: str | None = None
    """How `low` and `high` were made; a key of `sit_core.statistics.METHODS`."""

    @property
    def not_followed(self) -> int:
        """The decided ones that are not done."""
        return self.n - self.followed

    @property
    def shown(self) -> str:
        """The figures in one cell.

        >>> FollowingRow("m", "repeat", "R", 9, 10, .9, .596, .982, 0, 0, 10).shown
        '90 % [60–98] n=10'
        """
        if self.rate is None or self.low is None or self.high is None:
            return "–"
        return figure_text(self.rate, self.low, self.high, n=self.n, digits=0, unit=" %")

    @property
    def percent(self) -> str:
        """The rate as it is read, e.g. ``90 %``; a dash where nothing is decided."""
        return "–" if self.rate is None else figure_text(self.rate, None, None, digits=0, unit=" %")

    @property
    def span(self) -> str:
        """The ends of the interval in percent, e.g. ``60–98``; empty where there is none."""
        if self.low is None or self.high is None:
            return ""
        return f"{100 * self.low:.0f}–{100 * self.high:.0f}"


@dataclass(frozen=True, slots=True)
class FollowingTable:
    """The table and what it was made from."""

    question: TableQuery
    rows: tuple[FollowingRow, ...]
    annotators: tuple[JudgeCount, ...]
    """Who of the kind asked for judged how many samples, whether or not they are filtered out."""
    unusable: Mapping[str, int] = field(default_factory=dict)
    """By LLMs: run → samples that are missing because a judge said nothing usable of them."""
    set_aside: Mapping[str, int] = field(default_factory=dict)
    """Run → verdicts that count nowhere: they were made on texts that its outputs had before."""

    def wide(self) -> list[dict[str, str]]:
        """One row per run as a reader wants it: a cell per step, then how many are not judged.

        Keys: ``run``, the steps' letters, ``not judged`` (samples with a step not judged).
        """
        found: dict[str, dict[str, str]] = {}
        for row in self.rows:
            cells = found.setdefault(row.run, {"run": row.run})
            cells[row.letter] = row.shown + (f", {row.unsure} unsure" if row.unsure else "")
        for run, missing in self.not_judged().items():
            found[run]["not judged"] = str(missing)
        return list(found.values())

    def not_judged(self) -> dict[str, int]:
        """Per run: samples (with ``each``: judgments) of which a step is not judged."""
        return {row.run: row.missing for row in self._counted_rows()}

    def counted_step(self, run: str) -> str:
        """The step that tells whether a sample is wholly judged: the chain, or the only step."""
        steps = [row.step for row in self.rows if row.run == run]
        return CHAIN if CHAIN in steps else steps[0]

    def _counted_rows(self) -> list[FollowingRow]:
        """Per run the row of `counted_step`."""
        found: dict[str, FollowingRow] = {}
        for row in self.rows:
            if row.run not in found or row.step == CHAIN:
                found[row.run] = row
        return list(found.values())

    def whole(self) -> list[FollowingRow]:
        """Per run its row for all steps (of a single step: that one), the highest rate first.

        Equal ones stay in the order of the runs; those with nothing decided come last.
        """
        rows = self._counted_rows()
        return sorted(rows, key=lambda row: -1.0 if row.rate is None else -row.rate - 2)

    def leading(self, place: int = 1) -> list[FollowingRow]:
        """The rows of `whole` with the highest rate, or (``place`` 2) with the next one, and so on.

        Empty where there are not so many different rates.
        """
        rates = sorted({row.rate for row in self.whole() if row.rate is not None}, reverse=True)
        if len(rates) < place:
            return []
        return [row for row in self.whole() if row.rate == rates[place - 1]]

    def judged(self) -> tuple[int, int]:
        """How many samples (with ``each``: judgments) have all steps judged, and of how many."""
        whole = self._counted_rows()
        done = sum(row.n + row.unsure for row in whole)
        return done, done + sum(row.missing for row in whole)

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results following --json``."""
        return {
            **self.question.to_dict(),
            "combine": self.question.combine,
            "annotator": self.question.annotator,
            "level": LEVEL,
            "annotators": [{"name": a.name, "samples": a.samples} for a in self.annotators],
            "rows": [asdict(row) for row in self.rows],
            **({"unusable": dict(self.unusable)} if self.question.by == JudgeKind.LLM else {}),
            **({"set_aside": dict(self.set_aside)} if self.set_aside else {}),
        }


def following_row(count: StateCount, names: Mapping[str, str]) -> FollowingRow:
    """Rate and interval of one count."""
    n = count.done + count.not_done
    interval = share_interval(count.done, n, count.prompts)
    return FollowingRow(
        run=count.run,
        step=count.key,
        letter=names[count.key],
        followed=count.done,
        n=n,
        rate=count.done / n if n else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        unsure=count.undecided,
        missing=count.missing,
        samples=count.samples,
        method=interval.method if interval else None,
    )


def following(store: Store, question: TableQuery) -> FollowingTable:
    """The following-rate table, in the order of the runs, then of the steps.

    The in-order row is there where the study asked for it or anybody judged it.

    Raises:
        SitError: a name is unknown, or the question contradicts itself.
    """
    rows: list[FollowingRow] = []
    annotators: list[JudgeCount] = []
    whose = question.annotator
    without: dict[str, int] = {}
    for scope in question.scopes(store):
        names, said = labels(scope.steps), read_counts(store, scope)
        counts = count_states(store, scope, question.reading, said)
        ordered = scope.ask_order or any(
            c.done + c.not_done + c.undecided for c in counts if c.key == IN_ORDER
        )
        rows += [following_row(c, names) for c in counts if ordered or c.key != IN_ORDER]
        annotators += [
            j
            for j in count_judges(store, scope, said)
            if j.kind == question.by
            # rules that asked an encoder count where they are named: see `Reading`
            and (j.kind != JudgeKind.RULE or WITH_ENCODER not in j.name or j.name == whose)
        ]
        if question.by == JudgeKind.LLM:
            without |= count_unusable(store, scope, question.reading)
            rows += _beside(store, scope, question, said)
    if question.runs:
        rows.sort(key=lambda row: question.runs.index(row.run))
    names_of_runs = list(dict.fromkeys(row.run for row in rows))
    aside = set_aside_in(store, names_of_runs, question.by.value)
    return FollowingTable(question, tuple(rows), tuple(annotators), without, aside)


def _beside(
    store: Store, scope: Selection, question: TableQuery, counted: PatternCounts
) -> list[FollowingRow]:
    """The rows of what kinds of judges ask of their own, where a judge has said anything of it."""
    from sit_core.judge.judge_types import KINDS

    steps = dict.fromkeys(step for name in KINDS for step in KINDS.get(name).steps)
    rows: list[FollowingRow] = []
    for step in steps:
        if step in scope.keys or step not in counted.steps(question.by):
            continue
        counts = count_states(store, scope.beside(step), question.reading, counted)
        said = [c for c in counts if c.key == step and c.done + c.not_done + c.undecided]
        rows += [following_row(count, {step: step}) for count in said]
    return rows


def who_judged(store: Store, question: TableQuery) -> list[JudgeCount]:
    """Judges of every kind and how many of the samples meant they judged, the busiest first.

    Raises:
        SitError: a name is unknown.
    """
    return [judge for scope in question.scopes(store) for judge in count_judges(store, scope)]


def fingerprint(store: Store, question: TableQuery) -> str:
    """Changes whenever a table of this question may change; cheap, for caches.

    Raises:
        SitError: a name is unknown.
    """
    scopes = question.scopes(store)
    return f"{store.url} {scopes} {version(store, scopes)}"

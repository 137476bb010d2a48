"""The following rate per run, step and chain, with Wilson's interval (paper, Table 1).

The rate is done / n, n the decided samples: done + not done. Undecided ones (unsure, or annotators
split evenly) and missing ones (not judged yet) are counted beside it, so that for a table over
samples n + unsure + missing = samples. What the states mean: `sit_core.store.verdicts`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from sit_core.errors import UsageError
from sit_core.records import IN_ORDER, JudgeKind, Step, chain_name
from sit_core.registry import unknown
from sit_core.results.intervals import wilson
from sit_core.store import Store
from sit_core.store.scopes import check_judge, scopes
from sit_core.store.states import CHAIN, Reading, Scope
from sit_core.store.verdicts import Count, JudgeCount, count_judges, count_states

Combine = Literal["majority", "each"]


@dataclass(frozen=True, slots=True)
class Question:
    """Which table is wanted: of which samples, read how."""

    study: str | None = None
    runs: tuple[str, ...] = ()
    """Empty: all of the study."""
    by: JudgeKind = JudgeKind.HUMAN
    annotator: str | None = None
    partly: Literal["done", "not-done"] = "done"
    combine: Combine = "majority"
    """``majority`` of the annotators per sample and step, or ``each`` judgment by itself.

    Judgments of the same sample are not independent, so with ``each`` the intervals are too narrow.
    """

    @property
    def reading(self) -> Reading:
        """The same as the store wants it."""
        return Reading(self.by, self.annotator, self.partly == "done", self.combine)

    def scopes(self, store: Store) -> list[Scope]:
        """The samples meant.

        Raises:
            SitError: a name is unknown, or the question contradicts itself.
        """
        if self.combine not in get_args(Combine):
            raise UsageError(unknown("way to combine", self.combine, list(get_args(Combine))))
        if self.partly not in ("done", "not-done"):
            raise UsageError(unknown("reading of partly", self.partly, ["done", "not-done"]))
        if self.annotator is not None:
            check_judge(store, self.by, self.annotator)
        return scopes(store, self.study, self.runs)


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

    @property
    def shown(self) -> str:
        """The figures in one cell.

        >>> FollowingRow("m", "repeat", "R", 9, 10, .9, .596, .982, 0, 0, 10).shown
        '90 % [60–98] n=10'
        """
        if self.rate is None or self.low is None or self.high is None:
            return "–"
        low, high = 100 * self.low, 100 * self.high
        return f"{100 * self.rate:.0f} % [{low:.0f}–{high:.0f}] n={self.n}"


@dataclass(frozen=True, slots=True)
class FollowingTable:
    """The table and what it was made from."""

    question: Question
    rows: tuple[FollowingRow, ...]
    annotators: tuple[JudgeCount, ...]
    """Who of the kind asked for judged how many samples, whether or not they are filtered out."""

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results following --json``."""
        return {
            "study": self.question.study,
            "runs": list(self.question.runs),
            "by": self.question.by.value,
            "partly": self.question.partly,
            "combine": self.question.combine,
            "annotator": self.question.annotator,
            "annotators": [{"name": a.name, "samples": a.samples} for a in self.annotators],
            "rows": [asdict(row) for row in self.rows],
        }


def labels(steps: Sequence[Step]) -> dict[str, str]:
    """Step key → what the tables call it, with the chain and the order.

    >>> p, r, a = Step("paraphrase", "P", "p"), Step("repeat", "R", "r"), Step("answer", "A", "a")
    >>> labels([p, r, Step("paraphrase", "P", "p-2"), a])
    {'p': 'P', 'r': 'R', 'p-2': 'P2', 'a': 'A', 'chain': 'P+R+P+A', 'in_order': 'in order'}
    """
    seen: dict[str, int] = {}
    named = {}
    for step in steps:
        seen[step.letter] = n = seen.get(step.letter, 0) + 1
        named[step.key] = step.letter if n == 1 else f"{step.letter}{n}"
    return {**named, CHAIN: chain_name(steps), IN_ORDER: "in order"}


def following_row(count: Count, names: Mapping[str, str]) -> FollowingRow:
    """Rate and interval of one count."""
    n = count.done + count.not_done
    interval = wilson(count.done, n)
    return FollowingRow(
        run=count.run,
        step=count.key,
        letter=names[count.key],
        followed=count.done,
        n=n,
        rate=count.done / n if n else None,
        low=interval[0] if interval else None,
        high=interval[1] if interval else None,
        unsure=count.undecided,
        missing=count.missing,
        samples=count.samples,
    )


def following(store: Store, question: Question) -> FollowingTable:
    """The following-rate table, in the order of the runs, then of the steps.

    The in-order row is there where the study asked for it or anybody judged it.

    Raises:
        SitError: a name is unknown, or the question contradicts itself.
    """
    rows: list[FollowingRow] = []
    annotators: list[JudgeCount] = []
    for scope in question.scopes(store):
        names = labels(scope.steps)
        counts = count_states(store, scope, question.reading)
        ordered = scope.ask_order or any(
            c.done + c.not_done + c.undecided for c in counts if c.key == IN_ORDER
        )
        rows += [following_row(c, names) for c in counts if ordered or c.key != IN_ORDER]
        annotators += [j for j in count_judges(store, scope) if j.kind == question.by]
    if question.runs:
        rows.sort(key=lambda row: question.runs.index(row.run))
    return FollowingTable(question, tuple(rows), tuple(annotators))

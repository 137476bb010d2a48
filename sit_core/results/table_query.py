"""Which table is wanted: of which samples, with whose verdicts, read how."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sit_core.errors import UsageError
from sit_core.records import IN_ORDER, JudgeKind, Step, chain_name
from sit_core.registry import unknown
from sit_core.store import Store
from sit_core.store.sample_selection import check_judge, scopes
from sit_core.store.verdict_state import CHAIN, Selection, VerdictFilter

Combine = Literal["majority", "each"]


@dataclass(frozen=True, slots=True)
class TableQuery:
    """Which table is wanted: of which samples, read how."""

    study: str | None = None
    runs: tuple[str, ...] = ()
    """Empty: all of the study."""
    by: JudgeKind = JudgeKind.HUMAN
    annotator: str | None = None
    partly: Literal["done", "not-done"] = "done"
    combine: Combine = "majority"
    """``majority`` of the annotators per sample and step, or ``each`` judgment by itself.

    Judgments of the same sample are not independent; with ``each`` the intervals take them for
    outputs of one prompt.
    """

    @property
    def reading(self) -> VerdictFilter:
        """The same as the store wants it."""
        return VerdictFilter(self.by, self.annotator, self.partly == "done", self.combine)

    def to_dict(self) -> dict[str, Any]:
        """What was asked, at the head of every ``sit results … --json``."""
        return {
            "study": self.study,
            "runs": list(self.runs),
            "by": self.by.value,
            "partly": self.partly,
        }

    def scopes(self, store: Store) -> list[Selection]:
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
        return scopes(store, self.study, self.runs, self.by)


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

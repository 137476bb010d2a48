"""How far the rules' estimate agrees with people on the samples that both judged.

Rules only estimate what people would say, so their rates are shown beside this: per step and for
the chain the percent of equal verdicts, Cohen's κ with a seeded bootstrap interval that draws
samples, and the counts behind it. Of several people the majority stands against the rules.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sit_core.records import JudgeKind
from sit_core.results.agreement import cohen_kappa, cohen_kappas
from sit_core.results.intervals import bootstrap_counts
from sit_core.results.question import Question, labels
from sit_core.store import Store
from sit_core.store.pairs import Cells, states_by_both
from sit_core.store.states import STATES, Reading

NAMES = {state: name for name, state in STATES.items()}


@dataclass(frozen=True, slots=True)
class RuleRow:
    """People and rules at one step (or the chain, or the order), over the shared samples."""

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
    """What people say → what the rules say → samples; done, not-done or unsure."""


@dataclass(frozen=True, slots=True)
class RuleAgreement:
    """The agreement at every step; no rows where no sample was judged by both."""

    question: Question
    """Whose verdicts stand against the rules: people, all or one of them."""
    seed: int
    rows: tuple[RuleRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results agreement --rule --json``."""
        return {
            **self.question.to_dict(),
            "annotator": self.question.annotator,
            "against": "rule",
            "seed": self.seed,
            "rows": [asdict(row) for row in self.rows],
        }


def rule_agreement(store: Store, question: Question, *, seed: int = 0) -> RuleAgreement:
    """People against rules on the samples of a question.

    Args:
        store: where the verdicts are.
        question: which samples, and how *partly* counts; of people's verdicts, whose. Where it
            asks for the rules' verdicts, all people stand against those it names.
        seed: of the bootstrap.

    Raises:
        SitError: a name is unknown.
    """
    done = question.partly == "done"
    rules = Reading(JudgeKind.RULE, partly_done=done)
    if question.by == JudgeKind.RULE:
        rules = Reading(JudgeKind.RULE, question.annotator, done)
    whose = question.annotator if question.by == JudgeKind.HUMAN else None
    people = replace(question, by=JudgeKind.HUMAN, annotator=whose, combine="majority")
    rows: list[RuleRow] = []
    for scope in people.scopes(store):
        names = labels(scope.steps)
        found = states_by_both(store, scope, people.reading, rules)
        rows += [rule_row(key, names[key], cells, seed) for key, cells in found.items() if cells]
    return RuleAgreement(people, seed, tuple(rows))


def rule_row(key: str, letter: str, cells: Cells, seed: int = 0) -> RuleRow:
    """The figures of one step, from (people's state, the rules') → samples; pure."""
    counts = {cell: n for cell, n in cells.items() if None not in cell}
    n = sum(counts.values())
    equal = sum(of for (a, b), of in counts.items() if a == b)
    low, high = bootstrap_counts(counts, cohen_kappas, seed=seed) or (None, None)
    named = {
        people: {rules: counts.get((a, b), 0) for b, rules in NAMES.items()}
        for a, people in NAMES.items()
    }
    return RuleRow(key, letter, n, equal, equal / n, cohen_kappa(counts), low, high, named)

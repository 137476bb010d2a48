"""How far annotators agree on the same samples: percent, Cohen's κ, Krippendorff's α (nominal).

κ and α come with the intervals of `sit_core.statistics`, the percent of samples on which all agree
with a share's. κ and α are not defined where everybody said the same; that is said.

The categories are those of the table: done, not done (partly counted as the table counts it) and
unsure, which is an answer of its own: one who says yes and one who is unsure do not agree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from sit_core.results.table_query import TableQuery, labels
from sit_core.statistics import (
    LEVEL,
    alpha,
    alpha_interval,
    kappa,
    kappa_interval,
    table_of,
    wilson_open,
)
from sit_core.store import Store
from sit_core.store.pairs import Pattern, verdict_patterns
from sit_core.store.verdict_state import DONE, NOT_DONE, UNDECIDED

SAID = {DONE: "yes", NOT_DONE: "no", UNDECIDED: "unsure"}

Patterns = Mapping[tuple[int, ...], int]
"""(annotators per category) → how many samples got just that."""


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """Agreement at one step, over the samples that at least two annotators judged."""

    step: str
    letter: str
    annotators: str
    """``all``, or the two names: ``ann – bob``."""
    samples: int
    percent: float | None
    """Share of equal verdicts among all pairs of verdicts on the same sample."""
    kappa: float | None
    """Cohen's κ; only of two annotators, None where chance alone would give full agreement."""
    kappa_low: float | None
    kappa_high: float | None
    alpha: float | None
    """Krippendorff's α; None where all verdicts are the same."""
    alpha_low: float | None
    alpha_high: float | None
    equal: int = 0
    """Samples on which all said the same."""
    equal_low: float | None = None
    """Of the share ``equal / samples``."""
    equal_high: float | None = None
    undefined: str = ""
    """Why κ and α are not defined, with what is known instead; empty where they are."""
    method: str | None = None
    """How the interval of κ was made; a key of `sit_core.statistics.METHODS`."""
    alpha_method: str | None = None
    equal_method: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement of all annotators, then of each two."""

    question: TableQuery
    rows: tuple[AgreementRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results agreement --json``."""
        return {
            **self.question.to_dict(),
            "level": LEVEL,
            "rows": [asdict(row) for row in self.rows],
        }


def percent(patterns: Patterns) -> float | None:
    """Share of equal verdicts among all pairs of verdicts on the same sample.

    >>> percent({(2, 0): 3, (1, 1): 1})
    0.75
    """
    same = pairs = 0
    for counts, samples in patterns.items():
        m = sum(counts)
        pairs += samples * m * (m - 1)
        same += samples * sum(c * (c - 1) for c in counts)
    return same / pairs if pairs else None


def cohen_kappa(cells: Mapping[tuple[Any, Any], int]) -> float | None:
    """Cohen's κ of (what the first says, what the second says) → count; None: not defined.

    >>> round(cohen_kappa({(1, 1): 20, (1, 0): 5, (0, 1): 10, (0, 0): 15}), 3)
    0.4
    """
    return kappa(table_of(cells))


def not_defined(said: Iterable[int], equal: int, samples: int) -> str:
    """Why κ and α are not defined where all verdicts are the same, with what is known instead.

    >>> not_defined([DONE, DONE], 20, 20)
    'not defined: everybody said yes; agreed on 20 of 20 (84–100 %)'
    """
    (one,) = set(said)
    span = wilson_open(equal, samples)
    ends = "" if span is None else f" ({100 * span.low:.0f}–{100 * span.high:.0f} %)"
    return f"not defined: everybody said {SAID[one]}; agreed on {equal} of {samples}{ends}"


def agreement(store: Store, question: TableQuery) -> Agreement:
    """Agreement per step: of all annotators, then of each two where there are more than two.

    Args:
        store: where the verdicts are.
        question: which samples, whose verdicts, read how.

    Raises:
        SitError: a name is unknown.
    """
    rows: list[AgreementRow] = []
    for scope in question.scopes(store):
        names = labels(scope.steps)
        found = verdict_patterns(store, scope, question.reading)
        for i, key in enumerate(scope.keys):
            rows += agreement_rows(key, names[key], _at(found, i))
    return Agreement(question, tuple(rows))


def agreement_rows(
    key: str, letter: str, samples: Sequence[tuple[Mapping[str, int], int]]
) -> list[AgreementRow]:
    """Rows of one step, from (annotator → category, how many samples got just that); pure.

    Nothing where no sample has two verdicts.
    """
    patterns: Counter[tuple[int, ...]] = Counter()
    tables: dict[tuple[str, str], Counter[tuple[int, int]]] = {}
    for verdicts, n in samples:
        if len(verdicts) > 1:
            patterns[_per_category(verdicts.values())] += n
        for a, b in combinations(sorted(verdicts), 2):
            tables.setdefault((a, b), Counter())[verdicts[a], verdicts[b]] += n
    if not patterns:
        return []
    pairs = []
    for two, cells in sorted(tables.items()):
        of_two: Counter[tuple[int, ...]] = Counter()
        for pair, n in cells.items():
            of_two[_per_category(pair)] += n
        pairs.append(_row((key, letter, " – ".join(two)), of_two, cells))
    if len(pairs) == 1:
        return pairs
    return [_row((key, letter, "all"), patterns, {}), *pairs]


def _row(
    what: tuple[str, str, str], patterns: Patterns, cells: Mapping[tuple[int, int], int]
) -> AgreementRow:
    table = table_of(cells)
    of_kappa = kappa_interval(table) if cells else None
    of_alpha = alpha_interval(patterns)
    samples = sum(patterns.values())
    equal = sum(n for counts, n in patterns.items() if max(counts) == sum(counts))
    of_equal = wilson_open(equal, samples)
    said = {_CATEGORIES[i] for counts in patterns for i, c in enumerate(counts) if c}
    return AgreementRow(
        *what,
        samples=samples,
        percent=percent(patterns),
        kappa=cohen_kappa(cells),
        kappa_low=of_kappa.low if of_kappa else None,
        kappa_high=of_kappa.high if of_kappa else None,
        alpha=alpha(patterns),
        alpha_low=of_alpha.low if of_alpha else None,
        alpha_high=of_alpha.high if of_alpha else None,
        equal=equal,
        equal_low=of_equal.low if of_equal else None,
        equal_high=of_equal.high if of_equal else None,
        undefined=not_defined(said, equal, samples) if len(said) == 1 else "",
        method=of_kappa.method if of_kappa else None,
        alpha_method=of_alpha.method if of_alpha else None,
        equal_method=of_equal.method if of_equal else None,
    )


_CATEGORIES = (DONE, NOT_DONE, UNDECIDED)


def _per_category(verdicts: Iterable[int]) -> tuple[int, ...]:
    counts = Counter(verdicts)
    return tuple(counts[category] for category in _CATEGORIES)


def _at(patterns: Sequence[Pattern], i: int) -> list[tuple[dict[str, int], int]]:
    """The verdicts at key number i, without the annotators who have not given one."""
    return [
        ({who: s for who, of in p.verdicts.items() if (s := of[i]) is not None}, p.samples)
        for p in patterns
    ]

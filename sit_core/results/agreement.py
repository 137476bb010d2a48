"""How far annotators agree on the same samples: percent, Cohen's κ, Krippendorff's α (nominal).

The categories are those of the table: done, not done (partly counted as the table counts it) and
unsure, which is an answer of its own: one who says yes and one who is unsure do not agree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from sit_core.results.question import Question, labels
from sit_core.store import Store
from sit_core.store.pairs import Pattern, verdict_patterns
from sit_core.store.states import DONE, NOT_DONE, UNDECIDED

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
    alpha: float | None
    """Krippendorff's α; None where all verdicts are the same."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement of all annotators, then of each two."""

    question: Question
    rows: tuple[AgreementRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results agreement --json``."""
        return {
            **self.question.to_dict(),
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
    """Cohen's κ of a contingency table (J. Cohen, 1960); None where it is undefined.

    >>> round(cohen_kappa({(1, 1): 20, (1, 0): 5, (0, 1): 10, (0, 0): 15}), 3)
    0.4
    """
    n = sum(cells.values())
    if n == 0:
        return None
    rows: dict[Any, int] = {}
    columns: dict[Any, int] = {}
    for (a, b), count in cells.items():
        rows[a] = rows.get(a, 0) + count
        columns[b] = columns.get(b, 0) + count
    chance = sum(rows[c] * columns.get(c, 0) for c in rows)
    if chance == n * n:
        return None
    seen = sum(count for (a, b), count in cells.items() if a == b)
    return (seen * n - chance) / (n * n - chance)


def krippendorff_alpha(patterns: Patterns) -> float | None:
    """Krippendorff's α for nominal data, any number of annotators per sample.

    α = 1 − D_o / D_e from the coincidence matrix (K. Krippendorff, *Content Analysis*, ch. 11);
    samples with fewer than two verdicts don't count. None where all verdicts are the same.

    >>> round(krippendorff_alpha({(2, 0): 4, (1, 1): 1, (0, 2): 5}), 3)
    0.808
    """
    totals: dict[int, float] = {}
    disagreements = 0.0
    for counts, samples in patterns.items():
        m = sum(counts)
        if m < 2:
            continue
        for category, c in enumerate(counts):
            totals[category] = totals.get(category, 0) + samples * c
            disagreements += samples * c * (m - c) / (m - 1)
    n = sum(totals.values())
    expected = n * n - sum(t * t for t in totals.values())
    if not expected:
        return None
    return 1 - (n - 1) * disagreements / expected


def agreement(store: Store, question: Question) -> Agreement:
    """Agreement per step: of all annotators, then of each two where there are more than two.

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
        pairs.append(_row(key, letter, " – ".join(two), of_two, cohen_kappa(cells)))
    if len(pairs) == 1:
        return pairs
    return [_row(key, letter, "all", patterns, None), *pairs]


def _row(key: str, letter: str, who: str, patterns: Patterns, kappa: float | None) -> AgreementRow:
    alpha = krippendorff_alpha(patterns)
    n = sum(patterns.values())
    return AgreementRow(key, letter, who, n, percent(patterns), kappa, alpha)


def _per_category(verdicts: Iterable[int]) -> tuple[int, ...]:
    counts = Counter(verdicts)
    return tuple(counts[category] for category in (DONE, NOT_DONE, UNDECIDED))


def _at(patterns: Sequence[Pattern], i: int) -> list[tuple[dict[str, int], int]]:
    """The verdicts at key number i, without the annotators who have not given one."""
    return [
        ({who: s for who, of in p.verdicts.items() if (s := of[i]) is not None}, p.samples)
        for p in patterns
    ]

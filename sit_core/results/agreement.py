"""How far annotators agree on the same samples: percent, Cohen's κ, Krippendorff's α (nominal).

κ and α come with a seeded bootstrap interval that draws samples, each with all its verdicts.

The categories are those of the table: done, not done (partly counted as the table counts it) and
unsure, which is an answer of its own: one who says yes and one who is unsure do not agree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from sit_core.results.intervals import bootstrap_counts
from sit_core.results.question import Question, labels
from sit_core.store import Store
from sit_core.store.pairs import Pattern, verdict_patterns
from sit_core.store.states import DONE, NOT_DONE, UNDECIDED

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


def cohen_kappas(kinds: Sequence[tuple[Any, Any]], counts: "NDArray[Any]") -> "NDArray[Any]":
    """`cohen_kappa` of many tables at once: a row of counts each; NaN where it is undefined."""
    import numpy as np

    n = counts.sum(axis=1)
    seen = sum(counts[:, i] for i, (a, b) in enumerate(kinds) if a == b) + 0 * n
    chance = 0 * n
    for category in {a for a, _ in kinds}:
        first = sum(counts[:, i] for i, (a, _) in enumerate(kinds) if a == category)
        second = sum(counts[:, i] for i, (_, b) in enumerate(kinds) if b == category) + 0 * n
        chance = chance + first * second
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[Any] = np.where(
            chance < n * n, (seen * n - chance) / (n * n - chance), np.nan
        )
    return found


def krippendorff_alphas(
    patterns: Sequence[tuple[int, ...]], counts: "NDArray[Any]"
) -> "NDArray[Any]":
    """`krippendorff_alpha` of many resamples at once; NaN where it is undefined."""
    import numpy as np

    verdicts = np.array(patterns, dtype=float)
    m = verdicts.sum(axis=1, keepdims=True)
    verdicts = np.where(m < 2, 0, verdicts)
    weights = (verdicts * (m - verdicts)).sum(axis=1) / np.maximum(m[:, 0] - 1, 1)
    totals = counts @ verdicts
    n = totals.sum(axis=1)
    expected = n * n - (totals**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[Any] = np.where(
            expected > 0, 1 - (n - 1) * (counts @ weights) / expected, np.nan
        )
    return found


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


def agreement(store: Store, question: Question, *, seed: int = 0) -> Agreement:
    """Agreement per step: of all annotators, then of each two where there are more than two.

    Args:
        store: where the verdicts are.
        question: which samples, whose verdicts, read how.
        seed: of the bootstrap.

    Raises:
        SitError: a name is unknown.
    """
    rows: list[AgreementRow] = []
    for scope in question.scopes(store):
        names = labels(scope.steps)
        found = verdict_patterns(store, scope, question.reading)
        for i, key in enumerate(scope.keys):
            rows += agreement_rows(key, names[key], _at(found, i), seed)
    return Agreement(question, tuple(rows))


def agreement_rows(
    key: str, letter: str, samples: Sequence[tuple[Mapping[str, int], int]], seed: int = 0
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
        pairs.append(_row((key, letter, " – ".join(two)), of_two, cells, seed))
    if len(pairs) == 1:
        return pairs
    return [_row((key, letter, "all"), patterns, {}, seed), *pairs]


def _row(
    what: tuple[str, str, str],
    patterns: Patterns,
    cells: Mapping[tuple[int, int], int],
    seed: int,
) -> AgreementRow:
    of_kappa = bootstrap_counts(cells, cohen_kappas, seed=seed) or (None, None)
    of_alpha = bootstrap_counts(patterns, krippendorff_alphas, seed=seed) or (None, None)
    return AgreementRow(
        *what,
        samples=sum(patterns.values()),
        percent=percent(patterns),
        kappa=cohen_kappa(cells),
        kappa_low=of_kappa[0],
        kappa_high=of_kappa[1],
        alpha=krippendorff_alpha(patterns),
        alpha_low=of_alpha[0],
        alpha_high=of_alpha[1],
    )


def _per_category(verdicts: Iterable[int]) -> tuple[int, ...]:
    counts = Counter(verdicts)
    return tuple(counts[category] for category in (DONE, NOT_DONE, UNDECIDED))


def _at(patterns: Sequence[Pattern], i: int) -> list[tuple[dict[str, int], int]]:
    """The verdicts at key number i, without the annotators who have not given one."""
    return [
        ({who: s for who, of in p.verdicts.items() if (s := of[i]) is not None}, p.samples)
        for p in patterns
    ]

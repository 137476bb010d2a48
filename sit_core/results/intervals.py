"""Intervals and tests: for shares from scipy, for everything else by a seeded bootstrap."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, TypeVar

from sit_core.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESAMPLES = 1000
_AT_ONCE = 2_000_000
"""Draws in memory at the same time."""
K = TypeVar("K")


def wilson(followed: float, n: int, *, level: float = 0.95) -> tuple[float, float] | None:
    """Wilson's score interval of the share ``followed / n``; None where n is 0.

    Where some count half, as ties do, it is wider than it need be, never narrower: no number from
    0 to 1 varies more about its mean than 0 and 1 themselves.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.

    >>> [round(x, 3) for x in wilson(91, 100)]
    [0.838, 0.952]

    Raises:
        UsageError: the counts are not 0 ≤ followed ≤ n.
    """
    if not 0 <= followed <= n:
        raise UsageError(f"Expected 0 ≤ followed ≤ n but found {followed} of {n}.")
    if n == 0:
        return None
    if followed == int(followed):
        from scipy.stats import binomtest

        found = binomtest(int(followed), n).proportion_ci(level, method="wilson")
        return float(found.low), float(found.high)
    # The same in closed form, because scipy takes whole counts only.
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = followed / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return middle - half, middle + half


def mcnemar(only_first: int, only_second: int) -> float | None:
    """Exact two-sided McNemar p of a paired comparison; None where no pair differs.

    The binomial test of the discordant pairs against ½ (Q. McNemar, 1947).

    >>> round(mcnemar(1, 9), 4)
    0.0215
    """
    if only_first + only_second == 0:
        return None
    from scipy.stats import binomtest

    return float(binomtest(only_first, only_first + only_second, 0.5).pvalue)


def bootstrap_mean(
    sums: Sequence[float],
    counts: Sequence[int],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> tuple[float, float] | None:
    """Percentile bootstrap interval of a mean over clusters, such as the outputs of one example.

    Whole clusters are drawn with replacement; the mean of a resample is its sum over its count
    (Efron and Tibshirani, *An Introduction to the Bootstrap*, ch. 13). None for fewer than two
    clusters, which say nothing about how the mean varies.

    Args:
        sums: per cluster, the sum of its values.
        counts: per cluster, how many values; at least 1.
        seed: of the draws; the same seed gives the same interval.
        resamples: how often to draw.
        level: of confidence.

    >>> low, high = bootstrap_mean([0.2, 0.4, 0.6, 0.8], [1, 1, 1, 1])
    >>> 0.2 <= low < 0.5 < high <= 0.8
    True

    Raises:
        UsageError: the two are not of the same length, or a count is below 1.
    """
    import numpy as np

    if len(sums) != len(counts) or min(counts, default=1) < 1:
        raise UsageError("Each cluster needs a sum and a count of at least 1.")
    n = len(sums)
    if n < 2:
        return None
    of_sums, of_counts = np.asarray(sums, dtype=float), np.asarray(counts, dtype=float)
    equal = bool((of_counts == of_counts[0]).all())
    means = []
    for chosen in draws(n, seed=seed, resamples=resamples):
        drawn = of_counts[0] * n if equal else of_counts[chosen].sum(axis=1)
        means.append(of_sums[chosen].sum(axis=1) / drawn)
    tail = (1 - level) / 2
    low, high = np.quantile(np.concatenate(means), [tail, 1 - tail])
    return float(low), float(high)


def draws(n: int, *, seed: int, resamples: int = RESAMPLES) -> "Iterator[NDArray[Any]]":
    """Resamples of n clusters: rows of n numbers below n, so many rows at once as memory allows.

    The same seed draws the same from the same number of clusters, whatever is counted on them.
    """
    import numpy as np

    draw = np.random.default_rng(seed)
    left = resamples
    while left:
        rows = min(left, max(1, _AT_ONCE // n))
        yield draw.integers(0, n, size=(rows, n), dtype=np.int32)
        left -= rows


def bootstrap_counts(
    cells: Mapping[K, int],
    figures: "Callable[[Sequence[K], NDArray[Any]], NDArray[Any]]",
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> tuple[float, float] | None:
    """Percentile bootstrap interval of a figure that depends only on how often each kind occurs.

    The unit that is drawn is one counted thing: for agreement, a sample with all verdicts on it.
    Resamples in which the figure does not exist (all verdicts the same) are left out; None where
    they are most of all, or where the figure itself does not exist.

    Args:
        cells: kind of thing → how many there are.
        figures: from the kinds and counts of them (one row per resample, one column per kind) to
            one figure per row, NaN where there is none.
        seed: of the draws; the same seed and cells give the same interval.
        resamples: how often to draw.
        level: of confidence.
    """
    import numpy as np

    kinds = sorted((kind for kind, n in cells.items() if n), key=repr)
    n = sum(cells.values())
    if n < 2:
        return None
    counts = np.array([[cells[kind] for kind in kinds]], dtype=float)
    if np.isnan(figures(kinds, counts)[0]):
        return None
    draws = np.random.default_rng(seed).multinomial(n, counts[0] / n, size=resamples)
    found = figures(kinds, draws.astype(float))
    there = found[~np.isnan(found)]
    if 2 * len(there) < resamples:
        return None
    tail = (1 - level) / 2
    low, high = np.quantile(there, [tail, 1 - tail])
    return float(low), float(high)

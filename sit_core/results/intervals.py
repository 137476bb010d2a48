"""Intervals and tests for shares, all from scipy."""

from sit_core.errors import UsageError


def wilson(followed: int, n: int, *, level: float = 0.95) -> tuple[float, float] | None:
    """Wilson's score interval of the share ``followed / n``; None where n is 0.

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
    from scipy.stats import binomtest

    found = binomtest(followed, n).proportion_ci(level, method="wilson")
    return float(found.low), float(found.high)


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

"""`mcnemar`: the exact test of a paired comparison, shown beside `paired`.

The binomial test of the pairs that differ against ½ (Q. McNemar 1947, Psychometrika 12:153).
"""


def mcnemar(only_first: int, only_second: int) -> float | None:
    """The exact two-sided p; None where no pair differs.

    >>> round(mcnemar(1, 9), 4)
    0.0215
    """
    if only_first + only_second == 0:
        return None
    from scipy.stats import binomtest

    return float(binomtest(only_first, only_first + only_second, 0.5).pvalue)

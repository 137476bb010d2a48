"""`mean_over_seeds`, `difference_over_seeds`: intervals over training seeds and questions together.

Each of S seeds trains models of its own and asks them questions of its own, so the means of the
seeds, m_1 … m_S, are independent draws that vary with both: their spread holds the seeds' share and
the questions'. With few seeds that spread may by chance be less than questions alone make it, so
what these make is the floor. For values from 0 to 1 (done or not, ROUGE-L), N in all:

    m = Σm_s/S;  V = Σ(m_s - m)²/(S(S-1));  n_e = m(1-m)/V, within [1, N];

and Wilson's interval is taken of m·n_e of n_e with t_{S-1}'s quantile in place of the normal one.
(Korn and Graubard 1998, Surv. Methodol. 24:193, use an effective number with t so; n_e ≤ N is the
floor: N independent values that are all 0 or 1 vary most.) Of differences between two models on the
same questions, from -1 to 1:

    V' = max(V, v/N), with v Bonett and Price's (`paired`) plus-one variance;  m ± t_{S-1}·√V'.

Coverage simulated (4,000 draws, rates .02 to .98, 100 and 200 questions; worst setting): five seeds
whose rates vary with an intraclass correlation of 0 / .01 / .05: 99 / 96 / 89 % (the worst where
the rate is .02 or .98; from .1 to .9 at least 95 %), three seeds 100 / 99 / 95 %; differences at
least 95 %. Where seeds are very unlike (.2) five cover 89 to 95 % of rates from .1 to .9, and too
little near the ends (64 % at .98): a rate that is 100 % in most seeds and not in a few has no
interval that five seeds can give. So beside the interval stands every seed's own figure. Plain t
over seeds covers 80 % where this covers 89.

One seed says nothing about seeds: then the interval is of questions alone (normal quantile).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean

from sit_core.errors import UsageError
from sit_core.statistics.interval import LEVEL, SEEDS, SEEDS_DIFFERENCE, Interval


@dataclass(frozen=True, slots=True)
class OverSeeds:
    """A figure over training seeds."""

    value: float
    """The mean of the seeds' figures."""
    interval: Interval
    seeds: tuple[float, ...]
    """The figure of each seed, in their order."""
    n: int
    """Questions in all."""


def mean_over_seeds(values: Sequence[Sequence[float]], *, level: float = LEVEL) -> OverSeeds | None:
    """The mean of values from 0 to 1; None without any value.

    Args:
        values: per seed, the value of each of its questions; seeds without any don't count.
        level: of confidence.

    >>> found = mean_over_seeds([[1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]])
    >>> found.value, [round(x, 2) for x in found.interval.ends]
    (0.75, [0.19, 0.97])

    Raises:
        UsageError: a value lies outside.
    """
    of = _checked(values, 0.0)
    if not of:
        return None
    means = tuple(fmean(x) for x in of)
    m, n = fmean(means), sum(map(len, of))
    spread = _between(means)
    effective = min(max(m * (1 - m) / spread, 1.0), float(n)) if spread > 0 else float(n)
    z = _quantile(len(of), level)
    middle = (m + z * z / (2 * effective)) / (1 + z * z / effective)
    half = z / (1 + z * z / effective)
    half *= (m * (1 - m) / effective + z * z / (4 * effective**2)) ** 0.5
    low, high = max(0.0, min(middle - half, m)), min(1.0, max(middle + half, m))
    return OverSeeds(m, Interval(low, high, SEEDS, level), means, n)


def difference_over_seeds(
    differences: Sequence[Sequence[float]], *, level: float = LEVEL
) -> OverSeeds | None:
    """The mean of differences from -1 to 1 on the same questions; None without any.

    Args:
        differences: per seed, first less second at each question.
        level: of confidence.

    >>> found = difference_over_seeds([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0]])
    >>> found.value, [round(x, 2) for x in found.interval.ends]
    (0.5, [-0.22, 1.0])

    Raises:
        UsageError: a difference lies outside.
    """
    of = _checked(differences, -1.0)
    if not of:
        return None
    means = tuple(fmean(x) for x in of)
    m, n = fmean(means), sum(map(len, of))
    up = (sum(max(d, 0.0) for x in of for d in x) + 1) / (n + 2)
    down = (sum(max(-d, 0.0) for x in of for d in x) + 1) / (n + 2)
    floor = (up + down - (up - down) ** 2) / (n + 2)
    half = _quantile(len(of), level) * max(_between(means), floor) ** 0.5
    ends = Interval(max(-1.0, m - half), min(1.0, m + half), SEEDS_DIFFERENCE, level)
    return OverSeeds(m, ends, means, n)


def correlation_over_seeds(
    found: Sequence[tuple[float, int]], *, level: float = LEVEL
) -> OverSeeds | None:
    """The mean of the seeds' rank correlations; None without any.

    The floor of V is Fieller, Hartley and Pearson's (1957, Biometrika 44:470) 1.06(1-ρ²)²/(n-3).

    Args:
        found: per seed, ρ and of how many questions (more than 3).
        level: of confidence.
    """
    if not found:
        return None
    means = tuple(rho for rho, _ in found)
    m = fmean(means)
    floor = sum(1.06 * (1 - m * m) ** 2 / (n - 3) for _, n in found) / len(found) ** 2
    half = _quantile(len(found), level) * max(_between(means), floor) ** 0.5
    ends = Interval(max(-1.0, m - half), min(1.0, m + half), SEEDS_DIFFERENCE, level)
    return OverSeeds(m, ends, means, sum(n for _, n in found))


def _checked(values: Sequence[Sequence[float]], least: float) -> list[Sequence[float]]:
    of = [x for x in values if len(x)]
    if any(not least - 1e-9 <= value <= 1 + 1e-9 for x in of for value in x):
        raise UsageError(f"Each value must lie between {least:g} and 1.")
    return of


def _between(means: Sequence[float]) -> float:
    """The variance of their mean, by their spread; 0 of one."""
    if len(means) < 2:
        return 0.0
    m = fmean(means)
    return sum((x - m) ** 2 for x in means) / (len(means) * (len(means) - 1))


def _quantile(seeds: int, level: float) -> float:
    if seeds < 2:
        return NormalDist().inv_cdf((1 + level) / 2)
    from scipy.special import stdtrit

    return float(stdtrit(seeds - 1, (1 + level) / 2))

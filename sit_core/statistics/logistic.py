"""`logistic`: how a rate of success changes with a number, and what it says beyond what was seen.

    fit = logistic([1, 2, 3], done=[97, 80, 51], counts=[100, 100, 100])
    fit.slope, fit.predicted(5, 100)

The rate at x is p(x) = 1/(1 + exp(-(a + b·x))). a and b have Jeffreys' prior, the root of the
information's determinant, whose mode is Firth's penalised maximum (1993, Biometrika 80:27; Heinze
and Schemper 2002, Stat. Med. 21:2409): finite also where all or none succeed at each x. With two
parameters the posterior is summed on a grid, so that nothing is drawn at random. The interval of b
holds its middle 95 %, that of a prediction the middle 95 % of the share among so many new outputs,
which vary by chance as well. (`logistic_trend` has the same estimate with strata, values between 0
and 1 and a profile interval; it predicts nothing.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sit_core.errors import UsageError
from sit_core.statistics.interval import LEVEL, LOGISTIC, LOGISTIC_NEW, Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

_POINTS, _REACH = 141, 9.0
"""Of the grid in each direction; how many standard errors it reaches."""
_STEPS = 200
_RATES = 512
"""Rates that a prediction's distribution is told apart by."""


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """A fitted curve."""

    intercept: float
    """At x = 0, on the logit."""
    slope: float
    """Per 1 more of x, on the logit; its exponential is the odds ratio."""
    interval: Interval
    """Of the slope."""
    a: "NDArray[Any]"
    b: "NDArray[Any]"
    weights: "NDArray[Any]"
    """Of the pairs (a, b); their sum is 1."""

    def rate(self, x: float) -> float:
        """The curve at x: the mean of the rates there."""
        return float((self.weights * _sigmoid(self.a + self.b * x)).sum())

    def rate_interval(self, x: float, *, level: float = LEVEL) -> Interval:
        """Of the curve at x."""
        rates = _sigmoid(self.a + self.b * x)
        low, high = _quantiles(rates, self.weights, level)
        return Interval(low, high, LOGISTIC, level)

    def predicted(self, x: float, count: float, *, level: float = LEVEL) -> Interval:
        """Between which shares so many new outputs at x are expected to lie.

        Args:
            x: where; also beyond what was fitted.
            count: how many outputs; where prompts repeat, the effective number.
            level: of confidence.
        """
        import numpy as np
        from scipy.stats import binom

        many = max(1, round(count))
        rates = _sigmoid(self.a + self.b * x)
        bins = np.clip((rates * _RATES).astype(int), 0, _RATES - 1)
        weights = np.bincount(bins, self.weights, minlength=_RATES)
        mean = np.bincount(bins, self.weights * rates, minlength=_RATES)
        there = weights > 0
        middle = mean[there] / weights[there]
        k = np.arange(many + 1)
        below = (binom.cdf(k[:, None], many, middle[None, :]) * weights[there]).sum(axis=1)
        tail = (1 - level) / 2
        low = int(np.searchsorted(below, tail))
        high = int(np.searchsorted(below, 1 - tail))
        return Interval(low / many, min(high, many) / many, LOGISTIC_NEW, level)


def logistic(
    x: Sequence[float],
    done: Sequence[float],
    counts: Sequence[float],
    *,
    level: float = LEVEL,
) -> LogisticFit | None:
    """Fit the curve; None where fewer than two different x have outputs.

    Args:
        x: the number, one per group of outputs or per output.
        done: how many of the group succeeded (may be effective numbers).
        counts: how many there are.
        level: of the slope's interval.

    >>> fit = logistic([1, 2, 3], [97, 80, 51], [100, 100, 100])
    >>> round(fit.slope, 1), round(fit.rate(4), 2)
    (-1.5, 0.18)
    >>> flat = logistic([1, 2], [20, 20], [20, 20])
    >>> flat.interval.low < 0 < flat.interval.high
    True

    Raises:
        UsageError: the three are not of one length, or not 0 ≤ done ≤ counts.
    """
    import numpy as np

    at, y, m = (np.array(one, dtype=float) for one in (x, done, counts))
    if not at.shape == y.shape == m.shape or bool(((y < 0) | (y > m)).any()):
        raise UsageError("Each x needs 0 ≤ done ≤ counts.")
    at, y, m = at[m > 0], y[m > 0], m[m > 0]
    if len(set(at.tolist())) < 2:
        return None
    middle = float((at * m).sum() / m.sum())
    scale = float(np.sqrt((m * (at - middle) ** 2).sum() / m.sum()))
    z = (at - middle) / scale
    mode = _mode(z, y, m)
    spread = np.linalg.cholesky(np.linalg.inv(_information(mode, z, m)))
    steps = np.linspace(-_REACH, _REACH, _POINTS)
    # Where all succeed the posterior has a long tail, which the information at the mode is too
    # narrow for: the grid is denser in the middle and reaches three times as far.
    steps = np.sign(steps) * np.abs(steps) ** 1.5
    u, v = np.meshgrid(steps, steps, indexing="ij")
    width = np.gradient(steps)
    a = mode[0] + spread[0, 0] * u
    b = mode[1] + spread[1, 0] * u + spread[1, 1] * v
    heights = _penalised(a.ravel(), b.ravel(), z, y, m)
    weights = np.exp(heights - heights.max()) * np.outer(width, width).ravel()
    weights /= weights.sum()
    slope, base = b.ravel() / scale, a.ravel()
    low, high = _quantiles(slope, weights, level)
    kept = weights > 1e-12
    return LogisticFit(
        float(mode[0] - mode[1] * middle / scale),
        float(mode[1] / scale),
        Interval(low, high, LOGISTIC, level),
        (base - slope * middle)[kept],
        slope[kept],
        weights[kept] / weights[kept].sum(),
    )


def _sigmoid(eta: "NDArray[Any]") -> "NDArray[Any]":
    from scipy.special import expit

    found: NDArray[Any] = expit(eta)
    return found


def _information(mode: "NDArray[Any]", z: "NDArray[Any]", m: "NDArray[Any]") -> "NDArray[Any]":
    import numpy as np

    p = _sigmoid(mode[0] + mode[1] * z)
    w = m * p * (1 - p) + 1e-12
    return np.array([[w.sum(), (w * z).sum()], [(w * z).sum(), (w * z * z).sum()]])


def _mode(z: "NDArray[Any]", y: "NDArray[Any]", m: "NDArray[Any]") -> "NDArray[Any]":
    """Firth's estimate by scoring: y is drawn to ½ by each place's share of the information."""
    import numpy as np

    found = np.zeros(2)
    for _ in range(_STEPS):
        p = _sigmoid(found[0] + found[1] * z)
        inverse = np.linalg.inv(_information(found, z, m))
        w = m * p * (1 - p)
        leverage = w * (inverse[0, 0] + 2 * inverse[0, 1] * z + inverse[1, 1] * z * z)
        score = y - m * p + leverage * (0.5 - p)
        step = inverse @ np.array([score.sum(), (score * z).sum()])
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        found = found + step
        if float(np.abs(step).max()) < 1e-9:
            break
    return found


def _penalised(
    a: "NDArray[Any]",
    b: "NDArray[Any]",
    z: "NDArray[Any]",
    y: "NDArray[Any]",
    m: "NDArray[Any]",
) -> "NDArray[Any]":
    """The logarithm of likelihood times prior at each pair (a, b)."""
    import numpy as np

    likelihood = np.zeros_like(a)
    zero, one, two = np.zeros_like(a), np.zeros_like(a), np.zeros_like(a)
    for place, good, count in zip(z, y, m, strict=True):
        eta = a + b * place
        likelihood += good * eta - count * np.logaddexp(0.0, eta)
        p = _sigmoid(eta)
        w = count * p * (1 - p)
        zero, one, two = zero + w, one + w * place, two + w * place * place
    determinant = np.maximum(zero * two - one * one, 1e-300)
    found: NDArray[Any] = likelihood + 0.5 * np.log(determinant)
    return found


def _quantiles(
    values: "NDArray[Any]", weights: "NDArray[Any]", level: float
) -> tuple[float, float]:
    import numpy as np

    order = np.argsort(values)
    below = np.cumsum(weights[order])
    tail = (1 - level) / 2
    low = values[order][min(int(np.searchsorted(below, tail)), len(order) - 1)]
    high = values[order][min(int(np.searchsorted(below, 1 - tail)), len(order) - 1)]
    return float(low), float(high)

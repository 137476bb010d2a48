"""`spearman`: rank correlation of two numbers, ties allowed, with an interval.

ρ is Pearson's correlation of the mid-ranks (Spearman 1904, Am. J. Psychol. 15:72); of a share it is
the correlation of the lengths' ranks with right and wrong. On Fisher's scale

    artanh ρ ± t_{G-2} · max(I, H) / (1 - ρ²),   G prompts,

I² the variance of ρ's influence function over prompts (the infinitesimal jackknife: Hampel 1974,
J. Am. Stat. Assoc. 69:383), so that ties, values that are 0 or 1, and prompts that repeat count as
what they are; H² = (1 + ρ²/2)·(1 - ρ²)²/(n - 3) of Bonett and Wright (2000, Psychometrika 65:23),
since a few values of one kind say little of how ρ varies. Coverage of each: docs/statistics.md.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sit_core.errors import UsageError
from sit_core.statistics.interval import LEVEL, SPEARMAN, Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEWEST = 5


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """ρ, or why there is none."""

    rho: float | None
    interval: Interval | None
    n: int
    why: str = ""


def spearman(
    x: Sequence[float],
    y: Sequence[float],
    *,
    prompts: Sequence[Hashable] | None = None,
    level: float = LEVEL,
) -> RankCorrelation:
    """Spearman's ρ of x and y.

    Args:
        x: a number of each output.
        y: another one.
        prompts: of each; outputs of one prompt are alike. None: each has its own.
        level: of confidence.

    Raises:
        UsageError: the lengths differ.

    >>> round(spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]).rho, 9)
    0.8
    >>> spearman([1, 2, 3, 4, 5], [1, 1, 1, 1, 1]).why
    'all values are the same'
    """
    import numpy as np

    if len(x) != len(y) or (prompts is not None and len(prompts) != len(x)):
        raise UsageError("x, y and prompts need one length.")
    n = len(x)
    if n < _FEWEST:
        return RankCorrelation(None, None, n, f"fewer than {_FEWEST} values")
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        which = "values" if np.ptp(b) == 0 else "lengths"
        return RankCorrelation(None, None, n, f"all {which} are the same")
    rho, influence = influence_of(a, b)
    units = n
    if prompts is not None:
        order = {name: place for place, name in enumerate(dict.fromkeys(prompts))}
        units = len(order)
        influence = np.bincount([order[name] for name in prompts], influence, units)
    if abs(rho) > 1 - 1e-12 or units < _FEWEST:
        return RankCorrelation(
            rho,
            None,
            n,
            "the ranks agree wholly" if units >= _FEWEST else f"fewer than {_FEWEST} prompts",
        )
    low, high = _ends(rho, float((influence**2).sum()) / n**2, n, units, level)
    return RankCorrelation(rho, Interval(low, high, SPEARMAN, level), n)


def _ends(rho: float, variance: float, n: int, units: int, level: float) -> tuple[float, float]:
    """The interval from ρ and the variance of its influence."""
    import numpy as np
    from scipy.special import stdtrit

    slope = 1 - rho**2
    usual = (1 + rho**2 / 2) * slope**2 / (n - 3)
    error = np.sqrt(max(variance * units / (units - 1), usual)) / slope
    half = float(stdtrit(units - 2, (1 + level) / 2)) * error
    middle = np.arctanh(rho)
    return float(np.tanh(middle - half)), float(np.tanh(middle + half))


def influence_of(x: "NDArray[Any]", y: "NDArray[Any]") -> "tuple[float, NDArray[Any]]":
    """ρ, and how much each output moves it (times n)."""
    import numpy as np

    n = len(x)
    u, at_x = _grades(x)
    v, at_y = _grades(y)
    cross, own_x, own_y = u @ v / n, u @ u / n, v @ v / n
    c, a, b = cross - 0.25, own_x - 0.25, own_y - 0.25
    rho = float(c / np.sqrt(a * b))
    # An output moves a mean of products of grades by its own product, and by being counted in the
    # grades of all that lie above it (half where they tie).
    of_c = u * v + _above(at_x, v) + _above(at_y, u) - 3 * cross
    of_a = u * u + 2 * _above(at_x, u) - 3 * own_x
    of_b = v * v + 2 * _above(at_y, v) - 3 * own_y
    # The mean of the grades is 1/2 whatever the values are, so it does not move.
    influence: NDArray[Any] = of_c / np.sqrt(a * b) - rho / 2 * (of_a / a + of_b / b)
    return rho, influence


def _grades(values: "NDArray[Any]") -> "tuple[NDArray[Any], NDArray[Any]]":
    """Mid-ranks as shares, (rank - 1/2)/n; and each value's place among the different ones."""
    import numpy as np

    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    upto = np.cumsum(counts)
    middle = (upto - counts / 2) / len(values)
    return middle[place], place


def _above(place: "NDArray[Any]", other: "NDArray[Any]") -> "NDArray[Any]":
    """Per output: ``other``, summed over those above it and half of those beside it, over n."""
    import numpy as np

    sums = np.bincount(place, other)
    after = sums[::-1].cumsum()[::-1] - sums / 2
    found: NDArray[Any] = after[place] / len(place)
    return found

"""`bootstrap_band`: a band around a moving mean, point by point, by drawing questions again.

Outputs are sorted by a number; the k in a window have a mean. For each of B draws, questions are
drawn with replacement (Efron 1979, Ann. Stat. 7:1), so that all outputs of one keep together, and
every window's mean is taken anew over those of its outputs that were drawn, as often as they were.
Two pseudo outputs, one at each end of the scale (as in `mean_interval`), are in each window and
drawn with it, so that a window whose values are all alike has a width. The band holds the middle
95 % of the draws.

It is *pointwise*: at each point it holds the mean of outputs of such a length in 95 of 100 samples,
not the whole curve at once. Coverage in simulations: docs/statistics.md.
"""

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from sit_core.errors import UsageError
from sit_core.statistics.interval import BAND, LEVEL, Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

DRAWS = 1000
_AT_ONCE = 4_000_000
"""Numbers that are held at a time."""


def window_starts(n: int, size: int, most: int) -> list[int]:
    """Where windows of so many neighbours begin: all of them, or evenly spaced ones.

    Args:
        n: outputs.
        size: of a window.
        most: windows at most; the first and the last are always among them.

    >>> window_starts(5, 3, 10), window_starts(101, 2, 3), window_starts(2, 3, 10)
    ([0, 1, 2], [0, 50, 99], [])
    """
    last = n - size
    if last < 0:
        return []
    if last < most:
        return list(range(last + 1))
    return [round(last * place / (most - 1)) for place in range(most)]


def bootstrap_band(
    values: Sequence[float],
    prompts: Sequence[Hashable],
    starts: Sequence[int],
    size: int,
    *,
    seed: int,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> list[Interval]:
    """The band at each window.

    Args:
        values: of the outputs in their order, 0 to 1.
        prompts: of each; outputs of one are drawn together.
        starts: the first place of each window.
        size: outputs in a window.
        seed: of the draws; the same gives the same band.
        draws: how many.
        level: of each point.

    Raises:
        UsageError: the lengths differ, a value is not within 0 and 1, or a window leaves the list.

    >>> [b.low <= 0.5 <= b.high for b in bootstrap_band([0, 1] * 9, range(18), [0, 8], 10, seed=1)]
    [True, True]
    """
    import numpy as np

    y = np.asarray(values, dtype=float)
    if len(y) != len(prompts):
        raise UsageError("Values and prompts need one length.")
    if bool(((y < 0) | (y > 1)).any()):
        raise UsageError("Each value needs to be within 0 and 1.")
    if starts and (min(starts) < 0 or max(starts) + size > len(y) or size < 1):
        raise UsageError("Each window needs to lie within the values.")
    if not starts:
        return []
    order = {name: place for place, name in enumerate(dict.fromkeys(prompts))}
    whose = np.array([order[name] for name in prompts])
    first = np.asarray(starts)
    random = np.random.default_rng(seed)
    means = np.empty((draws, len(first)))
    step = max(1, _AT_ONCE // max(len(y), 1))
    for begin in range(0, draws, step):
        many = min(step, draws - begin)
        weights = random.multinomial(len(order), np.full(len(order), 1 / len(order)), size=many)
        means[begin : begin + many] = _means(y, weights[:, whose], first, size, random)
    tail = (1 - level) / 2
    low, high = np.quantile(means, [tail, 1 - tail], axis=0)
    return [Interval(float(a), float(b), BAND, level) for a, b in zip(low, high, strict=True)]


def _means(
    y: "NDArray[Any]",
    weights: "NDArray[Any]",
    first: "NDArray[Any]",
    size: int,
    random: Any,
) -> "NDArray[Any]":
    """The windows' means in each draw, with their pseudo outputs."""
    import numpy as np

    many = len(weights)
    total, count = np.zeros((many, len(y) + 1)), np.zeros((many, len(y) + 1))
    np.cumsum(weights * y, axis=1, out=total[:, 1:])
    np.cumsum(weights, axis=1, out=count[:, 1:])
    inside = total[:, first + size] - total[:, first]
    drawn = count[:, first + size] - count[:, first]
    # Each pseudo output is in a draw as often as any other: Poisson with mean 1, nearly.
    ones, noughts = random.poisson(1.0, (2, many, len(first)))
    both = drawn + ones + noughts
    found: NDArray[Any] = (inside + ones) / np.maximum(both, 1)
    return found

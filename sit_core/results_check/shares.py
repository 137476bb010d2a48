"""Intervals of shares, means, win rates and paired differences, written a second time.

Nothing here is taken from `sit_core.statistics`: each formula is computed from a list of prompts in
plain loops, with the distributions of scipy.stats, after the sources that docs/statistics.md names.
What the two should have in common is the result.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

LEVEL = 0.95
FEW = 3
"""So few outputs on one side open Wilson's interval there."""


REPEAT = ", prompts repeat"
"""Behind a method's name where prompts have several values."""


class CheckedInterval(NamedTuple):
    """Both ends of an interval, and what docs/statistics.md calls the way it is made."""

    low: float
    high: float
    method: str


class Pair(NamedTuple):
    """A paired difference."""

    difference: float
    span: CheckedInterval
    p: float


def z_of(level: float = LEVEL) -> float:
    """How many standard errors to each side hold so much of a normal distribution."""
    from scipy.stats import norm

    return float(norm.ppf(1 - (1 - level) / 2))


def wilson(k: float, n: float, level: float = LEVEL) -> CheckedInterval | None:
    """The shares p with (k/n - p)² ≤ z²·p(1-p)/n, opened where at most three are on one side.

    >>> wilson(91, 100).method, [round(end, 4) for end in wilson(91, 100)[:2]]
    ('wilson-open', [0.8377, 0.9519])
    """
    from scipy.stats import gamma

    if n <= 0:
        return None
    seen = min(max(k / n, 0.0), 1.0)
    z2 = z_of(level) ** 2
    # The roots of (n + z²)·p² - (2·n·seen + z²)·p + n·seen².
    a, b, c = n + z2, -(2 * n * seen + z2), n * seen * seen
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    low, high = (-b - root) / (2 * a), (-b + root) / (2 * a)
    slack = 1e-9
    none, every = k <= slack * n, n - k <= slack * n
    if not none and k <= FEW + slack:
        low = min(low, float(gamma.ppf(1 - level, k)) / n)
    if not every and n - k <= FEW + slack:
        high = max(high, 1 - float(gamma.ppf(1 - level, n - k)) / n)
    return CheckedInterval(
        0.0 if none else max(low, 0.0), 1.0 if every else min(high, 1.0), "wilson-open"
    )


def effective(
    residuals: Sequence[float], sizes: Sequence[float], variance: float, informative: int
) -> float:
    """N divided by the design effect that repeated prompts have, drawn to its maximum.

    Args:
        residuals: per prompt, the sum of its values less their expectation.
        sizes: per prompt, how many values.
        variance: of one value, if all were independent.
        informative: prompts that tell how much values of one prompt are alike.
    """
    n, prompts = sum(sizes), len(sizes)
    most = sum(m * m for m in sizes) / n
    effect = most
    if prompts > 1 and variance > 1e-12:
        found = sum(r * r for r in residuals) * prompts / (prompts - 1) / n / variance
        effect = min(max(found, 1.0), most)
    return n / ((informative * effect + 4 * most) / (informative + 4))


def share(values: Sequence[Sequence[float]], level: float = LEVEL) -> CheckedInterval | None:
    """The interval of a share.

    Args:
        values: per prompt, 1 or 0 of each of its outputs.
        level: of confidence.

    >>> [round(end, 3) for end in share([[1, 1, 1]] * 8 + [[1, 1, 0], [0, 0, 0]])[:2]]
    [0.565, 0.986]
    """
    prompts = [list(of) for of in values if of]
    n = sum(map(len, prompts))
    if not n:
        return None
    p = sum(map(sum, prompts)) / n
    some_yes = sum(any(v == 1 for v in of) for of in prompts)
    some_no = sum(any(v == 0 for v in of) for of in prompts)
    n_e = effective(
        [sum(of) - p * len(of) for of in prompts],
        [len(of) for of in prompts],
        p * (1 - p),
        min(some_yes, some_no),
    )
    return _named(wilson(p * n_e, n_e, level), "wilson-open", prompts)


def _named(
    span: CheckedInterval | None, method: str, prompts: Sequence[Sequence[float]]
) -> CheckedInterval | None:
    """The interval with its name."""
    repeat = REPEAT if any(len(of) > 1 for of in prompts) else ""
    return span and CheckedInterval(span.low, span.high, method + repeat)


def effective_outcomes(prompts: Sequence[Sequence[int]]) -> tuple[float, float, float]:
    """Shares of +1 and of -1 among outcomes, and their effective number."""
    n = sum(map(len, prompts))
    b = sum(of.count(1) for of in map(list, prompts)) / n
    c = sum(of.count(-1) for of in map(list, prompts)) / n
    if all(len(of) <= 1 for of in prompts):
        return b, c, float(n)
    up = sum(1 in of for of in prompts)
    down = sum(-1 in of for of in prompts)
    same = sum(0 in of for of in prompts)
    n_e = effective(
        [sum(of) - (b - c) * len(of) for of in prompts],
        [len(of) for of in prompts],
        b + c - (b - c) ** 2,
        min(up + down, same + min(up, down)),
    )
    return b, c, n_e


def wins(outcomes: Sequence[Sequence[int]], level: float = LEVEL) -> CheckedInterval | None:
    """The interval of a win rate: +1 won, -1 lost, 0 a tie, which counts half.

    >>> [round(end, 3) for end in wins([[1]] * 8 + [[-1]] * 2 + [[0]] * 10)[:2]]
    [0.494, 0.78]
    """
    prompts = [list(of) for of in outcomes if of]
    if not prompts:
        return None
    b, c, n = effective_outcomes(prompts)
    first, second = (b * n + 1) / (n + 2), (c * n + 1) / (n + 2)
    apart = (first - second) ** 2
    n_e = n * (1 - apart) / (first + second - apart)
    return _named(wilson((1 + b - c) / 2 * n_e, n_e, level), "wilson-open, ties", prompts)


def paired(outcomes: Sequence[Sequence[int]], level: float = LEVEL) -> Pair | None:
    """Bonett and Price's difference of two shares on the same prompts, with its p.

    Args:
        outcomes: per prompt, of each of its pairs: +1 only the first did it, -1 only the second,
            0 both or neither.
        level: of confidence.

    >>> found = paired([[1]] * 9 + [[-1]] + [[0]] * 10)
    >>> round(found.difference, 2), [round(end, 3) for end in found.span[:2]], round(found.p, 4)
    (0.4, [0.095, 0.632], 0.008)
    """
    from scipy.stats import norm

    prompts = [list(of) for of in outcomes if of]
    if not prompts:
        return None
    b, c, n = effective_outcomes(prompts)
    first, second = (b * n + 1) / (n + 2), (c * n + 1) / (n + 2)
    middle = first - second
    error = math.sqrt((first + second - middle * middle) / (n + 2))
    half = z_of(level) * error
    p = 2 * float(norm.sf(abs(middle) / error))
    method = "bonett-price" + (REPEAT if any(len(of) > 1 for of in prompts) else "")
    return Pair(
        b - c, CheckedInterval(max(middle - half, -1.0), min(middle + half, 1.0), method), p
    )


def mcnemar(only_first: int, only_second: int) -> float | None:
    """The exact p: how often so uneven a split of fair coins comes up; None where none differs.

    >>> round(mcnemar(1, 9), 4)
    0.0215
    """
    n = only_first + only_second
    if not n:
        return None
    tail = sum(math.comb(n, i) for i in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * (tail / (1 << n)))


def average(
    values: Sequence[Sequence[float]],
    scale: tuple[float, float] | None = None,
    level: float = LEVEL,
) -> CheckedInterval | None:
    """Student's t over prompts; with two pseudo prompts where some lie at an end of the scale.

    Args:
        values: per prompt, those of its outputs.
        scale: the least and the greatest that a value can be; None: no ends, as of lengths.
        level: of confidence.
    """
    from scipy.stats import t

    prompts = [(math.fsum(of), float(len(of))) for of in values if of]
    if not prompts:
        return None
    method = "t over prompts"
    if scale is not None:
        means = [total / m for total, m in prompts]
        near = 1e-9 * max(1.0, *map(abs, scale))
        alike = max(means) - min(means) <= near
        if alike or min(means) <= scale[0] + near or max(means) >= scale[1] - near:
            size = sum(m for _, m in prompts) / len(prompts)
            prompts += [(end * size, size) for end in scale]
            method = "t over prompts, 2 pseudo prompts"
    n, count = sum(m for _, m in prompts), len(prompts)
    mean = math.fsum(total for total, _ in prompts) / n
    if count < 2:
        return None
    squares = math.fsum((total - mean * m) ** 2 for total, m in prompts)
    error = math.sqrt(squares * count / (count - 1)) / n
    if error <= 1e-9 * max(1.0, abs(mean)):
        return None
    half = float(t.ppf(1 - (1 - level) / 2, count - 1)) * error
    low, high = mean - half, mean + half
    if scale is not None:
        low, high = max(low, scale[0]), min(high, scale[1])
    return CheckedInterval(low, high, method)

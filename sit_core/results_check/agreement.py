"""Agreement written a second time: percent, Cohen's κ, Krippendorff's α, with their intervals.

Nothing here is taken from `sit_core.statistics`. κ's standard error is had from the gradient of κ
(the delta method of a multinomial, which is what Fleiss, Cohen and Everitt worked out); α from the
pairs of verdicts of each unit, its interval by leaving out one unit at a time.
"""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import permutations

from sit_core.results_check.shares import LEVEL, CheckedInterval, z_of

PSEUDO = 4.0
"""Items that are added before an interval is made, half of them equal."""
Unit = tuple[Hashable, ...]
"""The verdicts on one sample, one per judge."""


def equal_share(units: Sequence[Unit]) -> float | None:
    """Share of equal pairs among all ordered pairs of verdicts on the same sample."""
    pairs = [a == b for unit in units for a, b in permutations(unit, 2)]
    return sum(pairs) / len(pairs) if pairs else None


def kappa(pairs: Sequence[Unit]) -> float | None:
    """Cohen's κ of (what the first says, what the second says); None where it is not defined.

    >>> round(kappa([(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15), 3)
    0.4
    """
    return _kappa(Counter(pairs))


def _kappa(cells: "Counter[Unit] | dict[Unit, float]") -> float | None:
    n = sum(cells.values())
    used = sorted({c for pair, m in cells.items() if m for c in pair}, key=repr)
    if not n or len(used) < 2:
        return None
    seen = sum(m for (a, b), m in cells.items() if a == b) / n
    chance = 0.0
    for category in used:
        first = sum(m for (a, _), m in cells.items() if a == category) / n
        second = sum(m for (_, b), m in cells.items() if b == category) / n
        chance += first * second
    return (seen - chance) / (1 - chance)


def kappa_span(pairs: Sequence[Unit], level: float = LEVEL) -> CheckedInterval | None:
    """The interval of κ; None where κ is not defined.

    >>> [round(end, 3) for end in kappa_span([(1, 1)] * 15 + [(0, 0)] * 5)[:2]]
    [0.532, 1.0]
    """
    counts = Counter(pairs)
    if _kappa(counts) is None:
        return None
    used = sorted({c for pair in counts for c in pair}, key=repr)
    q = len(used)
    cells = {
        (a, b): counts[a, b] + (PSEUDO / 2 / q if a == b else PSEUDO / 2 / (q * (q - 1)))
        for a in used
        for b in used
    }
    n = sum(cells.values())
    share = {pair: m / n for pair, m in cells.items()}
    first = {c: sum(share[c, other] for other in used) for c in used}
    second = {c: sum(share[other, c] for other in used) for c in used}
    seen = sum(share[c, c] for c in used)
    chance = sum(first[c] * second[c] for c in used)
    found = (seen - chance) / (1 - chance)
    # κ = (seen - chance)/(1 - chance), by how much it grows with the share of a cell.
    gradient = {
        (a, b): ((a == b) - (second[a] + first[b])) / (1 - chance)
        + (seen - chance) * (second[a] + first[b]) / (1 - chance) ** 2
        for a, b in share
    }
    mean = sum(share[pair] * gradient[pair] for pair in share)
    variance = (sum(share[p] * gradient[p] ** 2 for p in share) - mean * mean) / n
    half = z_of(level) * math.sqrt(max(variance, 0.0))
    return CheckedInterval(max(found - half, -1.0), min(found + half, 1.0), "kappa, 4 pseudo items")


def alpha(units: Sequence[Unit]) -> float | None:
    """Krippendorff's α for names; None where all verdicts are the same, or no unit has two.

    >>> round(alpha([(1, 1)] * 4 + [(1, 0)] + [(0, 0)] * 5), 3)
    0.808
    """
    return _alpha(Counter(_plain(unit) for unit in units if len(unit) > 1))


def alpha_span(units: Sequence[Unit], level: float = LEVEL) -> CheckedInterval | None:
    """The interval of α; None where α is not defined.

    >>> [round(end, 3) for end in alpha_span([(1, 1)] * 15 + [(0, 0)] * 5)[:2]]
    [0.528, 1.0]
    """
    weights: Counter[Unit] = Counter(_plain(unit) for unit in units if len(unit) > 1)
    if _alpha(weights) is None:
        return None
    used = sorted({c for unit in weights for c in unit}, key=repr)
    q = len(used)
    items: dict[Unit, float] = dict(weights)
    for i, a in enumerate(used):
        items[_plain((a, a))] = items.get(_plain((a, a)), 0.0) + PSEUDO / 2 / q
        for b in used[i + 1 :]:
            extra = PSEUDO / (q * (q - 1))
            items[_plain((a, b))] = items.get(_plain((a, b)), 0.0) + extra
    found = _alpha(items)
    size = sum(items.values())
    total = squares = 0.0
    for unit, weight in items.items():
        left = _alpha({**items, unit: weight - 1})
        if found is None or left is None:
            return None
        total += weight * (left - found)
        squares += weight * (left - found) ** 2
    variance = (size - 1) / size * (squares - total * total / size)
    half = z_of(level) * math.sqrt(max(variance, 0.0))
    assert found is not None
    return CheckedInterval(max(found - half, -1.0), min(found + half, 1.0), "alpha, 4 pseudo items")


def _plain(unit: Unit) -> Unit:
    return tuple(sorted(unit, key=repr))


def _alpha(items: "Counter[Unit] | dict[Unit, float]") -> float | None:
    """α of units with weights, from the matrix of coincidences."""
    together: dict[tuple[Hashable, Hashable], float] = {}
    for unit, weight in items.items():
        for a, b in permutations(unit, 2):
            together[a, b] = together.get((a, b), 0.0) + weight / (len(unit) - 1)
    n = sum(together.values())
    totals: dict[Hashable, float] = {}
    for (a, _), m in together.items():
        totals[a] = totals.get(a, 0.0) + m
    apart = sum(m for (a, b), m in together.items() if a != b)
    expected = sum(m * (n - m) for m in totals.values())
    if expected <= 0:
        return None
    return 1 - (n - 1) * apart / expected

"""Many tests at once, written a second time: exact sign flips, Holm's correction, letters.

Nothing here is taken from `sit_core.results`. The distribution of the sign-flip test is built up by
adding one difference after the other. Letters are looked at pair by pair for what they claim: two
systems share one just where they don't differ.
"""

import math
from collections.abc import Mapping, Sequence

MOST_STEPS = 200_000_000
"""So many additions at most build up one distribution."""
LEAST_P = 1e-12
"""A smaller p of this test is shown as this one."""


def sign_flips(differences: Sequence[int]) -> float | None:
    """P(|Σ ± d| ≥ |Σ d|) over all signs of whole numbers; None where there are too many values.

    >>> sign_flips([1, 1, 1, 1]), sign_flips([0, 2]), sign_flips([])
    (0.125, 1.0, 1.0)
    """
    import numpy as np

    steps = [abs(d) for d in differences if d]
    if not steps:
        return 1.0
    unit = math.gcd(*steps)
    steps = [d // unit for d in steps]
    furthest = sum(steps)
    if (2 * furthest + 1) * len(steps) > MOST_STEPS:
        return None
    chances = np.zeros(2 * furthest + 1)
    chances[furthest] = 1.0
    for d in steps:
        moved = np.zeros_like(chances)
        moved[d:] += chances[:-d] / 2
        moved[:-d] += chances[d:] / 2
        chances = moved
    found = abs(sum(differences)) // unit
    away = np.abs(np.arange(-furthest, furthest + 1))
    return min(1.0, max(LEAST_P, float(chances[away >= found].sum())))


def holm(p: Sequence[float]) -> list[float]:
    """p-values corrected for their number.

    >>> [round(x, 2) for x in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    found = [0.0] * len(p)
    least = 0.0
    for place, i in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        least = max(least, (len(p) - place) * p[i])
        found[i] = min(1.0, least)
    return found


def same_groups(letters: Mapping[str, str], differ: set[frozenset[str]]) -> str | None:
    """What is wrong with letters: two systems must share one just where they don't differ.

    Args:
        letters: system → its letters.
        differ: pairs that differ significantly.

    >>> same_groups({"x": "a", "y": "ab", "z": "b"}, {frozenset("xz")})
    >>> same_groups({"x": "a", "y": "a"}, {frozenset("xy")})
    "'x' and 'y' differ but share a letter"
    """
    parted = any(" " in text for text in letters.values())
    marks = {name: set(text.split(" ") if parted else text) for name, text in letters.items()}
    names = sorted(marks)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            shared = bool(marks[one] & marks[other])
            apart = frozenset((one, other)) in differ
            if shared and apart:
                return f"{one!r} and {other!r} differ but share a letter"
            if not shared and not apart:
                return f"{one!r} and {other!r} don't differ but share no letter"
    return None

"""`kappa` and `kappa_interval`: Cohen's κ of two judges, with four pseudo items in its interval.

κ = (agreement - chance)/(1 - chance) of the table as it is (J. Cohen 1960, Educ. Psychol. Meas.
20:37). For the interval, q categories: T'_ii = T_ii + 2/q, T'_ij = T_ij + 2/(q(q-1)); κ' and the
non-null standard error of Fleiss, Cohen and Everitt (1969, Psychol. Bull. 72:323) on T'; κ' ± z·SE
within [-1, 1]. For two categories that is one more in every cell.

The pseudo items are ours, after Agresti and Coull's for a share. Coverage at least 94.7 % at n =
20, 93.8 % at 50 and 100 (48 tables; 3 and 4 categories 92.7 %), where a bootstrap has down to 30 %,
and no width when all agree. Categories that nobody used don't count: with a third one that 2 % use,
coverage is down to 90.5 % where the two agree by chance alone, else at least 92.3 %.
"""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, TypeVar

from sit_core.errors import UsageError
from sit_core.statistics.interval import KAPPA, LEVEL, Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

PSEUDO = 4
"""Items that are added: half of them agree."""
K = TypeVar("K")


def kappa(table: Sequence[Sequence[float]]) -> float | None:
    """Cohen's κ of a square table of counts; None where all verdicts are the same, or none.

    >>> round(kappa([[20, 5], [10, 15]]), 3)
    0.4
    """
    import numpy as np

    counts = _square(table)
    n = counts.sum()
    chance = float(counts.sum(axis=0) @ counts.sum(axis=1))
    if n == 0 or chance == n * n:
        return None
    return float((np.trace(counts) * n - chance) / (n * n - chance))


def kappa_interval(table: Sequence[Sequence[float]], *, level: float = LEVEL) -> Interval | None:
    """The interval of κ; None where κ is not defined.

    Args:
        table: what the first says × what the second says, the same categories in the same order.
        level: of confidence.

    >>> [round(x, 3) for x in kappa_interval([[13, 2], [1, 4]]).ends]
    [0.148, 0.884]

    Raises:
        UsageError: the table is not square, or holds a negative number.
    """
    import numpy as np

    counts = _square(table)
    if kappa(table) is None:
        return None
    q = len(counts)
    added = counts + PSEUDO / 2 / (q * (q - 1))
    np.fill_diagonal(added, counts.diagonal() + PSEUDO / 2 / q)
    n = added.sum()
    shares = added / n
    first, second = shares.sum(axis=1), shares.sum(axis=0)
    seen, chance = float(np.trace(shares)), float(first @ second)
    found = (seen - chance) / (1 - chance)
    apart = 1 - found
    on = (shares.diagonal() * (1 - (first + second) * apart) ** 2).sum()
    # Row i, column j: how often the second says i plus how often the first says j.
    crossed = shares * (second[:, None] + first[None, :]) ** 2
    off = apart**2 * (crossed.sum() - np.trace(crossed))
    variance = (on + off - (found - chance * apart) ** 2) / ((1 - chance) ** 2 * n)
    half = NormalDist().inv_cdf((1 + level) / 2) * float(np.sqrt(max(variance, 0.0)))
    return Interval(max(found - half, -1.0), min(found + half, 1.0), KAPPA, level)


def table_of(cells: Mapping[tuple[K, K], int]) -> list[list[int]]:
    """(the first says, the second says) → count, as a square table of the categories in use.

    There are at least two rows, so that a table of one category is one of which κ is not defined.

    >>> table_of({("no", "no"): 3, ("yes", "no"): 1})
    [[3, 0], [1, 0]]
    """
    used = sorted({c for pair, n in cells.items() if n for c in pair}, key=repr)
    rows = [[cells.get((a, b), 0) for b in used] for a in used]
    if len(used) == 1:
        return [[rows[0][0], 0], [0, 0]]
    return rows


def _square(table: Sequence[Sequence[float]]) -> "NDArray[Any]":
    import numpy as np

    counts = np.array(table, dtype=float)
    if counts.size == 0:
        return np.zeros((2, 2))
    square = counts.ndim == 2 and counts.shape[0] == counts.shape[1] >= 2
    if not square or bool((counts < 0).any()):
        raise UsageError(
            "A table of agreement is square, with at least two categories, counts ≥ 0."
        )
    return counts

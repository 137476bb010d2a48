"""Paired tests of many systems at once, corrected for their number, and groups as letters. Pure.

For *following* (yes or no): Bonett and Price's interval of the difference decides (`paired`), and
McNemar's exact p stands beside it. For *quality*: the sign-flip permutation test (R. A. Fisher,
1935; E. J. G. Pitman, 1937), because it tests the difference of means that is shown, needs no
normal distribution, and takes equal ratings, which are most, as they are (Wilcoxon's test would
leave them out and tests ranks). It is exact: with random flips, p could never get small enough to
survive a correction for the 1,225 pairs of 50 systems. The interval of that difference is Student's
t.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sit_core.statistics.interval import BONETT_PRICE, BONETT_PRICE_CLUSTERS, LEVEL, MEAN
from sit_core.statistics.paired import effective_pairs, paired_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

HUNDREDTHS = 100
"""Ratings are told apart up to so small a part."""
LEAST_P = 1e-12
"""What is smaller is lost in the rounding of the transform; shown as this."""
_CELLS = 30_000_000
"""The largest table of a distribution that is computed exactly; beyond it, its normal limit."""
_AT_ONCE = 64
_MOST_GROUPS = 2000


def pairs_of(systems: int) -> "tuple[NDArray[Any], NDArray[Any]]":
    """All pairs of the numbers below ``systems``: (first, second), first < second."""
    import numpy as np

    first, second = np.triu_indices(systems, 1)
    return first, second


@dataclass(frozen=True, slots=True)
class PairResults:
    """What was found of all pairs of systems, an array each, in the order of `pairs_of`."""

    p: "NDArray[Any]"
    """Two-sided; 1 where no prompt differs or none is shared."""
    n: "NDArray[Any]"
    """Prompts at which both have a value."""
    difference: "NDArray[Any]"
    """Of the means on them, first minus second; NaN without any."""
    low: "NDArray[Any]"
    """Of the difference, as is ``high``; NaN for none."""
    high: "NDArray[Any]"
    method: str
    """Of the interval; a key of `sit_core.statistics.METHODS`."""
    p_mcnemar: "NDArray[Any] | None" = None
    """Exact; NaN where no prompt differs, or where some have several pairs."""
    repeated: "NDArray[Any] | None" = None
    """Whether some prompt has several pairs, which `method_repeated` is the method for."""
    method_repeated: str = ""

    def method_of(self, pair: int) -> str:
        """How the interval of a pair was made."""
        if self.repeated is not None and bool(self.repeated[pair]):
            return self.method_repeated
        return self.method


def share_pairs(values: "NDArray[Any]", prompts: "NDArray[Any] | None" = None) -> PairResults:
    """The differences of the shares of all pairs of rows, by Bonett and Price.

    Args:
        values: systems × prompts: 1 followed, 0 not, NaN no verdict.
        prompts: where a prompt has several columns, the prompt of each, ascending. Pairs of one
            prompt are then taken for alike; two rows that have any are without McNemar's test,
            which can't.
    """
    import numpy as np
    from scipy.special import bdtr

    yes, no = (values == 1).astype(float), (values == 0).astype(float)
    first, second = pairs_of(len(values))
    only_first, only_second = (yes @ no.T)[first, second], (no @ yes.T)[first, second]
    n = ((yes + no) @ (yes + no).T)[first, second]
    discordant = only_first + only_second
    exact = np.minimum(
        1.0, 2 * bdtr(np.minimum(only_first, only_second), discordant.astype(int), 0.5)
    )
    n_e, repeated = (n, n < 0) if prompts is None else _effective(yes, no, prompts)
    with np.errstate(invalid="ignore", divide="ignore"):
        b, c = only_first / n, only_second / n
        low, high, p = paired_rows(b, c, n_e)
    return PairResults(
        p=np.where(n > 0, p, 1.0),
        n=n,
        difference=b - c,
        low=low,
        high=high,
        method=BONETT_PRICE,
        p_mcnemar=np.where((discordant == 0) | repeated, np.nan, exact),
        repeated=repeated,
        method_repeated=BONETT_PRICE_CLUSTERS,
    )


def _effective(
    yes: "NDArray[Any]", no: "NDArray[Any]", prompts: "NDArray[Any]"
) -> "tuple[NDArray[Any], NDArray[Any]]":
    """The effective number of pairs of each two rows, and whether some prompt has several."""
    import numpy as np

    starts = np.flatnonzero(np.diff(prompts, prepend=prompts[0] - 1)) if len(prompts) else [0]
    found, repeated = [], []
    for row in range(len(yes) - 1):
        first, second = yes[row] * no[row + 1 :], no[row] * yes[row + 1 :]
        pairs = (yes[row] + no[row]) * (yes[row + 1 :] + no[row + 1 :])
        of_prompts = [np.add.reduceat(of, starts, axis=1) for of in (first, second, pairs)]
        found.append(effective_pairs(*of_prompts))
        repeated.append((of_prompts[2] > 1).any(axis=1))
    if not found:
        return np.zeros(0), np.zeros(0, dtype=bool)
    return np.concatenate(found), np.concatenate(repeated)


def mean_pairs(values: "NDArray[Any]") -> PairResults:
    """The differences of the means of all pairs of rows: sign-flip p, Student's t interval.

    Args:
        values: systems × prompts: ratings, NaN for none.
    """
    import numpy as np
    from scipy.special import stdtrit

    p, n, difference = sign_flip_pairs(values)
    there = (~np.isnan(values)).astype(float)
    known = np.where(there > 0, values, 0.0)
    first, second = pairs_of(len(values))
    squares = (known**2) @ there.T + there @ (known**2).T - 2 * known @ known.T
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = squares[first, second] / n - difference**2
        spread = np.where(spread > 1e-12, spread, np.nan)  # all prompts differ by the same
        half = stdtrit(n - 1, (1 + LEVEL) / 2) * np.sqrt(spread / (n - 1))
    return PairResults(p, n, difference, difference - half, difference + half, MEAN)


def sign_flip_pairs(values: "NDArray[Any]") -> "tuple[NDArray[Any], NDArray[Any], NDArray[Any]]":
    """The exact sign-flip test of all pairs of rows.

    Under the null hypothesis each prompt's difference has either sign with probability ½; p is the
    share of all 2ⁿ sign patterns whose sum is at least as far from 0 as the one found.

    Returns:
        Per pair of `pairs_of`: two-sided p (1 where no prompt differs), the number of prompts
        with both values, and the difference of the means on them (NaN without any).
    """
    import numpy as np

    first, second = pairs_of(len(values))
    steps = np.round(values * HUNDREDTHS)
    there = ~np.isnan(steps)
    whole = np.where(there, steps, 0).astype(np.int64)
    unit = int(np.gcd.reduce(np.abs(whole[there] - whole[there].min()))) if there.any() else 1
    n = (there.astype(float) @ there.T.astype(float))[first, second]
    widest = int(whole[there].max() - whole[there].min()) // max(unit, 1) if there.any() else 0
    counts = np.zeros((len(first), widest + 1))
    sums = np.zeros(len(first))
    place = 0
    for row in range(len(values) - 1):
        both = there[row] & there[row + 1 :]
        apart = np.where(both, whole[row] - whole[row + 1 :], 0) // max(unit, 1)
        rows = len(apart)
        sums[place : place + rows] = apart.sum(axis=1)
        cells = np.abs(apart) + (widest + 1) * np.arange(rows)[:, None]
        found = np.bincount(cells.ravel(), minlength=rows * (widest + 1))
        counts[place : place + rows] = found.reshape(rows, widest + 1)
        place += rows
    counts[:, 0] = 0  # what is equal has no sign
    p = flipped(counts[:, 1:], np.abs(sums))
    with np.errstate(invalid="ignore", divide="ignore"):
        return p, n, sums * unit / HUNDREDTHS / n


def flipped(counts: "NDArray[Any]", found: "NDArray[Any]") -> "NDArray[Any]":
    """P(|Σ ± d| ≥ found) for sums of whole numbers with random signs.

    The distribution is had from its characteristic function ∏ cos(d·w)^(how many d), which is
    computed at as many points as it has values, and transformed back.

    Args:
        counts: per row, how many differences are 1, 2, 3, … units apart.
        found: per row, how far from 0 the sum was.
    """
    import numpy as np
    from scipy.special import ndtr

    sizes = np.arange(1, counts.shape[1] + 1)
    furthest = counts @ sizes
    p = np.ones(len(counts))
    order = np.argsort(furthest)
    for start in range(0, len(order), _AT_ONCE):
        rows = order[start : start + _AT_ONCE]
        rows = rows[furthest[rows] > 0]
        if not len(rows):
            continue
        points = 1 << int(2 * furthest[rows].max() + 1).bit_length()
        if points // 2 * max(len(sizes), len(rows)) > _CELLS:
            spread = np.sqrt(counts[rows] @ (sizes**2))
            p[rows] = 2 * ndtr(-found[rows] / spread)
            continue
        waves = np.cos(2 * np.pi / points * np.outer(sizes, np.arange(points // 2 + 1)))
        with np.errstate(divide="ignore"):
            logs = np.maximum(np.log(np.abs(waves)), -1e5)
        odd = (counts[rows] @ (waves < 0)) % 2 == 1
        of_sum = np.fft.irfft(np.where(odd, -1, 1) * np.exp(counts[rows] @ logs), n=points)
        away = np.minimum(np.arange(points), points - np.arange(points))
        for row, chances in zip(rows, of_sum, strict=True):
            p[row] = chances[away >= found[row] - 0.5].sum()
    return np.clip(p, LEAST_P, 1.0)


def holm(p: "NDArray[Any]") -> "NDArray[Any]":
    """p-values corrected for their number (S. Holm, 1979): the chance of any false alarm holds.

    >>> import numpy
    >>> holm(numpy.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    import numpy as np

    order = np.argsort(p, kind="stable")
    grown = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(grown, 1.0)
    return corrected


def letters(ranked: "list[int]", differ: "set[tuple[int, int]]") -> "dict[int, str] | None":
    """Compact letters: two systems share one exactly where they don't differ (H.-P. Piepho, 2004).

    Args:
        ranked: the systems' numbers, the best first; the best gets *a*.
        differ: pairs that differ significantly, in either order.

    Returns:
        System → its letters; None where thousands of groups would be needed.

    >>> letters([2, 0, 1], {(2, 1)})
    {2: 'a', 0: 'ab', 1: 'b'}
    """
    place = {system: i for i, system in enumerate(ranked)}
    groups = [(1 << len(ranked)) - 1] if ranked else []
    for pair in sorted(tuple(sorted((place[a], place[b]))) for a, b in differ):
        one, other = 1 << pair[0], 1 << pair[1]
        both = one | other
        # Only what was split can have become part of another.
        kept = [group for group in groups if group & both != both]
        split = {group & ~gone for group in groups if group & both == both for gone in (one, other)}
        for group in sorted(split, key=int.bit_count, reverse=True):
            if not any(group & larger == group for larger in kept):
                kept.append(group)
        groups = kept
        if len(groups) > _MOST_GROUPS:
            return None
    groups.sort(key=lambda group: [not group >> i & 1 for i in range(len(ranked))])
    names = [_letter(i) for i in range(len(groups))]
    between = "" if len(names) <= 26 else " "
    return {
        system: between.join(n for n, group in zip(names, groups, strict=True) if group >> i & 1)
        for system, i in place.items()
    }


def _letter(number: int) -> str:
    """The letters in their order, then two each.

    >>> _letter(0), _letter(26)
    ('a', 'aa')
    """
    text = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("a") + digit) + text
    return text

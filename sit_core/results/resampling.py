"""Means of many systems with bootstrap intervals that draw whole prompts, the same for all. Pure.

A measure is two arrays, systems × prompts: sums of values and how many there are. The mean of a
resample is its sum over its count (Efron and Tibshirani, *An Introduction to the Bootstrap*, ch.
13). Systems that were asked the same prompts share the draws, so that their intervals vary
together; a prompt without a value is drawn like any other and adds nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sit_core.results.intervals import draws

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is counted of every system at every prompt."""

    sums: "NDArray[Any]"
    """Systems × prompts."""
    counts: "NDArray[Any]"
    """Systems × prompts: how many values each sum has; 0 where there are none."""

    def means(self, prompts: "NDArray[Any] | None" = None) -> "NDArray[Any]":
        """Per system, NaN where there is no value; only over ``prompts`` (a mask), if given."""
        import numpy as np

        chosen: Any = slice(None) if prompts is None else prompts
        totals, n = self.sums[:, chosen].sum(axis=1), self.counts[:, chosen].sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            means: NDArray[Any] = np.where(n > 0, totals / n, np.nan)
        return means


def intervals(
    measures: "Mapping[str, Measure]",
    asked: "NDArray[Any]",
    *,
    seed: int,
    resamples: int,
    level: float,
) -> "dict[str, NDArray[Any]]":
    """Per measure the percentile interval of every system: an array systems × 2, NaN where none.

    There is none where fewer than two prompts have a value, which say nothing about how it varies,
    or where most resamples have none.

    Args:
        measures: by name.
        asked: systems × prompts, whether the system has an output for the prompt.
        seed: of the draws.
        resamples: how often to draw.
        level: of confidence.
    """
    import numpy as np

    tail = (1 - level) / 2
    found = {name: np.full((len(asked), 2), np.nan) for name in measures}
    groups: dict[bytes, list[int]] = {}
    for system, mask in enumerate(asked):
        groups.setdefault(np.packbits(mask).tobytes(), []).append(system)
    for members in groups.values():
        prompts = np.flatnonzero(asked[members[0]])
        if len(prompts) < 2:
            continue
        here = np.ix_(np.array(members), prompts)
        parts = {
            name: (measure.sums[here].T, measure.counts[here].T)
            for name, measure in measures.items()
        }
        drawn: dict[str, list[NDArray[Any]]] = {name: [] for name in measures}
        for chosen in draws(len(prompts), seed=seed, resamples=resamples):
            times = how_often(chosen)
            for name, (sums, counts) in parts.items():
                with np.errstate(invalid="ignore", divide="ignore"):
                    drawn[name].append((times @ sums) / (times @ counts))
        for name, (_, counts) in parts.items():
            means = np.concatenate(drawn[name])
            there = ~np.isnan(means)
            usable = ((counts > 0).sum(axis=0) >= 2) & (2 * there.sum(axis=0) >= resamples)
            for place in np.flatnonzero(usable):
                of_one = means[there[:, place], place]
                found[name][members[place]] = np.quantile(of_one, [tail, 1 - tail])
    return found


def how_often(chosen: "NDArray[Any]") -> "NDArray[Any]":
    """Rows of numbers drawn → rows of how often each number was.

    >>> import numpy
    >>> how_often(numpy.array([[0, 0, 2], [1, 2, 0]])).tolist()
    [[2.0, 0.0, 1.0], [1.0, 1.0, 1.0]]
    """
    import numpy as np

    rows, n = chosen.shape
    places = chosen + n * np.arange(rows, dtype=np.int64)[:, None]
    return np.bincount(places.ravel(), minlength=rows * n).reshape(rows, n).astype(float)

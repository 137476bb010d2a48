"""What is counted of many systems at every prompt, their means, and the intervals of these. Pure.

The estimators are those of `sit_core.statistics`, taken for all systems at once, so that a figure
of the leaderboard has the interval that it has everywhere else.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sit_core.statistics.interval import (
    CLUSTERS,
    MEAN,
    MEAN_SCALE,
    WILSON,
    WINS,
    WINS_CLUSTERS,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

MeasureKind = Literal["share", "wins", "rating", "score", "length"]
"""``share``: each value 0 or 1. ``wins``: 0, ½ or 1. ``rating``: 1 to 5. ``score``: 0 to 1."""
SCALES: dict[MeasureKind, tuple[float, float]] = {"rating": (1.0, 5.0), "score": (0.0, 1.0)}


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is counted of every system at every prompt."""

    sums: "NDArray[Any]"
    """Systems × prompts."""
    counts: "NDArray[Any]"
    """Systems × prompts: how many values each sum has; 0 where there are none."""
    ties: "NDArray[Any] | None" = None
    """Of wins, systems × prompts: how many values are ½."""

    def means(self) -> "NDArray[Any]":
        """Per system, NaN where there is no value."""
        import numpy as np

        totals, n = self.sums.sum(axis=1), self.counts.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            means: NDArray[Any] = np.where(n > 0, totals / n, np.nan)
        return means

    def of_prompts(self, prompts: "NDArray[Any]") -> "Measure":
        """Only the prompts of a mask."""
        ties = None if self.ties is None else self.ties[:, prompts]
        return Measure(self.sums[:, prompts], self.counts[:, prompts], ties)


@dataclass(frozen=True, slots=True)
class MeasureInterval:
    """The interval of one system."""

    low: float | None
    high: float | None
    method: str | None
    """A key of `sit_core.statistics.METHODS`; None where there is no interval."""


def spans(measure: Measure, kind: MeasureKind) -> list[MeasureInterval]:
    """The 95 % interval of every system's mean."""
    import numpy as np

    from sit_core.statistics.mean import mean_rows
    from sit_core.statistics.paired import effective_pairs
    from sit_core.statistics.share_clusters import share_clusters_rows
    from sit_core.statistics.win_rate import win_rate_rows

    repeated = (measure.counts > 1).any(axis=1)
    n = measure.counts.sum(axis=1)
    if kind == "share":
        low, high, _ = share_clusters_rows(measure.sums, measure.counts)
        methods = np.where(repeated, CLUSTERS, WILSON)
    elif kind == "wins":
        ties = np.zeros_like(measure.sums) if measure.ties is None else measure.ties
        won = measure.sums - ties / 2
        lost = measure.counts - ties - won
        n_e = np.where(repeated, effective_pairs(won, lost, measure.counts), n)
        with np.errstate(invalid="ignore", divide="ignore"):
            low, high = win_rate_rows(won.sum(axis=1) / n, lost.sum(axis=1) / n, n_e)
        methods = np.where(repeated, WINS_CLUSTERS, WINS)
    else:
        low, high, added = mean_rows(measure.sums, measure.counts, scale=SCALES.get(kind))
        methods = np.where(added, MEAN_SCALE, MEAN)
        low = np.maximum(low, 0.0) if kind == "length" else low  # nothing is shorter
    there = ~(np.isnan(low) | np.isnan(high)) & (n > 0)
    return [
        MeasureInterval(float(a), float(b), str(method))
        if known
        else MeasureInterval(None, None, None)
        for a, b, method, known in zip(low, high, methods, there, strict=True)
    ]

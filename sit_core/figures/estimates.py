"""Estimates in plotly figures: values in percent and their intervals as whiskers."""

from collections.abc import Sequence
from typing import Any

from sit_core.results.estimate import Estimate


def percents(found: Sequence[Estimate]) -> list[float | None]:
    """The values, in percent.

    >>> percents([Estimate(0.5), Estimate(None)])
    [50.0, None]
    """
    return [None if one.value is None else 100 * one.value for one in found]


def whiskers(found: Sequence[Estimate], **more: Any) -> dict[str, Any]:
    """``error_x`` or ``error_y`` of a trace, in percent; none where there is no interval.

    >>> whiskers([Estimate(0.5, 0.25, 0.75)])["array"]
    [25.0]
    """
    above, below = [], []
    for one in found:
        value = one.value or 0.0
        above.append(100 * ((value if one.high is None else one.high) - value))
        below.append(100 * (value - (value if one.low is None else one.low)))
    bars = {"type": "data", "symmetric": False, "array": above, "arrayminus": below}
    return {**bars, "thickness": 1.5, "width": 0, **more}

"""Outputs by their automatic scores: with a value within bounds, without one, not scored yet."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from sit_core.errors import UsageError
from sit_core.registry import unknown
from sit_core.store.schema import predictions, scores

VALUE, NONE, UNSCORED, COUNTED = "value", "none", "unscored", "counted"
STATES = (VALUE, COUNTED, NONE, UNSCORED)


@dataclass(frozen=True, slots=True)
class ScoreFilter:
    """Which score is meant, and what must hold of it."""

    metric: str
    how: str | None = None
    """The metric's settings; None: any."""
    step: str = ""
    """A step's key; empty: the whole output."""
    state: str = VALUE
    """``value``: there is one; ``none``: there is none, for a reason; ``unscored``: not tried;
    ``counted``: it is in the mean over all, with a value or as 0."""
    least: float | None = None
    most: float | None = None
    """Bounds of a value, 0 to 1, both included."""
    reason: str | None = None
    """Why there is no value."""


def scored_so(of: ScoreFilter) -> ColumnElement[bool]:
    """Whether ``predictions`` has such a score.

    Raises:
        UsageError: there is no such state.
    """
    if of.state not in STATES:
        raise UsageError(unknown("state of a score", of.state, list(STATES)))
    s = scores.c
    mine = select(s.prediction_id).where(s.metric == of.metric, s.step == of.step)
    if of.how is not None:
        mine = mine.where(s.how == of.how)
    if of.state == UNSCORED:
        return predictions.c.id.not_in(mine)
    if of.state == NONE:
        mine = mine.where(s.value.is_(None))
        if of.reason is not None:
            mine = mine.where(s.reason == of.reason)
        return predictions.c.id.in_(mine)
    if of.state == COUNTED:
        return predictions.c.id.in_(mine.where(s.counted.is_not(None)))
    mine = mine.where(s.value.is_not(None))
    if of.least is not None:
        mine = mine.where(s.value >= of.least)
    if of.most is not None:
        mine = mine.where(s.value <= of.most)
    return predictions.c.id.in_(mine)

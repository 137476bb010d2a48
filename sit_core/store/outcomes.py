"""How an output's call ended, in SQL: of all outputs, also of those from before it was kept."""

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_

from sit_core.records import Outcome
from sit_core.store.schema import predictions

NOT_KNOWN = "not-known"
ENDINGS = (Outcome.COMPLETE.value, Outcome.CUT.value, Outcome.REFUSED.value, NOT_KNOWN)
"""What can be asked for. What *failed* is no output; see ``run_errors``."""


def ended_so(ending: str) -> ColumnElement[bool]:
    """Whether an output of ``predictions`` ended so.

    Args:
        ending: one of `ENDINGS`.
    """
    outcome = predictions.c.outcome
    # Before there were outcomes, that a limit ended an output was said in ``meta``.
    said_cut = func.coalesce(cast(predictions.c.meta, Text), "").like('%"cut": true%')
    if ending == Outcome.CUT.value:
        return or_(outcome == ending, and_(outcome.is_(None), said_cut))
    if ending == NOT_KNOWN:
        return and_(outcome.is_(None), ~said_cut)
    return outcome == ending

"""How an output's call ended, in SQL."""

from sqlalchemy import ColumnElement

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
    return outcome.is_(None) if ending == NOT_KNOWN else outcome == ending

"""Scores that stand in the store as an earlier version of their metric made them: found and named.

They stay until somebody scores the run again, and are in the figures; so they are told wherever
these are shown. *Following* is not looked at: the name of its rules is part of its scores' name.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from sit_core.metrics.registry import SCORED_BY
from sit_core.store.engine import Store
from sit_core.store.schema import predictions, runs, scores

_NAMED_BY_ITS_RULES = "following"
_KEPT_UNLESS_AGAIN = "bertscore"


def earlier_scores(
    store: Store, names: Sequence[str], metrics: Sequence[str] = ()
) -> dict[str, str]:
    """Run → the sentence on its scores that an earlier version made; runs without are left out.

    Args:
        store: where.
        names: runs; their order is kept.
        metrics: only these; empty: all.
    """
    s = scores.c
    query = (
        select(runs.c.name, s.metric, func.count(s.prediction_id.distinct()))
        .join_from(scores, predictions, predictions.c.id == s.prediction_id)
        .join(runs, runs.c.id == predictions.c.run_id)
        .where(runs.c.name.in_(names), s.version != SCORED_BY, s.metric != _NAMED_BY_ITS_RULES)
        .group_by(runs.c.name, s.metric)
        .order_by(s.metric)
    )
    if metrics:
        query = query.where(s.metric.in_(metrics))
    found: dict[str, dict[str, int]] = {}
    with store.read() as connection:
        for run, metric, n in connection.execute(query):
            found.setdefault(run, {})[metric] = n
    return {name: _sentence(name, found[name]) for name in names if name in found}


def _sentence(run: str, counts: Mapping[str, int]) -> str:
    """Which they are, and what makes them anew.

    >>> _sentence("m", {"accuracy": 20})
    'Scores of m by an earlier version of the metric: accuracy of 20 outputs; score it again.'
    """
    said = ", ".join(f"{metric} of {n:,}" for metric, n in counts.items())
    again = " (bertscore: with --again)" if _KEPT_UNLESS_AGAIN in counts else ""
    return (
        f"Scores of {run} by an earlier version of the metric: {said} outputs; score it again"
        f"{again}."
    )

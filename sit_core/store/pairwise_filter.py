"""Two outputs compared in both orders: which won. The rule in SQL and in Python, and by it outputs.

A win is preferred in both orders, a loss in none; all else that both orders say is a tie.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select, union_all

from sit_core.records import JudgeKind
from sit_core.store.schema import duels, judges, predictions, runs

DUEL_OUTCOMES = ("decided", "won", "lost", "tied", "order", "without", "undecided")
"""``decided``: won, lost or tied; ``order``: tied because only the order decided; ``without``: an
order has no usable verdict, or was not asked; ``undecided``: the same, or never compared."""


def outcome_of(preferred: Sequence[float]) -> float:
    """What both orders say of an output together: 1 won, 0 lost, 0.5 a tie.

    Args:
        preferred: of each order, 1 where the output was preferred, 0 where the other was, 0.5.

    >>> [outcome_of(said) for said in ([1, 1], [0, 0], [1, 0], [0.5, 0.5], [1, 0.5])]
    [1.0, 0.0, 0.5, 0.5, 0.5]
    """
    return 1.0 if min(preferred) == 1 else 0.0 if max(preferred) == 0 else 0.5


def outcomes_in_sql(preferred: ColumnElement[float]) -> dict[str, ColumnElement[bool]]:
    """The same rule in SQL over a group of rows, of which none lacks a verdict.

    Returns:
        ``won``, ``lost``, ``tied``; and ``order``: of the ties, those where only the order decided.
    """
    least, most = func.min(preferred), func.max(preferred)
    won, lost = least == 1, most == 0
    return {"won": won, "lost": lost, "tied": not_(or_(won, lost)), "order": least != most}


def compared_so(judge: str, outcome: str | None, other: str | None) -> ColumnElement[bool]:
    """Whether ``predictions`` was compared with another output, and that came of it.

    Args:
        judge: an LLM judge's name.
        outcome: one of `DUEL_OUTCOMES`; None: any.
        other: only comparisons with this run; None: with any.
    """
    d = duels.c
    who = select(judges.c.id).where(judges.c.kind == JudgeKind.LLM, judges.c.name == judge)
    mine = d.judge_id.in_(who)
    sides = [
        select(d.prediction_id.label("own"), d.against_id.label("other"), d.place, d.preferred),
        select(d.against_id, d.prediction_id, 3 - d.place, 1 - d.preferred),
    ]
    said = union_all(*(side.where(mine) for side in sides)).subquery()
    found: Select[tuple[str]] = select(said.c.own).group_by(said.c.own, said.c.other)
    if other is not None:
        of_run = select(predictions.c.id).join(runs, runs.c.id == predictions.c.run_id)
        found = found.where(said.c.other.in_(of_run.where(runs.c.name == other)))
    if outcome == "undecided":
        return ~compared_so(judge, "decided", other)
    if outcome is not None:
        found = found.having(_came_out(outcome, said.c.place, said.c.preferred))
    return predictions.c.id.in_(found)


def _came_out(
    outcome: str, place: ColumnElement[int], preferred: ColumnElement[float]
) -> ColumnElement[bool]:
    none = func.sum(case((preferred.is_(None), 1), else_=0))
    decided = and_(none == 0, func.count(place.distinct()) == 2)
    if outcome in ("decided", "without"):
        return decided if outcome == "decided" else ~decided
    return and_(decided, outcomes_in_sql(preferred)[outcome])

"""Outputs by what came of comparing them with others, in SQL: won, lost, tied, or no outcome.

A win is preferred in both orders, a loss in none; all else that both orders say is a tie.
"""

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, union_all

from sit_core.records import JudgeKind
from sit_core.store.schema import duels, judges, predictions, runs

DUEL_OUTCOMES = ("decided", "won", "lost", "tied", "order", "without", "undecided")
"""``decided``: won, lost or tied; ``order``: tied because only the order decided; ``without``: an
order has no usable verdict, or was not asked; ``undecided``: the same, or never compared."""


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
    least, most = func.min(preferred), func.max(preferred)
    none = func.sum(case((preferred.is_(None), 1), else_=0))
    decided = and_(none == 0, func.count(place.distinct()) == 2)
    tied = or_(least != most, least == 0.5)
    return {
        "decided": decided,
        "won": and_(decided, least == 1),
        "lost": and_(decided, most == 0),
        "tied": and_(decided, tied),
        "order": and_(decided, least != most),
        "without": ~decided,
    }[outcome]

"""From a cell of the leaderboard to its samples: a filter for the page Inspect. Pure."""

from typing import Any, Literal

from sit_core.records import JudgeKind
from sit_core.results.leaderboard.records import (
    FOLLOWING,
    FOLLOWING_HUMAN,
    FOLLOWING_RULE,
    QUALITY,
    SCORE,
    WINS,
    Leaderboard,
)
from sit_core.results.leaderboard.reported import parts_of
from sit_core.store.browse_filter import Filter
from sit_core.store.score_filter import COUNTED, NONE, ScoreFilter
from sit_core.store.verdict_state import CHAIN, FOLLOW

State = Literal["done", "not-done", "unsure", "unusable", "missing"]
"""What the samples of a cell may be narrowed to."""
_OF_DUELS = {"done": "won", "not-done": "lost", "unsure": "tied", "missing": "undecided"}


def cell_filter(
    board: Leaderboard,
    system: str,
    column: str | None = None,
    *,
    state: State | None = None,
    iteration: int | None = None,
) -> Filter | None:
    """The outputs behind a cell; None for others' results, which came without outputs.

    Args:
        board: what is looked at.
        system: a row.
        column: a column's key; None: all outputs of the system.
        state: of following, only those that were followed, not followed, and so on; of wins, what
            was won (``done``), lost (``not-done``), tied (``unsure``); of a score,
            ``missing`` asks for those that have none.
        iteration: only prompts of so many iterations.

    Raises:
        UsageError: there is no such row or column.
    """
    row = board.row(system)
    if column is not None:
        board.column(column)
    if row.run is None:
        return None
    asked = board.question
    common: dict[str, Any] = {"runs": (row.run,), "iteration": iteration}
    by = {FOLLOWING_HUMAN: JudgeKind.HUMAN, FOLLOWING_RULE: JudgeKind.RULE}
    if column in (FOLLOWING, QUALITY):
        return Filter(
            **common,
            annotator=asked.judge,
            kind=JudgeKind.LLM,
            step=None if state == "unusable" else CHAIN if row.stepwise else FOLLOW,
            verdict=None if state == "unusable" else state,
            unusable=state == "unusable",
            partly_done=asked.partly_done,
        )
    narrowed = None if state == "unusable" else state
    if column in by:
        return Filter(
            **common,
            study=asked.study if column == FOLLOWING_HUMAN else None,
            kind=by[column],
            step=CHAIN if narrowed else None,
            verdict=narrowed,
            partly_done=asked.partly_done,
        )
    if column == WINS:
        return Filter(
            **common,
            duels_by=asked.duels_by,
            duel=_OF_DUELS.get(state or "", "decided"),
            duel_with=_reference_run(board),
        )
    if column is not None and column.startswith(f"{SCORE}/"):
        metric, how, step = parts_of(column)
        return Filter(
            **common,
            score=ScoreFilter(metric, how, step, NONE if state == "missing" else COUNTED),
        )
    return Filter(**common)


def _reference_run(board: Leaderboard) -> str | None:
    """The run of the system that wins are against."""
    name = board.question.reference
    return next((row.run for row in board.rows if row.system == name), None)

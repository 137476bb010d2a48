"""The leaderboard: per system how much it follows, how well, how long; with intervals and tests.

``leaderboard(store, LeaderboardQuestion(judge=…))`` reads the store a few times for all systems
together, counts in arrays, and keeps what it found until the tables change.
"""

import threading
from collections import OrderedDict

from sit_core.results.leaderboard.records import (
    BENCHMARK,
    CHARACTERS,
    FOLLOWING,
    FOLLOWING_HUMAN,
    FOLLOWING_RULE,
    QUALITY,
    REPORTED,
    SCORE,
    WINS,
    WORDS,
    BoardColumn,
    BoardFigure,
    BoardJudge,
    BoardSet,
    IterationFigure,
    Kind,
    Leaderboard,
    LeaderboardQuestion,
    LeaderboardRow,
    PairTest,
    shown,
    value_shown,
)
from sit_core.results.leaderboard.rows import made
from sit_core.statistics.interval import LEVEL
from sit_core.store import Store
from sit_core.store.leaderboard import board_judges, tables_version

__all__ = [
    "BENCHMARK",
    "CHARACTERS",
    "FOLLOWING",
    "FOLLOWING_HUMAN",
    "FOLLOWING_RULE",
    "LEVEL",
    "QUALITY",
    "REPORTED",
    "SCORE",
    "WINS",
    "WORDS",
    "BoardColumn",
    "BoardFigure",
    "BoardJudge",
    "BoardSet",
    "IterationFigure",
    "Kind",
    "Leaderboard",
    "LeaderboardQuestion",
    "LeaderboardRow",
    "PairTest",
    "judges_to_choose",
    "leaderboard",
    "leaderboard_kept",
    "leaderboard_version",
    "shown",
    "value_shown",
]

KEPT = 16
"""So many boards stay in memory."""
_boards: "OrderedDict[tuple[str, LeaderboardQuestion], Leaderboard]" = OrderedDict()
_lock = threading.Lock()


def leaderboard(store: Store, question: LeaderboardQuestion | None = None) -> Leaderboard:
    """The board; the same object as long as nothing in the store changed.

    Args:
        store: where the verdicts are.
        question: which systems, by whose verdicts; None: everything as usual.

    Raises:
        UsageError: a judge, system or study is unknown, or a number can't be.
    """
    asked = question or LeaderboardQuestion()
    asked.check()
    key = (leaderboard_version(store), asked)
    with _lock:
        if key in _boards:
            _boards.move_to_end(key)
            return _boards[key]
    board = made(store, asked)
    with _lock:
        _boards[key] = board
        while len(_boards) > KEPT:
            _boards.popitem(last=False)
    return board


def leaderboard_kept(
    store: Store, question: LeaderboardQuestion | None = None
) -> Leaderboard | None:
    """The board if it is in memory and nothing in the store changed since; never counts one."""
    key = (leaderboard_version(store), question or LeaderboardQuestion())
    with _lock:
        return _boards.get(key)


def leaderboard_version(store: Store) -> str:
    """Changes whenever any leaderboard may change; cheap, for caches."""
    return f"{store.url} {tables_version(store)}"


def judges_to_choose(store: Store) -> tuple[BoardJudge, ...]:
    """LLM judges that have said anything, the busiest first."""
    return tuple(BoardJudge(*judge) for judge in board_judges(store))

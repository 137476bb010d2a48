"""A leaderboard as a table to look at: ranks, places on a scale, order, cells. Pure.

Values become places between 0 and 1 on the scale of their kind, so that who draws a bar has nothing
to count. What has no scale (lengths, benchmarks) has no bar.
"""

from collections.abc import Sequence
from typing import Any

from sit_core.results.leaderboard.records import (
    BENCHMARK,
    FOLLOWING,
    FOLLOWING_HUMAN,
    FOLLOWING_RULE,
    SCORE,
    WINS,
    WORDS,
    BoardColumn,
    BoardFigure,
    Kind,
    Leaderboard,
    LeaderboardRow,
    beside,
    shown,
    value_shown,
)

BASE, DATA, SYSTEM = "base_model", "training_data", "system"
TEXTS = {BASE: "base model", DATA: "training data"}
"""Columns that are texts of a row, and what they are called."""
SCALES: dict[Kind, tuple[float, float]] = {"share": (0.0, 1.0), "quality": (1.0, 5.0)}
"""Kind → its lowest and highest value; other kinds have no end and no bar."""
MOST = 9
"""Columns with figures that are shown unasked."""


def place_on_scale(value: float | None, kind: Kind) -> float | None:
    """Where a value lies between the ends of its scale, from 0 to 1; None where there is no scale.

    >>> place_on_scale(0.25, "share"), place_on_scale(3, "quality"), place_on_scale(812, "length")
    (0.25, 0.5, None)
    """
    if value is None or kind not in SCALES:
        return None
    low, high = SCALES[kind]
    return min(1.0, max(0.0, (value - low) / (high - low)))


def main_column(board: Leaderboard) -> BoardColumn | None:
    """What the board is ranked by: following by the LLM judge, else by people, else by rules."""
    known = {column.key: column for column in board.columns}
    for key in (FOLLOWING, FOLLOWING_HUMAN, FOLLOWING_RULE):
        if key in known and ranks(board, key):
            return known[key]
    return None


def ranks(board: Leaderboard, key: str) -> dict[str, int]:
    """System → its rank at a column, from 1, over all systems of the board.

    Equal values share a rank, and the next one counts all that are before it (1, 2, 2, 4). Systems
    without a value have none.
    """
    values = {
        row.system: figure.value
        for row in board.rows
        if (figure := row.figures.get(key)) is not None and figure.value is not None
    }
    first: dict[float, int] = {}
    for place, value in enumerate(sorted(values.values(), reverse=True), start=1):
        first.setdefault(value, place)
    return {system: first[value] for system, value in values.items()}


def usual_columns(board: Leaderboard) -> list[str]:
    """The keys of the columns that are shown where none are chosen.

    Base model and training data stand under the name, and are columns only where somebody asks.
    """
    keys = [column.key for column in board.columns if column.key != WORDS]
    main = [name for name in keys if not name.startswith((f"{SCORE}/", f"{BENCHMARK}/"))]
    more = [name for name in keys if name.startswith(f"{BENCHMARK}/")]
    more += [name for name in keys if name.startswith(f"{SCORE}/accuracy/")]
    return [*main, *more][:MOST]


def with_text(board: Leaderboard, text: str) -> list[LeaderboardRow]:
    """The rows that have a text in name, base model or training data."""
    wanted = text.strip().casefold()
    return [
        row
        for row in board.rows
        if wanted
        in "\n".join((row.system, row.base_model or "", row.training_data or "")).casefold()
    ]


def in_order(rows: Sequence[LeaderboardRow], sort: str | None) -> list[LeaderboardRow]:
    """The rows by a column: numbers from high to low, texts from a to z, those without last.

    Args:
        rows: in the order of the board, which equal ones keep.
        sort: a column's key, `SYSTEM`, `BASE` or `DATA`; with ``-`` before it the other way
            round; None: as they are.
    """
    if not sort:
        return list(rows)
    key = sort.removeprefix("-")
    turned = key != sort
    if key in (SYSTEM, BASE, DATA):
        there = [row for row in rows if getattr(row, key)]
        there.sort(key=lambda row: str(getattr(row, key)).casefold(), reverse=turned)
    else:
        there = [row for row in rows if _value(row, key) is not None]
        there.sort(key=lambda row: _value(row, key) or 0.0, reverse=not turned)
    named = {row.system for row in there}
    return [*there, *(row for row in rows if row.system not in named)]


def _value(row: LeaderboardRow, key: str) -> float | None:
    figure = row.figures.get(key)
    return None if figure is None else figure.value


def column_view(board: Leaderboard, key: str) -> dict[str, Any]:
    """What the head of a column says, for the component.

    Returns:
        key, label, about; ``kind`` (``text`` for base model and training data), ``bar`` (``low``:
        from the lower end, ``middle``: from the middle, None: no bar), ``letters`` (of all groups
        of the whole board, in order; None where nothing was tested).
    """
    if key in TEXTS:
        return {"key": key, "label": TEXTS[key], "about": "", "kind": "text", "bar": None}
    column = board.column(key)
    unit = {"share": ", %", "quality": ", 1–5"}.get(column.kind, "")
    letters: set[str] = set()
    for row in board.rows:
        figure = row.figures.get(key)
        letters |= set(figure.letters if figure else "")
    scaled = "middle" if key == WINS else "low"
    return {
        "key": key,
        "label": f"{column.label}{unit}",
        "about": column.about,
        "kind": column.kind,
        "bar": scaled if column.kind in SCALES else None,
        "letters": sorted(letters) if letters else None,
        "ranked": column.kind != "length",
    }


def cell_view(figure: BoardFigure | None, kind: Kind, rank: int | None) -> dict[str, Any] | None:
    """One figure in the table, for the component; None where the column says nothing.

    Returns:
        ``value`` (to sort by) and its ``text``; ``at``, ``low``, ``high`` as places from 0 to 1
        where there is a scale; ``note`` (interval, n, what is without), ``letters``, ``rank``, and
        ``whole``, all of it in one line.
    """
    if figure is None or (figure.value is None and not figure.without):
        return None
    span = ""
    if figure.value is not None and figure.low is not None and figure.high is not None:
        span = f"{value_shown(figure.low, kind)}–{value_shown(figure.high, kind)}"
    n = f"n={figure.n:,}" if figure.n else ""
    return {
        "value": figure.value,
        "text": "–" if figure.value is None else value_shown(figure.value, kind),
        "at": place_on_scale(figure.value, kind),
        "low": place_on_scale(figure.low, kind),
        "high": place_on_scale(figure.high, kind),
        "span": span,
        "n": ", ".join(part for part in (n, *beside(figure)) if part),
        "letters": figure.letters,
        "rank": rank,
        "whole": shown(figure, kind),
    }

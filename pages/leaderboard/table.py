"""The board's table: a row per system, chosen columns, numbers that lead to their samples."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.leaderboard.address import cell_link, key, open_cell
from pages.results.links import SHOWN, visit
from pages.shared.embedded_note import show_methods
from sit_core.benchmark.save import BENCHMARKS_ONLY
from sit_core.results.leaderboard.build import (
    BENCHMARK,
    FOLLOWING,
    QUALITY,
    SCORE,
    WINS,
    WORDS,
    BoardFigure,
    Leaderboard,
    LeaderboardRow,
    shown,
)
from sit_core.results.leaderboard.records import MEAN_SCORED, SHARE_SCORED

BASE, DATA = "base_model", "training_data"
_WORDS = {BASE: "base model", DATA: "training data"}
_MOST = 9
"""Columns that are shown unasked."""


class SortableCell(float):
    """A number that is sorted as such and shown as a text."""

    said: str


def show_table(board: Leaderboard) -> list[LeaderboardRow]:
    """Draw the choice of columns, the filter and the table; the rows that are shown."""
    columns = _columns(board)
    _tools(columns)
    chosen = st.session_state[key("columns")] or usual(board)
    rows = sorted_rows(filtered(board, st.session_state[key("find")]))
    if not rows:
        st.text("No system has that in its name, base model or training data.")
        return []
    # Objects stay what they are; sent to the browser they are numbers with a text beside them.
    frame = pd.DataFrame([_record(board, row, chosen) for row in rows], dtype=object)
    names = {key_: board.column(key_).label for key_ in chosen if key_ not in _WORDS} | _WORDS
    figures = [name for name in chosen if name not in _WORDS]
    event = st.dataframe(
        frame.style.format(_said, subset=figures) if figures else frame,
        hide_index=True,
        column_config={
            "system": st.column_config.TextColumn("system", pinned=True, width=300),
            **{
                name: st.column_config.TextColumn(_WORDS[name]) for name in chosen if name in _WORDS
            },
            **{name: st.column_config.NumberColumn(names[name], width=252) for name in figures},
        },
        on_select="rerun",
        selection_mode="single-cell",
        key=f"board table {visit()}",
        height=min(38 + 35 * len(rows), 720),
        placeholder="–",
        alt="The leaderboard: a row per system, a column per figure with interval, letters and n",
    )
    for index, name in event.selection.cells:
        column = name if name in figures else None
        open_cell(board, rows[index].system, column)
    _explain(rows, len(board.rows))
    return rows


def _tools(columns: dict[str, str]) -> None:
    state = st.session_state
    state[key("columns")] = [name for name in state[key("columns")] if name in columns]
    if state[key("sort")] not in columns:
        state[key("sort")] = None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Find",
            key=key("find"),
            placeholder="in name, base model, training data",
            width=250,
        )
        st.selectbox(
            "Sort by",
            list(columns),
            index=None,
            key=key("sort"),
            format_func=lambda name: columns.get(name, name),
            placeholder="following rate",
            width=240,
        )
        st.multiselect(
            "Columns",
            list(columns),
            key=key("columns"),
            format_func=lambda name: columns.get(name, name),
            placeholder="The usual ones",
            width="stretch",
        )


def _columns(board: Leaderboard) -> dict[str, str]:
    return {**_WORDS, **{column.key: column.label for column in board.columns}}


def usual(board: Leaderboard) -> list[str]:
    """The columns that are shown where none are chosen."""
    known = [name for name in (BASE, DATA) if any(getattr(row, name) for row in board.rows)]
    keys = [column.key for column in board.columns if column.key != WORDS]
    main = [name for name in keys if not name.startswith((f"{SCORE}/", f"{BENCHMARK}/"))]
    more = [name for name in keys if name.startswith(f"{BENCHMARK}/")]
    more += [name for name in keys if name.startswith(f"{SCORE}/accuracy/")]
    return [*known, *main, *more][: _MOST + len(known)]


def filtered(board: Leaderboard, text: str) -> list[LeaderboardRow]:
    """The rows that have the text in name, base model or training data."""
    wanted = text.strip().casefold()
    return [
        row
        for row in board.rows
        if wanted
        in "\n".join((row.system, row.base_model or "", row.training_data or "")).casefold()
    ]


def sorted_rows(rows: Sequence[LeaderboardRow]) -> list[LeaderboardRow]:
    """The rows by the chosen column: numbers from high to low, texts from a to z, none last."""
    name = st.session_state[key("sort")]
    if name is None:
        return list(rows)
    if name in _WORDS:
        return sorted(rows, key=lambda row: (not getattr(row, name), getattr(row, name) or ""))

    def value(row: LeaderboardRow) -> tuple[bool, float]:
        figure = row.figures.get(name)
        there = figure is not None and figure.value is not None
        return not there, -(figure.value or 0.0) if figure and there else 0.0

    return sorted(rows, key=value)


def _record(board: Leaderboard, row: LeaderboardRow, chosen: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"system": called(row)}
    for name in chosen:
        if name in _WORDS:
            found[name] = getattr(row, name)
            continue
        figure = row.figures.get(name)
        if figure is None or (figure.value is None and not figure.without):
            found[name] = None
            continue
        cell = SortableCell("nan" if figure.value is None else figure.value)
        cell.said = shown(figure, board.column(name).kind)
        found[name] = cell
    return found


def called(row: LeaderboardRow) -> str:
    """A system's name; what came without outputs is marked."""
    if row.run is not None:
        return row.system
    mark = "benchmarks only" if row.source == BENCHMARKS_ONLY else "reported by others"
    return f"{row.system}  ({mark})"


def _said(value: object) -> str:
    return value.said if isinstance(value, SortableCell) else "–"


def _explain(rows: Sequence[LeaderboardRow], of: int) -> None:
    st.caption(
        "Value [95 % interval], letters, n; shares in percent; how each interval is made stands "
        "below, by name. Systems that share a letter don't differ significantly; letters compare "
        "all systems of the board, also those that a filter hides. A click on a cell opens its "
        "samples."
    )
    show_methods(figure.method for row in rows for figure in row.figures.values())
    if any(row.run is None for row in rows):
        st.caption(
            "Results reported by others came without outputs: they are not tested, and have no "
            "samples."
        )
    if len(rows) < of:
        st.text(f"{len(rows)} of {of} systems are shown.")


def _scaled(value: float | None, scale: int) -> float | None:
    return None if value is None else scale * value


def show_figures(board: Leaderboard, rows: Sequence[LeaderboardRow]) -> None:
    """Every figure of the shown systems, number by number, as links to its samples."""
    found = []
    for row in rows:
        for column in board.columns:
            figure = row.figures.get(column.key)
            if figure is None:
                continue
            scale = 100 if column.kind == "share" else 1
            link: dict[str, str | None] = dict.fromkeys(("n", "yes", "no", "without"))
            if row.run is not None and not column.key.startswith(f"{BENCHMARK}/"):
                link |= _links(board, row, column.key, figure)
            found.append(
                {
                    "system": called(row),
                    "figure": column.label,
                    "value": None if figure.value is None else scale * figure.value,
                    "low": None if figure.low is None else scale * figure.low,
                    "high": None if figure.high is None else scale * figure.high,
                    "method": figure.method,
                    "share": figure.detail.get(SHARE_SCORED),
                    "their mean": _scaled(figure.detail.get(MEAN_SCORED), scale),
                    "letters": figure.letters,
                    **link,
                    "why": ", ".join(f"{reason} ({k})" for reason, k in figure.reasons.items()),
                }
            )
    links = {
        name: st.column_config.LinkColumn(
            title, display_text=SHOWN, width="small", alignment="right"
        )
        for name, title in (
            ("n", "n"),
            ("yes", "followed, won"),
            ("no", "not, lost"),
            ("without", "without"),
        )
    }
    st.dataframe(
        pd.DataFrame(found),
        hide_index=True,
        column_config={
            "system": st.column_config.TextColumn("system", pinned=True, width=300),
            "value": st.column_config.NumberColumn("value", format="%.2f"),
            "low": st.column_config.NumberColumn("95 % from", format="%.2f"),
            "high": st.column_config.NumberColumn("to", format="%.2f"),
            "method": st.column_config.TextColumn("95 % by", width="medium"),
            "share": st.column_config.NumberColumn("share with a value", format="percent"),
            "their mean": st.column_config.NumberColumn("mean of those", format="%.2f"),
            **links,
            "why": st.column_config.TextColumn("why without", width="large"),
        },
        placeholder="–",
        key="board figures",
        alt="Every figure of every shown system, with links to the samples it is made of",
    )


def _links(
    board: Leaderboard, row: LeaderboardRow, name: str, figure: BoardFigure
) -> dict[str, str | None]:
    """The counts of a figure, each a link to its samples."""
    at = (board, row.system, name)
    found = {"n": cell_link(str(figure.n), *at)}
    if name == FOLLOWING and figure.value is not None:
        yes = round(figure.value * figure.n)
        found["yes"] = cell_link(str(yes), *at, state="done")
        found["no"] = cell_link(str(figure.n - yes), *at, state="not-done")
    if name == WINS:
        for key_, of, state in (("yes", "wins", "done"), ("no", "losses", "not-done")):
            found[key_] = cell_link(f"{figure.detail.get(of, 0):.0f}", *at, state=state)
    following = row.figures.get(FOLLOWING)
    same = name == QUALITY and following is not None and following.without == figure.without
    # Of a quality that lacks where there is a verdict there is no filter.
    if figure.without and (same or name in (FOLLOWING, WINS) or name.startswith(f"{SCORE}/")):
        found["without"] = cell_link(str(figure.without), *at, state="missing")
    return found

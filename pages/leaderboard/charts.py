"""The board's charts: lines per number of iterations, length against quality; points are links."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.leaderboard.address import open_cell
from pages.results.links import visit
from sit_core.figures.leaderboard import iterations_figure, scatter_figure
from sit_core.results.leaderboard.build import (
    CHARACTERS,
    FOLLOWING,
    QUALITY,
    WORDS,
    Leaderboard,
    LeaderboardRow,
)

LINES = 8
"""More lines than that are chosen by hand."""


def show_charts(
    board: Leaderboard, rows: Sequence[LeaderboardRow], places: Mapping[str, int]
) -> None:
    """Both charts, side by side where there is room."""
    colours = {row.system: places.get(row.run or row.system, 0) for row in rows}
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        show_iterations(board, rows, colours)
    with right.container(border=True, height="stretch"):
        show_scatter(board, rows, colours)


def _head(title: str) -> Any:
    """A chart's title; the place at its right for what can be chosen."""
    with st.container(horizontal=True, vertical_alignment="center"):
        _title(title)
        return st.popover("Choose", icon=":material/tune:", type="tertiary")


def _title(title: str) -> None:
    st.html(f'<h2 style="margin:0;padding:0;font-size:1rem;font-weight:640">{title}</h2>')


def show_iterations(
    board: Leaderboard, rows: Sequence[LeaderboardRow], places: Mapping[str, int]
) -> None:
    """Following (by whom there is) or quality on the prompts of each number of iterations."""
    there = {row.system for row in board.iterations}
    systems = [row.system for row in rows if row.system in there]
    grown = {row.column for row in board.iterations}
    columns = [column.key for column in board.columns if column.key in grown]
    if not systems or not columns:
        _title("By number of iterations")
        st.text(
            "These prompts don't record their number of iterations, or their outputs have not been "
            "judged yet."
        )
        return
    with _head("By number of iterations"):
        column = st.selectbox(
            "Figure",
            columns,
            format_func=lambda name: board.column(name).label,
            key="board lines figure",
        )
        chosen = st.multiselect(
            "Systems",
            systems,
            default=systems[:LINES],
            key=f"board lines {len(systems)} {systems[0]}",
        )
    if not chosen:
        return
    event = st.plotly_chart(
        iterations_figure(board, board.column(column), chosen, places),
        on_select="rerun",
        selection_mode="points",
        key=f"board lines chart {_drawn()}",
        config={"displayModeBar": False},
        alt="A line per system over the number of iterations, with 95 % intervals",
    )
    for point in event.selection.points:
        system, iteration = _given(point["customdata"])
        open_cell(board, system, column, iteration=int(iteration))
    counts = {row.iteration: row.prompts for row in board.iterations if row.system == chosen[0]}
    said = ", ".join(f"{n:,} of {iteration}" for iteration, n in sorted(counts.items()))
    st.text(f"Prompts by iterations: {said}. A click on a point opens its samples.")


def show_scatter(
    board: Leaderboard, rows: Sequence[LeaderboardRow], places: Mapping[str, int]
) -> None:
    """How long systems write, and how good that is: verbosity."""
    across = [c for c in (CHARACTERS, WORDS) if any(column.key == c for column in board.columns)]
    up = [c for c in (QUALITY, FOLLOWING) if any(column.key == c for column in board.columns)]
    if not across or not up:
        _title("Quality against length")
        st.text("Shown once an LLM judge has rated the quality of some outputs.")
        return
    with _head("Quality against length"):
        x, y = (
            st.selectbox(
                title,
                options,
                format_func=lambda name: board.column(name).label,
                key=f"board scatter {title}",
            )
            for title, options in (("Across", across), ("Up", up))
        )
    event = st.plotly_chart(
        scatter_figure(
            board, board.column(x), board.column(y), [row.system for row in rows], places
        ),
        on_select="rerun",
        selection_mode="points",
        key=f"board scatter chart {_drawn()}",
        config={"displayModeBar": False},
        alt="A point per system: mean length of its outputs against their quality",
    )
    for point in event.selection.points:
        open_cell(board, _given(point["customdata"])[0])


def _drawn() -> str:
    """Part of a chart's key: it is drawn anew for who comes back, and in another theme."""
    return f"{visit()} {st.context.theme.type}"


def _given(custom: object) -> list:
    """Plotly's customdata: a list, or {"0": …, "1": …}."""
    return list(custom.values()) if isinstance(custom, dict) else list(custom)  # type: ignore[call-overload]

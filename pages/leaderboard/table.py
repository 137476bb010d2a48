"""The board's table: a row per system, chosen columns, numbers that lead to their samples."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.leaderboard.address import SORT, cell_address, cell_link, key
from pages.leaderboard.component import board_component
from pages.results.links import SHOWN
from pages.shared.component import follow
from sit_core.results.leaderboard.build import (
    BENCHMARK,
    FOLLOWING,
    QUALITY,
    SCORE,
    WINS,
    BoardFigure,
    Leaderboard,
    LeaderboardRow,
)
from sit_core.results.leaderboard.records import MEAN_SCORED, REPORTED, SHARE_SCORED
from sit_core.results.leaderboard.table_view import (
    TEXTS,
    cell_view,
    column_view,
    in_order,
    main_column,
    ranks,
    usual_columns,
    with_text,
)

OTHERS = "reported by others"


def show_table(board: Leaderboard, places: Mapping[str, int]) -> list[LeaderboardRow]:
    """Draw the table; the rows that are shown, in their order.

    Args:
        board: what is shown.
        places: run (of others' results: system) → its order of arrival, which is its colour.
    """
    state = st.session_state
    chosen = state[key("columns")] or usual_columns(board)
    sort = state[key(SORT)]
    rows = in_order(with_text(board, state[key("find")]), sort)
    if not rows:
        st.text("No system matches by name, base model or training data.")
        return []
    result = board_component("board table", table_json(board, rows, chosen, sort, places))
    _explain(rows, len(board.rows))
    follow(result.go)
    return rows


def table_json(
    board: Leaderboard,
    rows: Sequence[LeaderboardRow],
    chosen: Sequence[str],
    sort: str | None,
    places: Mapping[str, int],
) -> dict[str, Any]:
    """The table as the component takes it: texts as they are, every figure with its samples."""
    main = main_column(board)
    columns = [column_view(board, name) for name in chosen]
    ranked = {name: ranks(board, name) for name in chosen if name not in TEXTS}
    by_main = ranks(board, main.key) if main else {}
    order = {row.system: place for place, row in enumerate(board.rows)}
    return {
        "main": main.key if main else None,
        "label": main.label if main else "",
        "sort": sort,
        "columns": columns,
        "rows": [
            {
                "system": row.system,
                "mark": mark_of(row),
                "about": " · ".join(part for part in (row.base_model, row.training_data) if part),
                "place": places.get(row.run or row.system, 0),
                "order": order[row.system],
                "rank": by_main.get(row.system),
                "outputs": f"{row.outputs:,}" if row.run is not None else "",
                "href": cell_address(board, row.system),
                "cells": [_cell(board, row, name, ranked) for name in chosen],
            }
            for row in rows
        ],
    }


def _cell(
    board: Leaderboard, row: LeaderboardRow, name: str, ranked: Mapping[str, Mapping[str, int]]
) -> dict[str, Any] | None:
    if name in TEXTS:
        text = getattr(row, name)
        return {"value": text, "text": text} if text else None
    if name == WINS and row.system == board.question.reference:
        return {"value": None, "text": "reference", "words": True}
    rank = ranked[name].get(row.system)
    cell = cell_view(row.figures.get(name), board.column(name).kind, rank)
    if cell is None:
        return None
    return {**cell, "href": cell_address(board, row.system, name)}


def columns_of(board: Leaderboard) -> dict[str, str]:
    """The columns that can be chosen, and what they are called."""
    return {**TEXTS, **{column.key: column.label for column in board.columns}}


def called(row: LeaderboardRow) -> str:
    """A system's name; what came without outputs is marked."""
    if row.run is not None:
        return row.system
    return f"{row.system}  ({mark_of(row)})"


def mark_of(row: LeaderboardRow) -> str:
    """What a system without outputs is instead; empty for one of ours."""
    return OTHERS if row.origin == REPORTED else row.origin


def _explain(rows: Sequence[LeaderboardRow], of: int) -> None:
    st.caption(
        "Value, 95 % interval and n; shares in percent. *Without*: outputs that have no value "
        "there (no verdict, no answer found). "
        + (
            "Systems on one bar (that share a letter) don't differ significantly; ranks and "
            "letters "
            if any(figure.letters for row in rows for figure in row.figures.values())
            else "Ranks "
        )
        + "are over all systems of the board, also those that a filter hides. A click on a cell "
        "opens its samples."
    )
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

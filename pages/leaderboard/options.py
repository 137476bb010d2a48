"""Whose verdicts, against whom: the widgets that ask for a board, and the board."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.leaderboard.address import key
from pages.leaderboard.exports import show_exports
from pages.leaderboard.table import columns_of
from pages.shared.message import message
from pages.shared.page_header import tools_row
from sit_core.errors import SitError
from sit_core.registry import unknown
from sit_core.results.leaderboard.build import (
    BoardJudge,
    BoardSet,
    Leaderboard,
    LeaderboardQuestion,
    judges_to_choose,
    leaderboard,
)
from sit_core.store import Store
from sit_core.store.prompt_sets import prompt_set_sizes


def chosen_board(store: Store) -> Leaderboard:
    """Draw the widgets; the board that they ask for."""
    state = st.session_state
    judges = judges_to_choose(store)
    says = {judge.name: judge for judge in judges if judge.outputs or judge.unusable}
    compares = {judge.name: judge for judge in judges if judge.duels}
    _known("prompt_set", "prompt set", list(prompt_set_sizes(store)))
    _known("judge", "LLM judge", list(says))
    _known("duels", "LLM judge", list(compares))
    with st.spinner("Counting …"):
        board = _board(store)
    asked = board.question
    reported = [row for row in board.rows if row.run is None]
    with tools_row():
        if board.sets:
            sets = {one.name: one for one in board.sets}
            st.selectbox(
                "Prompt set",
                list(sets),
                index=None,
                key=key("prompt_set"),
                placeholder=_sized(sets.get(asked.prompt_set or ""), asked.prompt_set or ""),
                format_func=lambda name: _sized(sets.get(name), name),
                label_visibility="collapsed",
                width=255,
            )
        st.selectbox(
            "Judge",
            list(says),
            index=None,
            key=key("judge"),
            placeholder=_by(asked.judge),
            format_func=lambda name: _counted(says.get(name), name),
            label_visibility="collapsed",
            width=240,
        )
        _find()
        st.space("stretch")
        _columns(board)
        if compares or reported or not state[key("reported")]:
            with st.popover("Compare", icon=":material/tune:"):
                _compared(board, compares, bool(reported))
        with st.popover("Export", icon=":material/download:"):
            show_exports(board)
    return board


def _find() -> None:
    st.text_input(
        "Find",
        key=key("find"),
        placeholder="Find a system",
        icon=":material/search:",
        label_visibility="collapsed",
        width=205,
    )


def _columns(board: Leaderboard) -> None:
    """What the table shows; what the address names and the board has not is left out."""
    columns = columns_of(board)
    state = st.session_state
    state[key("columns")] = [name for name in state[key("columns")] if name in columns]
    with st.popover("Columns", icon=":material/view_column:"):
        st.multiselect(
            "Columns",
            list(columns),
            key=key("columns"),
            format_func=lambda name: columns.get(name, name),
            placeholder="The usual ones",
            help="Of the table and of exports that are read; CSV and JSON hold all.",
        )


def _compared(board: Leaderboard, compares: Mapping[str, BoardJudge], reported: bool) -> None:
    """Against whom wins are, by whom, and whether others' results are shown."""
    asked = board.question
    if compares:
        st.selectbox(
            "Wins against",
            [row.system for row in board.rows if row.run is not None],
            index=None,
            key=key("reference"),
            placeholder=asked.reference or "choose the reference",
        )
        st.selectbox(
            "Wins by",
            list(compares),
            index=None,
            key=key("duels"),
            placeholder=asked.duels_by or "choose a judge",
        )
    if reported or not st.session_state[key("reported")]:
        st.checkbox("Others' results", key=key("reported"))


def _board(store: Store) -> Leaderboard:
    """The board; an unknown reference in the address is said and left out."""
    try:
        return leaderboard(store, _question())
    except SitError as error:
        if st.session_state[key("reference")] is None:
            raise
        message("error", str(error))
        st.session_state[key("reference")] = None
        return leaderboard(store, _question())


def _question() -> LeaderboardQuestion:
    state = st.session_state
    return LeaderboardQuestion(
        judge=state[key("judge")],
        duels_by=state[key("duels")],
        prompt_set=state[key("prompt_set")],
        reference=state[key("reference")],
        reported=state[key("reported")],
    )


def _known(name: str, what: str, options: Sequence[str]) -> None:
    """What the address names and is not there is said and left out."""
    chosen = st.session_state[key(name)]
    if chosen is not None and chosen not in options:
        message("error", unknown(what, chosen, list(options)))
        st.session_state[key(name)] = None


def _by(judge: str | None) -> str:
    return f"by {judge}" if judge else "no LLM verdicts yet"


def _sized(one: BoardSet | None, name: str) -> str:
    if one is None:
        return name
    return f"{name} · {one.prompts:,} prompts, {one.systems} system{'s' * (one.systems != 1)}"


def _counted(judge: BoardJudge | None, name: str) -> str:
    if judge is None:
        return name
    unusable = f", {judge.unusable:,} unusable" if judge.unusable else ""
    return f"by {name} · {judge.outputs:,} outputs{unusable}"

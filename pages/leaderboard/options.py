"""Whose verdicts, against whom: the widgets that ask for a board, and the board."""

from collections.abc import Sequence

import streamlit as st

from pages.leaderboard.address import key
from pages.shared.message import message
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
    ours = [row.system for row in board.rows if row.run is not None]
    asked = board.question
    reported = [row for row in board.rows if row.run is None]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if board.sets:
            sets = {one.name: one for one in board.sets}
            st.selectbox(
                "Prompt set",
                list(sets),
                index=None,
                key=key("prompt_set"),
                placeholder=_sized(sets.get(asked.prompt_set or ""), asked.prompt_set or ""),
                format_func=lambda name: _sized(sets.get(name), name),
                help="Systems are compared on one set of prompts at a time.",
                width=360,
            )
        st.selectbox(
            "Judge",
            list(says),
            index=None,
            key=key("judge"),
            placeholder=asked.judge or "no LLM judge has said anything yet",
            format_func=lambda name: _counted(says.get(name), name),
            width=360,
        )
        if compares:
            st.selectbox(
                "Wins against",
                ours,
                index=None,
                key=key("reference"),
                placeholder=asked.reference or "choose the reference",
                width=300,
            )
            st.selectbox(
                "Wins by",
                list(compares),
                index=None,
                key=key("duels"),
                placeholder=asked.duels_by or "choose a judge",
                width=280,
            )
        if reported or not state[key("reported")]:
            st.checkbox("Others' results", key=key("reported"))
    return board


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


def _sized(one: BoardSet | None, name: str) -> str:
    if one is None:
        return name
    return f"{name} ({one.prompts:,} prompts, {one.systems} system{'s' * (one.systems != 1)})"


def _counted(judge: BoardJudge | None, name: str) -> str:
    if judge is None:
        return name
    unusable = f", {judge.unusable:,} unusable" if judge.unusable else ""
    return f"{name} ({judge.outputs:,} outputs{unusable})"

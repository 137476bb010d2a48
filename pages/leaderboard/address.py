"""The Leaderboard page's address ↔ what it shows, so that every view of it can be linked to.

``prompt_set`` says whose systems: those that were asked these prompts. ``judge``, ``duels`` and
``reference`` say whose verdicts and against whom; ``reported=no`` leaves others' results out;
``column`` (repeatable), ``find`` and ``sort`` (a column's key) say what the table shows;
``first``, ``second``, ``by`` and ``outcome`` are the two systems side by side.

From a figure of the board to its samples on the Inspect page.
"""

from typing import Any

import streamlit as st

from pages.inspect_outputs.address import params_of
from pages.results.links import open_samples, samples_link
from sit_core.results.leaderboard.build import Leaderboard
from sit_core.results.leaderboard.drilldown import cell_filter

_LINK = "board link"
USUAL = "board usual"
"""What is shown of two systems where nobody chose: not part of the address."""
ONE = (
    "prompt_set",
    "judge",
    "duels",
    "reference",
    "find",
    "sort",
    "first",
    "second",
    "by",
    "outcome",
)


def key(name: str) -> str:
    """The key of a widget's state."""
    return f"board {name}"


def take_address() -> None:
    """Take over an address that did not come from this page's own widgets (a link, going back)."""
    state = st.session_state
    address = {name: st.query_params.get_all(name) for name in st.query_params}
    if key("judge") in state and address == state.get(_LINK):
        return
    for name in ONE:
        state[key(name)] = (address.get(name) or [None])[-1]
    state[key("find")] = state[key("find")] or ""
    state[key("columns")] = list(dict.fromkeys(address.get("column", [])))
    state[key("reported")] = (address.get("reported") or [""])[-1] != "no"


def write_address() -> None:
    """Make the address say what the page shows."""
    state = st.session_state
    usual = state.get(USUAL, {})
    found = {
        name: [state[key(name)]]
        for name in ONE
        if state.get(key(name)) and state[key(name)] != usual.get(name)
    }
    if state.get(key("columns")):
        found["column"] = list(state[key("columns")])
    if not state.get(key("reported"), True):
        found["reported"] = ["no"]
    address = {name: st.query_params.get_all(name) for name in st.query_params}
    if found != address:
        st.query_params.from_dict(found)
    state[_LINK] = found


def cell_params(
    board: Leaderboard, system: str, column: str | None = None, **more: Any
) -> dict[str, Any] | None:
    """The address of a cell's samples; None where there are none (others' results, benchmarks)."""
    of = cell_filter(board, system, column, **more)
    return None if of is None else dict(params_of(of, None))


def open_cell(board: Leaderboard, system: str, column: str | None = None, **more: Any) -> None:
    """Go to a cell's samples, where it has any."""
    params = cell_params(board, system, column, **more)
    if params is not None:
        open_samples(**params)


def cell_link(
    text: str, board: Leaderboard, system: str, column: str | None = None, **more: Any
) -> str | None:
    """The same as a link for a ``LinkColumn``."""
    params = cell_params(board, system, column, **more)
    return None if params is None else samples_link(text, **params)

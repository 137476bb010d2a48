"""The Leaderboard page's address ↔ what it shows, so that every view of it can be linked to.

``prompt_set`` says whose systems: those that were asked these prompts. ``judge``, ``duels`` and
``reference`` say whose verdicts and against whom; ``reported=no`` leaves others' results out;
``column`` (repeatable) and ``find`` say what the table shows; ``first``, ``second``, ``by`` and
``outcome`` are the two systems side by side. ``sort`` is a column's key, with ``-`` before it from
low to high: the browser sorts without asking, and writes that into the address by itself.

From a figure of the board to its samples on the Inspect page.
"""

from typing import Any

import streamlit as st

from pages.inspect_outputs.address import params_of
from pages.results.links import open_samples, samples_address, samples_link
from sit_core.results.leaderboard.build import Leaderboard
from sit_core.results.leaderboard.drilldown import cell_filter

_LINK = "board link"
USUAL = "board usual"
"""What is shown of two systems where nobody chose: not part of the address."""
SORT = "sort"
ONE = (
    "prompt_set",
    "judge",
    "duels",
    "reference",
    "find",
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
    address, before = _address(), state.get(_LINK)
    here = key("judge") in state
    # Who goes back in the browser comes with the address of the page that was left.
    others = not st.query_params or set(st.query_params) - {*ONE, "column", "reported", SORT}
    if not here and before is not None and others:
        address = before  # back from another page of the app: as it was left
    else:
        state[key(SORT)] = st.query_params.get(SORT)
    if here and address == before:
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
    sort = state.get(key(SORT))
    if found != _address() or sort != st.query_params.get(SORT):
        st.query_params.from_dict({**found, **({SORT: sort} if sort else {})})
    state[_LINK] = found


def _address() -> dict[str, list[str]]:
    """What the address says but for the order, which the browser may have changed meanwhile."""
    return {name: st.query_params.get_all(name) for name in st.query_params if name != SORT}


def cell_params(
    board: Leaderboard, system: str, column: str | None = None, **more: Any
) -> dict[str, Any] | None:
    """The address of a cell's samples; None where there are none (others' results, benchmarks)."""
    of = cell_filter(board, system, column, **more)
    return None if of is None else dict(params_of(of, None))


def cell_address(
    board: Leaderboard, system: str, column: str | None = None, **more: Any
) -> str | None:
    """The same as a link of a component."""
    params = cell_params(board, system, column, **more)
    return None if params is None else samples_address(**params)


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

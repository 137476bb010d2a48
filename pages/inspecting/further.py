"""What an address may ask of verdicts besides the widgets: shown as buttons that leave it out."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from sit_core.store.browse import Filter

FIELDS = ("kind", "unusable", "rated_from", "rated_to", "iteration", "duels_by", "example")
_KINDS = {"human": "people", "llm": "LLM judges", "rule": "rules"}


def take(of: Filter) -> None:
    """Take over what an address asks for."""
    for name in FIELDS:
        st.session_state[_key(name)] = getattr(of, name)


def choose(changed: Callable[[], None]) -> dict[str, Any]:
    """Draw a button for each that is set; the filter's fields."""
    for name in FIELDS:
        if st.session_state[_key(name)] not in (None, False):
            st.button(
                _said(name, st.session_state[_key(name)]),
                key=f"inspect leave out {name}",
                icon=":material/close:",
                help="Press to leave that out.",
                on_click=_leave_out,
                args=(name, changed),
            )
    return {name: st.session_state[_key(name)] for name in FIELDS}


def _leave_out(name: str, changed: Callable[[], None]) -> None:
    st.session_state[_key(name)] = False if name == "unusable" else None
    changed()


def _said(name: str, value: Any) -> str:
    """A button's label; nothing in it comes from files or models."""
    return {
        "kind": f"Verdicts of {_KINDS.get(str(value), 'some judges')}",
        "unusable": "Without a usable verdict",
        "rated_from": f"Rated {value} or more",
        "rated_to": f"Rated {value} or less",
        "iteration": f"Iteration {value}",
        "duels_by": "Compared by an LLM judge",
        "example": "One prompt",
    }[name]


def _key(name: str) -> str:
    return f"inspect further {name}"

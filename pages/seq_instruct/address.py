"""The page's address ↔ what it shows: ``/seq_instruct?set=NAME&iteration=2&outcome=gated&…``.

``outcome`` (``A`` … ``D``, ``held before``, ``gated``, ``failed``), ``reason``, ``verb`` with or
without ``noun`` (an empty one: verbs without a noun; ``by``: who found it) and ``text`` choose
instructions of an iteration (``iteration=0``: the seeds), ``start`` the first of them that is
listed, ``instruction=17`` opens one. The address is the only place where the choice is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import streamlit as st

VISIT = "seq-instruct visit"


@dataclass(frozen=True)
class View:
    """What is shown of a set."""

    set: str | None = None
    iteration: int | None = None
    """None: the last one."""
    outcome: str | None = None
    reason: str | None = None
    verb: str | None = None
    noun: str | None = None
    """Beside a verb: None for whatever noun, empty for none."""
    text: str | None = None
    start: int | None = None
    instruction: int | None = None
    """The place of the one that is open."""


NUMBERS = ("iteration", "start", "instruction")
FILTERS = ("outcome", "reason", "verb", "noun", "text")


def view_from(params: Mapping[str, str]) -> View:
    """What an address asks for; numbers that are none are left out."""
    found: dict[str, Any] = {}
    for field in fields(View):
        value = params.get(field.name)
        if value is None or (value == "" and field.name != "noun"):
            continue
        if field.name in NUMBERS:
            if value.isascii() and value.isdigit() and len(value) < 10:
                found[field.name] = int(value)
        else:
            found[field.name] = value
    return View(**found)


def params_of(view: View) -> dict[str, str]:
    """The address of a view; what is not set is not in it."""
    return {
        field.name: str(value)
        for field in fields(View)
        if (value := getattr(view, field.name)) is not None
    }


def the_view() -> View:
    """What the page's address asks for now."""
    return view_from({name: st.query_params[name] for name in st.query_params})


def go(view: View, **changes: Any) -> None:
    """Change the address; what was clicked in figures and tables is forgotten."""
    st.query_params.from_dict(params_of(replace(view, **changes)))
    st.session_state[VISIT] = visit() + 1


def choose(view: View, **changes: Any) -> None:
    """Ask for other instructions: from the first of them, with none open."""
    none = dict.fromkeys(FILTERS)
    go(view, **{**none, "start": None, "instruction": None, **changes})


def visit() -> int:
    """Part of the keys of what can be clicked; see `go`."""
    count: int = st.session_state.get(VISIT, 0)
    return count

"""The Results page's address ↔ what it shows, so that every view of it can be linked to.

``study`` is the study; ``by`` (``llm``, ``rule``) whose verdicts, else people's; ``judge`` one of
them by name, or ``each=1`` each judgment by itself; ``partly=no``: partly is not done; ``a``, ``b``
the two runs that are compared, ``at`` the step at which they differ; ``table`` and ``format`` what
is exported, ``excel=1``: with the mark that Excel wants. What is as usual is not in it.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.shared.message import message
from sit_core.records import JudgeKind
from sit_core.registry import unknown

BY, PARTLY, FIRST, SECOND, AT = (
    "verdicts of",
    "partly counts",
    "compare A",
    "compare B",
    "differ at",
)
TABLE, FORMAT, EXCEL = "export table", "export format", "export bom"
"""The keys of the widgets."""
MAJORITY, EACH = ("majority", None), ("each", None)
_LINK = "results link"
_PLAIN = {"a": FIRST, "b": SECOND, "at": AT, "table": TABLE, "format": FORMAT}
"""Name in the address → the widget that has the same value."""
_USUAL = "results usual"


def judges_key(by: JudgeKind) -> str:
    """The key of the widget that chooses among the judges of a kind."""
    return f"annotators {by}"


def take_address() -> None:
    """Take over an address that did not come from this page's own widgets (a link, going back)."""
    state = st.session_state
    address = {name: st.query_params[name] for name in st.query_params}
    before = state.get(_LINK)
    if address == before and BY in state:
        return
    if not address and before:  # back from another page of the app: as it was left
        address = before
    said = address.get("by", JudgeKind.HUMAN.value)
    if said not in list(JudgeKind):
        message("error", unknown("kind of judge", said, list(JudgeKind)))
        said = JudgeKind.HUMAN.value
    by = state[BY] = JudgeKind(said)
    way: tuple[str, str | None] = EACH if address.get("each") == "1" else MAJORITY
    state[judges_key(by)] = ("one", address["judge"]) if address.get("judge") else way
    state[PARTLY] = address.get("partly") != "no"
    state[EXCEL] = address.get("excel") == "1"
    for name, widget in _PLAIN.items():
        if name in address:
            state[widget] = address[name]
        else:
            state.pop(widget, None)


def offered(widget: str, what: str, options: Sequence[Any], *, show: Any = str) -> None:
    """Let go of a widget's value that is not among its options any more, and say so."""
    value = st.session_state.get(widget)
    if value is not None and value not in options:
        message("error", unknown(what, show(value), [show(option) for option in options]))
        del st.session_state[widget]


def usual(**values: str) -> None:
    """What is shown where nobody chose: not part of the address."""
    st.session_state[_USUAL] = {**st.session_state.get(_USUAL, {}), **values}


def write_address(study: str) -> None:
    """Make the address say what the page shows."""
    state = st.session_state
    found = {"study": study}
    by = state.get(BY, JudgeKind.HUMAN)
    if by != JudgeKind.HUMAN:
        found["by"] = JudgeKind(by).value
    way, name = state.get(judges_key(by)) or MAJORITY
    if way == "each":
        found["each"] = "1"
    if name is not None:
        found["judge"] = name
    if not state.get(PARTLY, True):
        found["partly"] = "no"
    as_usual = state.pop(_USUAL, {})
    for short, widget in _PLAIN.items():
        value = state.get(widget)
        if value is not None and value != as_usual.get(short):
            found[short] = value
    if state.get(EXCEL) and state.get(FORMAT) == "csv":
        found["excel"] = "1"
    if found != {one: st.query_params[one] for one in st.query_params}:
        st.query_params.from_dict(found)
    state[_LINK] = found

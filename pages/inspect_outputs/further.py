"""What an address may ask of verdicts besides the widgets: shown as buttons that leave it out."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.shared.message import message
from sit_core.store import Store
from sit_core.store.browse import Filter
from sit_core.store.sample_lists import list_title

FIELDS = (
    *("kind", "unusable", "rated_from", "rated_to", "iteration", "duels_by", "example"),
    "says",
    "shared_by",
    "listed",
)
_WITH = {"says": ("llm", "against", "other_says"), "duels_by": ("duel", "duel_with")}
"""What has no button of its own and goes with another's."""
_SAYS = {
    "done": "LLM judge: done",
    "not-done": "LLM judge: not done",
    "unsure": "LLM judge: unsure",
    "differs": "LLM judge differs",
}
_DUELS = {
    "decided": "LLM judge: compared",
    "won": "LLM judge: won",
    "lost": "LLM judge: lost",
    "tied": "LLM judge: tied",
    "order": "LLM judge: tied by the order",
    "without": "LLM judge: no outcome",
    "undecided": "LLM judge: no outcome",
}
_NONE: dict[str, Any] = {"unusable": False, "shared_by": ()}
"""What a field is that asks for nothing, where that is not None."""
_KINDS = {"human": "people", "llm": "LLM judges", "rule": "rules"}


def take(of: Filter) -> None:
    """Take over what an address asks for."""
    for name in (*FIELDS, *sum(_WITH.values(), ())):
        st.session_state[_key(name)] = getattr(of, name)


def choose(changed: Callable[[], None]) -> dict[str, Any]:
    """Draw a button for each that is set; the filter's fields."""
    for name in FIELDS:
        if not asks_nothing(st.session_state[_key(name)]):
            st.button(
                _said(name, st.session_state[_key(name)]),
                key=f"inspect leave out {name}",
                icon=":material/close:",
                help="Press to leave that out.",
                on_click=_leave_out,
                args=(name, changed),
            )
    more = [name for field in FIELDS for name in (field, *_WITH.get(field, ()))]
    return {name: st.session_state[_key(name)] for name in more}


def say_list(store: Store) -> None:
    """Say of which figure the samples are, and how many of them were deleted since."""
    name = st.session_state[_key("listed")]
    if name is None:
        return
    found = list_title(store, name)
    if found is None:
        message("error", "There is no such list of samples; open it from its figure again.")
        return
    title, named, there = found
    gone = (
        f"; {named - there:,} of its {named:,} samples were deleted since" if there < named else ""
    )
    st.text(f"{title}{gone}")


def asks_nothing(value: Any) -> bool:
    """Whether a field is not set; 0 is a number that may be asked for, though 0 == False."""
    return value is None or value is False or value == ()


def _leave_out(name: str, changed: Callable[[], None]) -> None:
    for each in (name, *_WITH.get(name, ())):
        st.session_state[_key(each)] = _NONE.get(each)
    changed()


def _said(name: str, value: Any) -> str:
    """A button's label; nothing in it comes from files or models."""
    return {
        "kind": f"Verdicts of {_KINDS.get(str(value), 'some judges')}",
        "unusable": "Without a usable verdict",
        "rated_from": f"Rated {value} or more",
        "rated_to": f"Rated {value} or less",
        "iteration": f"Iteration {value}",
        "duels_by": _DUELS.get(str(st.session_state.get(_key("duel"))), "Compared by an LLM judge"),
        "example": "One prompt",
        "shared_by": f"Prompts that {len(value) if value else 0} runs share"
        if isinstance(value, tuple)
        else "",
        "says": _SAYS.get(str(value), "What an LLM judge says"),
        "listed": "The samples of one figure",
    }[name]


def _key(name: str) -> str:
    return f"inspect further {name}"

"""Of the Inspect page: the widgets that ask for an automatic score."""

from collections.abc import Callable

import streamlit as st

from pages.shared.message import message
from sit_core.registry import unknown
from sit_core.results.scores import column
from sit_core.store import Store
from sit_core.store.browse import ScoreFilter
from sit_core.store.score_filter import COUNTED, NONE, STATES, UNSCORED, VALUE
from sit_core.store.scores import score_kinds, scores_version

_P = "inspect score "
_SAID = {
    VALUE: "has a value",
    COUNTED: "is in the mean",
    NONE: "has no value",
    UNSCORED: "not scored yet",
}
Kind = tuple[str, str | None, str]
"""Metric, settings (None: any), step."""


@st.cache_data(show_spinner=False, max_entries=20)
def _kinds(_store: Store, url: str, now: tuple[int, float]) -> list[tuple[str, str, str]]:
    return score_kinds(_store)


def take(of: ScoreFilter | None) -> None:
    """Take over what an address asks for."""
    state = st.session_state
    state[f"{_P}kind"] = None if of is None else (of.metric, of.how, of.step)
    state[f"{_P}state"] = VALUE if of is None else of.state
    state[f"{_P}from"] = None if of is None else of.least
    state[f"{_P}to"] = None if of is None else of.most
    state[f"{_P}reason"] = None if of is None else of.reason


def known(store: Store) -> dict[Kind, str]:
    """The scores that there are, by name; what is asked for and isn't there is said and dropped."""
    state = st.session_state
    names = _names(_kinds(store, store.url, scores_version(store)))
    _known(state[f"{_P}kind"], names)
    if names and is_asked() and state[f"{_P}state"] not in STATES:
        message("error", unknown("state of a score", state[f"{_P}state"], list(STATES)))
        state[f"{_P}state"] = VALUE
    return names


def is_asked() -> bool:
    """Whether a score is asked for."""
    return st.session_state[f"{_P}kind"] is not None


def choose(names: dict[Kind, str], changed: Callable[[], None]) -> ScoreFilter | None:
    """Draw the widgets, where there are scores; what they ask for."""
    state = st.session_state
    chosen = state[f"{_P}kind"]
    if not names:
        return None

    def other() -> None:
        state[f"{_P}reason"] = None
        changed()

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        return _widgets(names, chosen, changed, other)


def _widgets(
    names: dict[Kind, str],
    chosen: Kind | None,
    changed: Callable[[], None],
    other: Callable[[], None],
) -> ScoreFilter | None:
    state = st.session_state
    st.selectbox(
        "Score",
        list(names),
        key=f"{_P}kind",
        index=None,
        on_change=other,
        placeholder="Any",
        width=190,
        format_func=lambda kind: names.get(kind, kind[0]),
    )
    if chosen is None:
        return None
    st.selectbox(
        "that",
        STATES,
        key=f"{_P}state",
        on_change=other,
        width=140,
        format_func=_SAID.get,
    )
    if state[f"{_P}state"] != VALUE:
        reason = state[f"{_P}reason"] if state[f"{_P}state"] == NONE else None
        return ScoreFilter(*chosen, state=state[f"{_P}state"], reason=reason)
    for end, label in (("from", "Value from"), ("to", "to")):
        st.number_input(
            label,
            0.0,
            1.0,
            None,
            0.05,
            key=f"{_P}{end}",
            on_change=changed,
            width=90,
            placeholder="any",
        )
    return ScoreFilter(*chosen, least=state[f"{_P}from"], most=state[f"{_P}to"])


def reason(asked: ScoreFilter | None, changed: Callable[[], None]) -> None:
    """The one reason that is asked for: a button that leaves it out, and the reason as plain text.

    It may quote a step's name.
    """
    if asked is None or not asked.reason:
        return

    def leave_out() -> None:
        st.session_state[f"{_P}reason"] = None
        changed()

    st.button(
        "For one reason",
        key="inspect any reason",
        icon=":material/close:",
        help="Only outputs that have no value for the reason beside. Press for all.",
        on_click=leave_out,
    )
    st.text(f"No value because: {asked.reason}")


def in_words(asked: ScoreFilter) -> str:
    """What is asked for, as text."""
    name = column(asked.metric, asked.how or "", asked.step, several=asked.how is not None)
    bounds = [
        f"{word} {value:g}"
        for word, value in (("from", asked.least), ("to", asked.most))
        if value is not None
    ]
    return " ".join([f"{name} {_SAID[asked.state]}", *bounds])


def _names(kinds: list[tuple[str, str, str]]) -> dict[Kind, str]:
    several = {m for m, how, _ in kinds if any(o[0] == m and o[1] != how for o in kinds)}
    return {kind: column(*kind, several=kind[0] in several) for kind in kinds}


def _known(asked: Kind | None, names: dict[Kind, str]) -> None:
    """What is asked for, with its settings; something that is not there is said and dropped."""
    if asked is None or asked in names:
        return
    metric, how, step = asked
    same = [kind for kind in names if (kind[0], kind[2]) == (metric, step) and how is None]
    if not same:
        wanted = column(metric, how or "", step, several=how is not None)
        message("error", unknown("score", wanted, list(names.values())))
    st.session_state[f"{_P}kind"] = same[0] if same else None

"""Of the Inspect page: the widgets that ask for an automatic score, and one output's scores."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from pages.shared.message import message
from sit_core.records import Unparsed
from sit_core.registry import unknown
from sit_core.results.scores import column
from sit_core.store import Store
from sit_core.store.browse import ScoreFilter
from sit_core.store.score_filter import COUNTED, NONE, STATES, UNSCORED, VALUE
from sit_core.store.scores import score_kinds, scores_of, scores_version

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


def choose(store: Store, changed: Callable[[], None]) -> ScoreFilter | None:
    """Draw the widgets, where there are scores; what they ask for."""
    state = st.session_state
    kinds = _kinds(store, store.url, scores_version(store))
    names = _names(kinds)
    chosen = _known(state[f"{_P}kind"], names)
    if not names:
        return None

    def other() -> None:
        state[f"{_P}reason"] = None
        changed()

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
    if state[f"{_P}state"] not in STATES:
        message("error", unknown("state of a score", state[f"{_P}state"], list(STATES)))
        state[f"{_P}state"] = VALUE
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
        if reason:
            st.button(
                "For one reason",
                key="inspect any reason",
                icon=":material/close:",
                help="Only outputs that have no value for the reason below. Press for all.",
                on_click=other,
            )
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


def say_reason() -> None:
    """The reason that is asked for, as plain text: it may quote a step's name."""
    state = st.session_state
    if state[f"{_P}kind"] and state[f"{_P}state"] == NONE and state[f"{_P}reason"]:
        st.text(f"No value because: {state[f'{_P}reason']}")


def table_of(store: Store, sample_id: str) -> None:
    """All scores of one output; nothing where there are none."""
    found = scores_of(store, sample_id)
    if not found:
        return
    st.caption("Automatic scores (following: an estimate by rules)")
    st.dataframe(
        pd.DataFrame(
            {
                "Metric": metric,
                "Settings": how,
                "Step": step or "all",
                "Value": None if isinstance(value, Unparsed) else value,
                "Why there is none": value.reason if isinstance(value, Unparsed) else "",
            }
            for metric, how, step, value in found
        ),
        hide_index=True,
        width="content",
        row_height=30,
        column_config={"Value": st.column_config.NumberColumn(format="%.3f")},
        key=f"scores of {sample_id}",
        alt="Automatic scores",
    )


def _names(kinds: list[tuple[str, str, str]]) -> dict[Kind, str]:
    several = {m for m, how, _ in kinds if any(o[0] == m and o[1] != how for o in kinds)}
    return {kind: column(*kind, several=kind[0] in several) for kind in kinds}


def _known(asked: Kind | None, names: dict[Kind, str]) -> Kind | None:
    """What is asked for, with its settings; something that is not there is said and dropped."""
    if asked is None or asked in names:
        return asked
    metric, how, step = asked
    same = [kind for kind in names if (kind[0], kind[2]) == (metric, step) and how is None]
    if not same:
        wanted = column(metric, how or "", step, several=how is not None)
        message("error", unknown("score", wanted, list(names.values())))
    st.session_state[f"{_P}kind"] = same[0] if same else None
    return st.session_state[f"{_P}kind"]

"""Who judges: a name, kept for this browser. Proper accounts can take its place here."""

from urllib.parse import unquote

import streamlit as st

from pages.shared.message import errors_shown
from pages.shared.store import the_store
from sit_core.annotating.desk import leave
from sit_core.store.judges import annotator_names, clean_name
from sit_core.store.studies import Study

NAME = "annotator"
COOKIE = "sit_annotator"


def signed_in_annotator(study: Study) -> str | None:
    """The annotator's name, or None while the form that asks for it is on the page."""
    known = st.session_state.get(NAME) or _from_cookie()
    if known:
        st.session_state[NAME] = known
        with st.sidebar:
            st.text(f"You judge as {known}.")
            if st.button("Change name", key="change name", type="tertiary"):
                leave(the_store(), study, known)
                st.session_state[NAME] = ""
                st.rerun()
        return known
    _ask()
    return None


def _from_cookie() -> str | None:
    if st.session_state.get(NAME) == "":  # just signed out
        return None
    raw = st.context.cookies.get(COOKIE)
    name = unquote(raw) if raw else None
    return name if name in annotator_names(the_store()) else None


def _ask() -> None:
    names = annotator_names(the_store())
    with st.form("who judges", width=480):
        st.text("Who judges? Your name is stored with each of your judgments.")
        name = st.selectbox(
            "Your name",
            names,
            index=None,
            placeholder="Type your name, or choose it to go on where you left",
            accept_new_options=True,
        )
        if st.form_submit_button("Start", type="primary"):
            with errors_shown():
                st.session_state[NAME] = clean_name(name or "")
                st.rerun()

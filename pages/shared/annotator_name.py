"""Who judges: a name, kept for this browser. Proper accounts can take its place here."""

from urllib.parse import unquote

import streamlit as st

from pages.shared.message import errors_shown
from pages.shared.store import the_store
from sit_core.annotation.session import leave
from sit_core.errors import UsageError
from sit_core.store.judgments import MAX_NAME, annotator_name, annotator_names
from sit_core.store.studies import Study

NAME = "annotator"
COOKIE = "sit_annotator"


def known_annotator() -> str | None:
    """The name that this browser gave before, if it did; draws nothing."""
    return st.session_state.get(NAME) or _from_cookie()


def signed_in_annotator(study: Study) -> str | None:
    """The annotator's name, or None while the form that asks for it is on the page."""
    known = known_annotator()
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
        # A field of its own: a menu that takes new names forgets what was typed when it is left.
        typed = st.text_input("Your name", placeholder="Type your name", max_chars=MAX_NAME)
        chosen = None
        if names:
            chosen = st.selectbox(
                "Or go on as",
                names,
                index=None,
                placeholder="Choose your name to go on where you left",
            )
        if st.form_submit_button("Start", type="primary"):
            with errors_shown():
                if typed.strip() and chosen and annotator_name(typed, names) != chosen:
                    raise UsageError(f"You typed one name and chose {chosen!r}; empty one of both.")
                said = typed if typed.strip() else chosen or ""
                st.session_state[NAME] = annotator_name(said, names)
                st.rerun()

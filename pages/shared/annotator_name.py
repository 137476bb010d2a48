"""Who judges: a name, kept for this browser. Proper accounts can take its place here."""

from urllib.parse import unquote

import streamlit as st

from pages.shared.store import the_store
from sit_core.store.judgments import annotator_names

NAME = "annotator"
COOKIE = "sit_annotator"


def known_annotator() -> str | None:
    """The name that this browser gave before, if it did; draws nothing."""
    return st.session_state.get(NAME) or _from_cookie()


def _from_cookie() -> str | None:
    raw = st.context.cookies.get(COOKIE)
    name = unquote(raw) if raw else None
    return name if name in annotator_names(the_store()) else None

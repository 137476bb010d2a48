"""Annotate: one output at a time, one key per verdict and step."""

from functools import partial

import streamlit as st

from pages.annotate.component import desk, desk_key, reviver
from pages.shared import paths
from pages.shared.annotator_name import signed_in_annotator
from pages.shared.embedded_note import embedded_note_of
from pages.shared.guidelines import draw_guidelines
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from pages.shared.study_picker import pick_study
from sit_core.annotation.session import exchange
from sit_core.errors import OutOfReach
from sit_core.store.studies import Study, get_study

SAID = "said at the desk"
LAST = "desk drawn last"
AWAY = (
    "The database does not answer just now. What you judge is kept in this browser, and this page "
    "goes on by itself."
)


def heard(key: str) -> None:
    """Keep what the desk said until the script body answers it."""
    st.session_state[SAID] = st.session_state[key].say


@st.fragment
def annotate(study: Study, annotator: str, open_sample: str | None) -> None:
    """Answer what the desk said, and draw it."""
    key = desk_key(study, annotator)
    raw = st.session_state.pop(SAID, None)
    waiting = ""
    try:
        reply = exchange(the_store(), study, annotator, raw)
    except OutOfReach:
        # The desk keeps what it has and asks again: an older reply, which it knows already, leaves
        # it as it is.
        reply = st.session_state.get(f"{key} reply")
        if reply is None:
            raise
        waiting = AWAY
    st.session_state[f"{key} reply"] = reply
    desk(
        study,
        annotator,
        reply,
        on_say=partial(heard, key),
        open_sample=open_sample,
        waiting=waiting,
    )


def choose() -> tuple[Study, str] | None:
    """The study and who judges; None while there is none, or nobody has said who they are."""
    with st.sidebar:
        study_name = pick_study()
    if study_name is None:
        message("info", "There is no study yet. Import model outputs, then make a study of them.")
        st.page_link(paths.IMPORT_OUTPUTS, label="Import outputs")
        return None
    study = get_study(the_store(), study_name)
    annotator = signed_in_annotator(study)
    if not annotator:
        return None
    with st.sidebar:
        draw_guidelines(study.guidelines)
        if not study.blind:
            embedded_note_of(study.runs)
    return study, annotator


def chosen() -> tuple[Study, str] | None:
    """The same; the desk that was drawn last, while the database is out of reach."""
    try:
        st.session_state[LAST] = choose()
    except OutOfReach:
        last: tuple[Study, str] | None = st.session_state.get(LAST)
        if last is None or st.query_params.get("study", last[0].name) != last[0].name:
            raise
    return st.session_state[LAST]


head = st.empty()  # the desk needs its height
with errors_shown():
    at = chosen()
    if at is None:
        with head.container():
            page_header("annotate")
    else:
        reviver()
        annotate(*at, st.query_params.get("sample"))

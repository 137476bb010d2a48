"""Annotate: choose a study and say who judges; then one output at a time, one key per verdict."""

from contextlib import suppress
from functools import partial

import streamlit as st

from pages.annotate.component import desk, desk_key, guidelines_close, reviver
from pages.annotate.start import CHOSEN, start
from pages.shared import paths
from pages.shared.annotator_name import NAME, known_annotator
from pages.shared.embedded_note import embedded_note_of
from pages.shared.guidelines import draw_guidelines
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from pages.shared.study_picker import LAST
from pages.shared.theme import colour
from sit_core.annotation.session import exchange, leave
from sit_core.errors import OutOfReach, SitError
from sit_core.store import Store
from sit_core.store.judgments import annotator_name, annotator_names
from sit_core.store.studies import Study, get_study, list_studies, study_of_sample
from sit_core.store.study_progress import practice_counts

SAID = "said at the desk"
GO = "where to go from the desk"
DRAWN = "desk drawn last"
AWAY = (
    "The database does not answer just now. What you judge is kept in this browser, and this page "
    "goes on by itself."
)
PANEL = "guidelines_panel"
# The desk opens it by an attribute of the page, at once and without the server. Beside the desk on
# a wide screen, below it on a narrow one.
STYLE = f"""<style>
.st-key-{PANEL} {{ display: none; }}
html[data-guidelines=open] .st-key-{PANEL} {{
  display: flex; position: fixed; top: 0; right: 0; bottom: 0; width: 27rem; max-width: 100vw;
  z-index: 999991; overflow-y: auto; padding: 1rem 1.25rem 2rem; flex-wrap: nowrap;
  background: {colour("backgroundColor")}; border-left: 1px solid {colour("borderColor")};
  box-shadow: 0 0 24px rgb(0 0 0 / 14%);
}}
.st-key-{PANEL}:focus-visible {{
  outline: 2px solid {colour("linkColor")}; outline-offset: -2px;
}}
@media (max-width: 52rem) {{
  html[data-guidelines=open] .st-key-{PANEL} {{ top: 45vh; width: 100vw; border-left: 0; }}
}}
</style>"""


def heard(key: str) -> None:
    """Keep what the desk said until the script body answers it."""
    st.session_state[SAID] = st.session_state[key].say


def leaving(key: str) -> None:
    """Keep where the annotator wants to go."""
    st.session_state[GO] = st.session_state[key].go


@st.fragment
def annotate(study: Study, annotator: str, open_sample: str | None, practice: int) -> None:
    """Answer what the desk said, and draw it."""
    key = desk_key(study, annotator)
    if (where := st.session_state.pop(GO, None)) is not None:
        go_on(study, annotator, where)
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
        on_go=partial(leaving, key),
        open_sample=open_sample,
        waiting=waiting,
        practice=practice,
    )
    if not waiting and reply.get("guidelines", study.guidelines_version) not in (
        None,
        study.guidelines_version,
    ):
        st.rerun()  # their maker has changed them: from here on the page shows the new ones


def go_on(study: Study, annotator: str, where: object) -> None:
    """Leave the desk: to another study, or to the choice of studies and names."""
    with suppress(OutOfReach):  # what is in hand comes free by itself, a little later
        leave(the_store(), study, annotator)
    st.query_params.clear()
    if isinstance(where, str) and where:
        st.query_params["study"] = where
    else:
        st.session_state[CHOSEN] = study.name
    st.rerun()


def at_desk(study: Study, annotator: str, practice: int) -> None:
    """The desk, and the guidelines beside it, closed; drawn while the database is away, too."""
    st.html(STYLE)
    with st.container(key=PANEL):
        guidelines_close()
        draw_guidelines(study.guidelines)
        if not study.blind:
            with suppress(OutOfReach):
                embedded_note_of(study.runs)
    reviver()
    annotate(study, annotator, st.query_params.get("sample"), practice)


def study_asked(store: Store) -> Study | None:
    """The study of the address, also by a name that it had before, also an archived one.

    Of an address with a sample alone it is the newest study that has the sample.

    Raises:
        SitError: the address names a study that does not exist.
    """
    asked = st.query_params.get("study")
    sample = st.query_params.get("sample")
    if asked is None and sample is not None:
        asked = study_of_sample(store, sample)
        if asked is not None:
            st.query_params["study"] = asked
    if asked is None:
        return None
    try:
        return get_study(store, asked)
    except OutOfReach:
        raise
    except SitError:
        st.query_params.pop("study", None)
        raise


def name_asked(store: Store) -> str | None:
    """Who judges: the name of the address, which is taken out of it, else the one known here."""
    typed = st.query_params.get("annotator")
    if typed is not None:
        del st.query_params["annotator"]
        st.session_state[NAME] = annotator_name(typed, annotator_names(store))
    return known_annotator()


def choose() -> tuple[Study, str, int] | None:
    """The study, who judges, and how many practice samples there are.

    None while that is still to be said, on the page that is drawn.
    """
    store = the_store()
    studies = list_studies(store)
    if not studies and "study" not in st.query_params:
        page_header("annotate")
        message("info", "There is no study yet. Import model outputs, then make a study of them.")
        st.page_link(paths.IMPORT_OUTPUTS, label="Import outputs")
        return None
    try:
        asked, name = study_asked(store), name_asked(store)
    except SitError as error:
        if isinstance(error, OutOfReach):
            raise
        message("error", str(error))
        asked, name = None, None
    if asked is not None and name:
        st.session_state[NAME] = name
        st.session_state[LAST] = asked.name
        return asked, name, practice_counts(store).get(asked.name, 0)
    if asked is not None and asked.archived:
        studies.append(asked)
    if studies:
        start(store, studies, asked.name if asked else st.session_state.get(LAST))
    return None


def chosen() -> tuple[Study, str, int] | None:
    """The same; the desk that was drawn last, while the database is out of reach."""
    try:
        st.session_state[DRAWN] = choose()
    except OutOfReach:
        last: tuple[Study, str, int] | None = st.session_state.get(DRAWN)
        if last is None or st.query_params.get("study", last[0].name) != last[0].name:
            raise
    return st.session_state[DRAWN]


with errors_shown():
    at = chosen()
    if at is not None:
        at_desk(*at)

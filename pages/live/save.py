"""Below the outputs: how they are to be read, and keeping them as samples of a study."""

import streamlit as st

from pages.live.state import ASKED, STREAMS, P
from pages.shared import paths
from pages.shared.embedded_note import embedded_note
from pages.shared.message import errors_shown, message
from sit_core.live import LiveRequest, Streams
from sit_core.live.model_choices import NamedModel
from sit_core.live.save import keep, whole
from sit_core.store import Store
from sit_core.store.live_samples import SaveReport, studies_for
from sit_core.store.study_plan import StudyPlan

_NEW = "A new study"
_REPORT = "live kept"
_USUAL = "live samples"


_READING = (
    "Estimates by rule; people may judge otherwise. A tick stands only where a step can be "
    "compared with something that is known."
)


def keep_as_sample(store: Store, known: list[NamedModel]) -> None:
    """Draw the button and what came of it; nothing while there is nothing to keep."""
    streams: Streams | None = st.session_state.get(STREAMS)
    if streams is None or streams.running:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _button(store, streams, known)
        with st.container(width="stretch", gap=None):
            if streams.example.steps:
                st.caption(_READING)
            embedded_note(shown.spec.model for shown in streams.snapshot())
    found = st.session_state.get(_REPORT)
    if found is not None and found[0] is streams:
        _said(found[1])


def _button(store: Store, streams: Streams, known: list[NamedModel]) -> None:
    done = sum(whole(shown) for shown in streams.snapshot())
    if not done:
        st.text("Only complete outputs can be saved; these were stopped or broke off.")
        return
    if not streams.example.steps:
        st.text("To keep this as a sample of a study, name the steps to look for and run it again.")
        return
    with st.popover(
        f"Keep {done} output{'s' * (done > 1)} as samples of a study", icon=":material/inbox:"
    ):
        _form(store, streams, st.session_state[ASKED], known)


def _form(store: Store, streams: Streams, ask: LiveRequest, known: list[NamedModel]) -> None:
    fitting = studies_for(store, streams.example.steps)
    last = st.session_state.get(_REPORT)
    first = fitting.index(last[1].study) + 1 if last and last[1].study in fitting else 0
    chosen = st.selectbox("Study", [_NEW, *fitting], first, key=f"{P}study")
    new = None
    if chosen == _NEW:
        name = st.text_input("Name", _USUAL, key=f"{P}study name", max_chars=200)
        people = st.number_input("Annotators per sample", 1, 100, 1, key=f"{P}annotators")
        blind = st.toggle("Blind: annotators don't see which model wrote it", key=f"{P}blind")
        new = StudyPlan(name.strip(), [], guidelines=None, blind=blind, annotators=people)
    else:
        st.text("Listed: studies that judge steps of this instruction.")
    if st.button("Keep", key=f"{P}keep", type="primary"):
        with errors_shown():
            study = None if new is not None else chosen
            report = keep(store, streams, ask, known, study=study, new=new)
            st.session_state[_REPORT] = (streams, report)


def _said(report: SaveReport) -> None:
    kept = f"{report.added} kept as samples of the study {report.study!r}"
    known = f"; {report.known} there already" if report.known else ""
    message("done", f"{kept}{known}.")
    with st.container(horizontal=True):
        st.page_link(
            paths.ANNOTATE,
            label="Annotate",
            icon=":material/rate_review:",
            query_params={"study": report.study},
        )
        for place, sample in enumerate(report.predictions, 1):
            st.page_link(
                paths.INSPECT_OUTPUTS,
                label=f"Inspect output {place}",
                icon=":material/search:",
                query_params={"sample": sample},
            )

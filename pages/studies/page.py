"""Studies: what there is to judge and how far it is; make a new one."""

import streamlit as st

from pages.shared import paths
from pages.shared.archived import archived_shown, archived_switch
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from pages.studies.list_of_studies import list_of_studies
from pages.studies.new_study import OPEN, RUNS, new_study
from pages.studies.one_study import one_study
from sit_core.store.browse import run_names
from sit_core.store.studies import get_study, list_studies
from sit_core.store.study_progress import study_progress

page_header("studies")
with errors_shown():
    store = the_store()
    if not run_names(store):
        message("info", "A study is made of runs, and there are none yet. Import outputs first.")
        st.page_link(paths.IMPORT_OUTPUTS, label="Import outputs")
        st.stop()
    if said := st.session_state.pop("studies said", None):
        message("done", said)
    every = list_studies(store, archived=True)
    studies = [study for study in every if not study.archived or archived_shown("study")]
    if asked := list(dict.fromkeys(st.query_params.get_all("run"))):
        st.session_state[RUNS] = asked
        del st.query_params["run"]
    if st.session_state.get(RUNS):
        st.session_state[OPEN] = True
    if st.session_state.get(OPEN) or not every:
        new_study(store)
        st.stop()
    if st.button("New study", type="primary", icon=":material/add:", key="open a new study"):
        st.session_state[OPEN] = True
        st.rerun()
    opened = st.query_params.get("study")
    progress = study_progress(store)
    if studies:
        list_of_studies(studies, progress, opened)
    archived_switch(store, "study", "studies")
    if opened is not None:
        study = get_study(store, opened)
        one_study(store, study, progress[study.name])
    else:
        st.text("Choose a row to open that study.")

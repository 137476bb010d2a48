"""Inspect: look through all outputs, filtered; open one; lay two runs side by side."""

import streamlit as st

from pages.inspecting.filters import SAMPLE, filters, write_address
from pages.inspecting.hits import hits
from pages.inspecting.sample import sample
from pages.shared.embedded import embedded_note_of
from pages.shared.message import errors_shown, message
from pages.shared.store import the_store
from sit_core.store.browse import run_names

with errors_shown():
    store = the_store()
    if not run_names(store):
        message("info", "There are no outputs yet. Import some first.")
        st.page_link("import_outputs.py", label="Import outputs")
        st.stop()
    of = filters(store)
    write_address(of)
    total, place = hits(store, of)
    opened = st.session_state[SAMPLE]
    if not opened:
        embedded_note_of(of.runs or run_names(store))
    if opened:
        sample(store, opened, place, total)
    elif total:
        st.text("Choose a row to open that output.")

"""Inspect: look through all outputs, filtered; open one; lay two runs side by side."""

import streamlit as st

from pages.inspect_outputs.filters import SAMPLE, filters, write_address
from pages.inspect_outputs.hits import hits
from pages.inspect_outputs.sample import sample
from pages.shared import paths
from pages.shared.embedded_note import embedded_note_of
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from sit_core.store.browse import run_names

page_header("inspect")
with errors_shown():
    store = the_store()
    if not run_names(store):
        message("info", "There are no outputs yet. Import some first.")
        st.page_link(paths.IMPORT_OUTPUTS, label="Import outputs")
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

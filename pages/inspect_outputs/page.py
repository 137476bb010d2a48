"""Inspect: look through all outputs, filtered; read one; lay two runs side by side."""

import streamlit as st

from pages.inspect_outputs.component import inspect_component
from pages.inspect_outputs.filters import SAMPLE, TURN, filters, write_address
from pages.inspect_outputs.hits import PER_PAGE, hits, run_places, versions
from pages.inspect_outputs.sample import sample
from pages.shared import paths
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from sit_core.figures.outputs import hits_json
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
    now = versions(store, of)
    found = hits(store, of, now)
    places = run_places(store, store.url, now)
    opened, long_texts = None, ()
    if found.sample is not None:
        with errors_shown():
            opened, long_texts = sample(store, found.sample, places)
    position = found.position
    inspect_component(
        {
            "turn": st.session_state.get(TURN, 0),
            "hits": hits_json(found.rows, found.start, found.total, PER_PAGE, places),
            "open": opened,
            "chosen": st.session_state[SAMPLE] is not None,
            "position": position.position if position else None,
            "before": position.before if position else None,
            "after": position.after if position else None,
        }
    )
    for number, (name, text) in enumerate(long_texts):
        st.download_button(
            f"Download the whole text: {name}, {len(text):,} characters",
            text.encode("utf-8", "replace"),
            file_name="text.txt",
            mime="text/plain; charset=utf-8",
            key=f"whole text {number}",
            on_click="ignore",
        )

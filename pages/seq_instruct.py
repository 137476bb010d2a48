"""Seq-Instruct: a writer makes single-task instructions sequential; look at all that it did."""

import streamlit as st

from pages.seq_instructing.address import the_view
from pages.seq_instructing.list_of_sets import list_of_sets
from pages.seq_instructing.one_set import one_set
from pages.shared.message import errors_shown
from pages.shared.store import the_store
from sit_core.augment.seq_instruct import instruction_sets
from sit_core.registry import unknown

CARDS = 4

with errors_shown():
    store = the_store()
    view = the_view()
    sets = instruction_sets()
    opened = next((one for one in sets if one.name == view.set), None)
    if opened is not None:
        one_set(store, opened, None, view)
    elif view.set is not None:
        st.text(unknown("set", view.set, [one.name for one in sets]))
    if sets:
        list_of_sets(sets, view)

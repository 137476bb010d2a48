"""The outputs behind the tables as runs of the store, so that every number has its samples."""

import streamlit as st

from pages.shared.store import the_store
from sit_core.reproduction.storing import missing_tests, store_outputs


def offer_to_store() -> None:
    """A button where runs are missing."""
    missing = missing_tests(the_store())
    if not missing:
        return
    if st.button(
        "Put the outputs into the store",
        icon=":material/database:",
        key="store outputs",
        help=f"The runs of {', '.join(missing)}, scored by rule: then each number opens its "
        "samples. Takes some seconds.",
    ):
        with st.spinner("Scoring and storing …"):
            store_outputs(the_store())
        st.rerun()

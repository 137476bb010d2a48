"""Live: ask up to three models at once and read what they do, step by step, while they write."""

import streamlit as st

from pages.live.address import open_link
from pages.live.form import form
from pages.live.outputs import outputs
from pages.live.save import keep_as_sample
from pages.live.state import fill_first
from pages.shared.message import errors_shown
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from sit_core.live.model_choices import choices

page_header("live")

# Rooms that keep their places: what a former run drew and this one doesn't is gone at once, not
# only when the models have ended.
top, asked_here, outputs_here, kept_here = st.empty(), st.container(), st.empty(), st.empty()

with errors_shown():
    known = choices()
    fill_first(known)
    with top.container():
        open_link(known)
    with asked_here:
        ask, run = form(known)
    with outputs_here.container():
        outputs(ask, known, run)
    with kept_here.container():
        keep_as_sample(the_store(), known)

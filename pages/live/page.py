"""Live: ask up to three models at once and read what they do, step by step, while they write.

Three ways to be drawn: asking models, replaying stored outputs (``replay`` in the address), and
either of them for an audience (``present=1``).
"""

import streamlit as st

from pages.live.address import open_link
from pages.live.form import form
from pages.live.outputs import outputs
from pages.live.present import STYLE, presentation
from pages.live.replay import replay_button, replay_page
from pages.live.save import keep_as_sample
from pages.live.state import fill_first, presenting
from pages.live.styles import styles
from pages.shared.message import errors_shown
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from sit_core.live.model_choices import choices
from sit_core.live.replay import OUTPUT

st.html(styles() + (STYLE if presenting() else ""))
if not presenting():
    page_header("live")

# Each keeps its place: what a former run drew and this one doesn't is gone at once, not only when
# the models have ended.
top, replay_here, asked_here = st.empty(), st.empty(), st.empty()
outputs_here = st.empty()

with errors_shown():
    known = choices()
    fill_first(known)
    if OUTPUT in st.query_params:
        with replay_here.container():
            replay_page(the_store())
    else:
        with top.container():
            open_link(known)
        with asked_here.container():
            found = (
                presentation(known)
                if presenting()
                else form(known, lambda: replay_button(the_store()))
            )
        # Hidden while models write, never emptied: its form would close at each widget's change.
        hiding, kept_here = st.empty(), st.container(key="live-kept")
        if found.run:
            hiding.html("<style>.st-key-live-kept { display: none; }</style><i></i>")
        with outputs_here.container(key="live-large" if presenting() else "live-outputs"):
            outputs(found.ask, known, found.run)
        hiding.empty()
        if not presenting():
            with kept_here.container():
                keep_as_sample(the_store(), known)

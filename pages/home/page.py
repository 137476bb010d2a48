"""Home: what this is for, how far the work is, where to go on; the first page of the app."""

import time
from typing import Any

import streamlit as st

from pages.home import content
from pages.home.component import home_component
from pages.shared.annotator_name import known_annotator
from pages.shared.component import follow
from pages.shared.embedded_note import embedded_note_of
from pages.shared.message import errors_shown
from pages.shared.page_list import address, page_info
from pages.shared.store import the_store
from sit_core.jobs import current_jobs
from sit_core.results.leaderboard.build import leaderboard, leaderboard_kept
from sit_core.results.overview import leading_systems, overview
from sit_core.starter import add_starter, starter_is_here
from sit_core.store.overview import places_of_runs

# The parameters of Annotate, which was the first page once: old links still lead there.
ANNOTATE = ("study", "sample", "annotator")
KEY = "home"
JOBS = 3


def old_link() -> None:
    """Go to Annotate where the address has its parameters."""
    if any(name in st.query_params for name in ANNOTATE):
        parameters = {name: st.query_params.get_all(name) for name in st.query_params}
        st.switch_page(page_info("annotate").file, query_params=parameters)


@st.fragment
def home() -> None:
    """Answer what was clicked, and draw the page; a board that is not counted yet comes after."""
    with errors_shown():
        clicked: Any = st.session_state.get(KEY)
        if clicked is not None and clicked.get("example"):
            study = add_starter(the_store())
            st.switch_page(page_info("annotate").file, query_params={"study": study})
        result = draw(count=clicked is not None and bool(clicked.get("count")))
        follow(result.go)


def draw(count: bool) -> Any:
    """Draw the page.

    Args:
        count: whether to count the leaderboard if that has not been done; takes up to a second.
    """
    store = the_store()
    found = overview(store, known_annotator())
    board = leaderboard_kept(store)
    if board is None and (count or not found.runs):
        board = leaderboard(store)
    leading = None if board is None else leading_systems(board)
    result = home_component(
        KEY,
        {
            "empty": found.empty and starter_is_here(),
            "research": address("leaderboard" if found.runs else "import"),
            "way": content.way(found, leading, counting=board is None),
            **content.lines(found, current_jobs(store, limit=JOBS)),
            "best": content.best(leading, places_of_runs(store)),
            # Another number for each page that waits: each asks once.
            "counting": time.time() if board is None else 0,
        },
    )
    if board is not None and leading is not None:
        embedded_note_of([one.run for one in leading.systems if one.run is not None])
    return result


old_link()
home()

"""The ways onwards from one run or several: inspect, score, study."""

from collections.abc import Sequence

import streamlit as st

from pages.scores.form import OPEN
from pages.shared import paths


def onwards(runs: Sequence[str], *, complete: bool = True) -> None:
    """Draw the links and buttons.

    Args:
        runs: their names.
        complete: whether they have all their outputs, as a study needs.
    """
    names = list(runs)
    if not names:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            paths.INSPECT_OUTPUTS,
            label="Inspect the outputs",
            icon=":material/search:",
            query_params={"run": names},
        )
        st.page_link(
            paths.SCORES,
            label="Scores" if len(names) == 1 else "Scores side by side",
            icon=":material/leaderboard:",
            query_params={"run": names},
        )
        if st.button("Score", key="score the runs", type="tertiary", icon=":material/add:"):
            st.session_state[OPEN] = True
            st.switch_page(paths.SCORES, query_params={"run": names})
        if complete and st.button(
            "Make a study", key="study of the runs", type="tertiary", icon=":material/science:"
        ):
            st.session_state["new_study_runs"] = names
            st.switch_page(paths.STUDIES)

"""Several runs chosen together: score them, lay their scores side by side, make a study of them.

The ways onwards from one run or several: inspect, score, judge, study; each opens the form with
these runs chosen, by an address that can be sent.
"""

from collections.abc import Sequence

import streamlit as st

from pages.shared import paths
from pages.shared.heading import heading
from pages.shared.message import message
from sit_core.registry import unknown


def several_runs(chosen: list[str], known: list[str]) -> None:
    """Draw what can be done with them; names that are unknown are said."""
    for run in chosen:
        if run not in known:
            message("error", unknown("run", run, known))
    found = [run for run in chosen if run in known]
    heading(f"{len(found)} run{'' if len(found) == 1 else 's'} chosen")
    st.text("\n".join(found))
    onwards(found)


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
            st.switch_page(paths.SCORES, query_params={"run": names, "new": "1"})
        if st.button("Judge", key="judge the runs", type="tertiary", icon=":material/gavel:"):
            st.switch_page(paths.JUDGE, query_params={"run": names, "new": "1"})
        if complete and st.button(
            "Make a study", key="study of the runs", type="tertiary", icon=":material/science:"
        ):
            st.switch_page(paths.STUDIES, query_params={"run": names})

"""Check these figures: the board counted again from its exports, and what came of it."""

import pandas as pd
import streamlit as st

from pages.shared.message import message
from sit_core.export.check_files import check
from sit_core.results.leaderboard.build import Leaderboard, leaderboard_version
from sit_core.results_check import Report
from sit_core.store import Store

KEPT = "leaderboard check"
SHOWN = 500
"""So many differences are listed."""


def show_check(store: Store, board: Leaderboard) -> None:
    """The button, and the outcome as long as it is of this board."""
    now = (leaderboard_version(store), board.question)
    st.caption(
        "Exports predictions, judgments and scores, and counts every figure again from these files "
        "by other code. In a terminal: sit results check."
    )
    if st.button("Check these figures", key="board check", icon=":material/fact_check:"):
        with st.spinner("Counting again …"):
            st.session_state[KEPT] = (now, check(store, board.question))
    when, report = st.session_state.get(KEPT, (None, None))
    if report is not None and when == now:
        _outcome(report)
    elif report is not None:
        st.text("Something changed since the last check.")


def _outcome(report: Report) -> None:
    message("error" if report.differ else "done", report.sentence)
    for note in report.notes:
        st.text(note)
    if report.differ:
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "table": one.table,
                        "figure": one.figure,
                        "shown": str(one.ours),
                        "counted again": str(one.theirs),
                        "n": one.n,
                    }
                    for one in report.differ[:SHOWN]
                ]
            ),
            hide_index=True,
            key="board check differences",
            alt="Figures that came out otherwise when they were counted again",
        )

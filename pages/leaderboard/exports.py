"""The board as a file: every figure, a table to print, or a page to publish.

Check these figures: the board counted again from its exports, and what came of it.
"""

import pandas as pd
import streamlit as st

from pages.leaderboard.address import key
from pages.shared.for_excel import for_excel
from pages.shared.message import message
from sit_core.export.check_files import check
from sit_core.export.leaderboard import ENDINGS, LEADERBOARD_FORMATS, leaderboard_bytes
from sit_core.results.leaderboard.build import Leaderboard, leaderboard_version
from sit_core.results.leaderboard.table_view import TEXTS
from sit_core.results_check import CheckReport
from sit_core.store import Store

MIME = {
    "csv": "text/csv",
    "json": "application/json",
    "markdown": "text/markdown",
    "latex": "application/x-tex",
    "html": "text/html",
}
_ABOUT = {
    "csv": "CSV: every figure in its own column",
    "json": "JSON: all figures, tests and settings",
    "markdown": "Markdown: the table as it is read",
    "latex": "LaTeX: the table as it is read",
    "html": "HTML: one read-only page to publish",
}


def show_exports(board: Leaderboard) -> None:
    """Draw the choice of a format and the download."""
    with st.container():
        form = st.selectbox(
            "Format",
            LEADERBOARD_FORMATS,
            key="board format",
            format_func=lambda name: _ABOUT.get(name, name),
        )
        table = st.selectbox(
            "Table",
            [False, True],
            key="board table of",
            format_func=lambda by: "by number of iterations" if by else "the board",
            disabled=form in ("json", "html"),
            help="JSON and HTML hold both.",
        )
        bom = for_excel(st.container(width="content"), form, "board bom")
        chosen = [name for name in st.session_state[key("columns")] if name not in TEXTS]
        st.download_button(
            "Download",
            lambda: leaderboard_bytes(board, form, by_iteration=table, columns=chosen, bom=bom),
            file_name=f"leaderboard.{ENDINGS.get(form, form)}",
            mime=MIME.get(form, "application/octet-stream"),
            on_click="ignore",
            icon=":material/download:",
            key="board download",
        )
    st.caption(
        "Markdown, LaTeX and HTML hold the chosen columns; CSV and JSON hold all, and can be "
        "imported as others' results. In CSV, texts that begin like a formula get a leading "
        "apostrophe."
    )


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


def _outcome(report: CheckReport) -> None:
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

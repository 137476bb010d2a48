"""The board as a file: every figure, a table to print, or a page to publish."""

import streamlit as st

from pages.leaderboard.address import key
from pages.leaderboard.table import BASE, DATA
from pages.shared.for_excel import for_excel
from sit_core.export.leaderboard import ENDINGS, LEADERBOARD_FORMATS, leaderboard_bytes
from sit_core.results.leaderboard.build import Leaderboard

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
    with st.container(horizontal=True, vertical_alignment="bottom"):
        form = st.selectbox(
            "Format",
            LEADERBOARD_FORMATS,
            key="board format",
            format_func=lambda name: _ABOUT.get(name, name),
            width=340,
        )
        table = st.selectbox(
            "Table",
            [False, True],
            key="board table of",
            format_func=lambda by: "by number of iterations" if by else "the board",
            disabled=form in ("json", "html"),
            help="JSON and HTML hold both.",
            width=240,
        )
        bom = for_excel(st.container(width="content"), form, "board bom")
        chosen = [name for name in st.session_state[key("columns")] if name not in (BASE, DATA)]
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

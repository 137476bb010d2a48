"""Addresses of samples on the Inspect page, and the columns of tables that lead there."""

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages.shared import paths

INSPECT = paths.INSPECT_OUTPUTS
VISIT = "results visit"


def visit() -> int:
    """Part of the keys of what can be clicked: who comes back must find nothing selected.

    The browser remembers a selection by its key, and would at once be sent away again.
    """
    count: int = st.session_state.get(VISIT, 0)
    return count


def samples_address(**query: str | list[str] | None) -> str:
    """An address of samples for a component's link."""
    given = {name: value for name, value in query.items() if value is not None}
    return f"inspect?{urlencode(given, doseq=True)}"


def samples_link(text: str, **query: str | list[str] | None) -> str:
    """An address for a `LinkColumn` with ``display_text=SHOWN``; relative, so it fits any root."""
    return f"{samples_address(**query)}#{text}"


SHOWN = r"#(.*)$"
"""What a link of `samples_link` shows."""


def open_samples(**query: str | list[str] | None) -> None:
    """Go to the Inspect page with these samples."""
    st.session_state[VISIT] = visit() + 1
    st.switch_page(INSPECT, query_params={k: v for k, v in query.items() if v is not None})


def agreement_columns() -> dict[str, Any]:
    """The columns of a table of agreement: n, percent and κ with their intervals, the link."""
    percents = (("agree", "agree"), ("agree from", "95 % from"), ("agree to", "to"))
    return {
        "n": st.column_config.NumberColumn("samples (n)"),
        **{
            name: st.column_config.NumberColumn(title, format="percent") for name, title in percents
        },
        "κ": st.column_config.NumberColumn("Cohen's κ", format="%.2f"),
        "low": st.column_config.NumberColumn("95 % from", format="%.2f"),
        "high": st.column_config.NumberColumn("to", format="%.2f"),
        "differ": st.column_config.LinkColumn(
            "they differ on", display_text=SHOWN, alignment="right"
        ),
    }

"""Addresses of samples on the Inspect page."""

from urllib.parse import urlencode

import streamlit as st

INSPECT = "inspect_outputs.py"


def samples_link(text: str, **query: str | list[str] | None) -> str:
    """An address for a `LinkColumn` with ``display_text=SHOWN``; relative, so it fits any root."""
    given = {name: value for name, value in query.items() if value is not None}
    return f"inspect?{urlencode(given, doseq=True)}#{text}"


SHOWN = r"#(.*)$"
"""What a link of `samples_link` shows."""


def open_samples(**query: str | list[str] | None) -> None:
    """Go to the Inspect page with these samples."""
    st.switch_page(INSPECT, query_params={k: v for k, v in query.items() if v is not None})

"""A heading that quotes a name as plain text; `st.header` would render it as Markdown."""

import html

import streamlit as st


def heading(text: str) -> None:
    """The text as it is, as a heading of the second level."""
    st.html(
        '<h2 style="padding: 0; margin: .25rem 0 0; font-size: 1.15rem; font-weight: 650;'
        f'overflow-wrap: anywhere; unicode-bidi: isolate">{html.escape(text)}</h2>'
    )

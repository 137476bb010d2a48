"""A study's guidelines, drawn: Markdown by the researcher, without images from elsewhere."""

import streamlit as st


def draw_guidelines(text: str) -> None:
    """The guidelines as annotators see them."""
    st.markdown((text or "_No guidelines were written._").replace("![", "!\\["))

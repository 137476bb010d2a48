"""How outputs are made: length, dice, seed."""

import streamlit as st

from pages.live.state import P
from sit_core.live.request import MOST_TOKENS


def numbers() -> None:
    """Draw the fields."""
    keep = {"persist_state": "session"}
    st.number_input("New tokens at most", 1, MOST_TOKENS, key=f"{P}max_new_tokens", **keep)
    st.number_input(
        "Temperature (0: the likeliest token each time)",
        0.0,
        5.0,
        step=0.1,
        key=f"{P}temperature",
        **keep,
    )
    st.number_input("Seed", 0, 2**53 - 1, key=f"{P}seed", **keep)
    st.number_input("Top p", 0.01, 1.0, step=0.05, key=f"{P}top_p", **keep)
    st.number_input("Top k (0: no limit)", 0, 1_000_000, key=f"{P}top_k", **keep)
    st.text_area("Stop before (one text per line)", key=f"{P}stop", height=68, **keep)

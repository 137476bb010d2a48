"""What a judge's tokens cost, and how much may be spent. Several forms ask so."""

import streamlit as st

from sit_core.models.usage import Prices


def prices_form(prefix: str) -> Prices:
    """Draw the widgets; ``prefix``: of their keys."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        given = [
            st.number_input(
                label, 0.0, None, None, key=f"{prefix}{label}", placeholder=said, width=150
            )
            for label, said in (
                ("Price of 1M tokens in", "not known"),
                ("of 1M tokens out", "not known"),
                ("Budget", "no limit"),
            )
        ]
    return Prices(given[0] or 0.0, given[1] or 0.0, given[2])

"""What the paper lets expect of the embedded models, and whether it came out."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from sit_core.results.reproduction import Direction

SAID = {True: "yes", False: "no", None: "–"}


def show_directions(found: Sequence[Direction]) -> None:
    """Draw them as a table."""
    st.subheader("Expected of the paper's effect")
    st.dataframe(
        pd.DataFrame(
            {
                "expected": one.text,
                "bound": one.bound,
                "found": one.found,
                "holds": SAID[one.holds],
            }
            for one in found
        ),
        hide_index=True,
        column_config={
            "expected": st.column_config.TextColumn(width="large"),
            "found": st.column_config.TextColumn(width="large"),
            "bound": st.column_config.TextColumn(width="small"),
            "holds": st.column_config.TextColumn(width="small"),
        },
        alt="What is expected, its bound, what was found, whether it holds",
    )

"""Several runs chosen together: score them, lay their scores side by side, make a study of them."""

import streamlit as st

from pages.runs.onwards import onwards
from pages.shared.heading import heading
from pages.shared.message import message
from sit_core.registry import unknown


def several_runs(chosen: list[str], known: list[str]) -> None:
    """Draw what can be done with them; names that are unknown are said."""
    for run in chosen:
        if run not in known:
            message("error", unknown("run", run, known))
    found = [run for run in chosen if run in known]
    heading(f"{len(found)} run{'' if len(found) == 1 else 's'} chosen")
    st.text("\n".join(found))
    onwards(found)

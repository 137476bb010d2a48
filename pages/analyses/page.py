"""Analyses: the tables that plugins add, one tab each, over the runs that one chooses."""

import pandas as pd
import streamlit as st

from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from sit_core.registry import unknown
from sit_core.results.analyses import ANALYSES, AnalysisTable
from sit_core.store.browse import run_names

TAB, RUNS = "analysis", "runs of analyses"


def pick_runs(names: list[str]) -> list[str]:
    """The runs that the tables are over; part of the address, all of them where it names none."""
    asked = st.query_params.get_all("run")
    if RUNS not in st.session_state:
        st.session_state[RUNS] = [run for run in dict.fromkeys(asked) if run in names]
    for run in asked:
        if run not in names:
            message("error", unknown("run", run, names))
    st.session_state[RUNS] = [run for run in st.session_state[RUNS] if run in names]
    chosen: list[str] = st.multiselect("Runs", names, key=RUNS, placeholder="All runs")
    if chosen != asked:
        st.query_params["run"] = chosen
    return chosen or names


def show(table: AnalysisTable) -> None:
    """The table, what is not in it, and how to read it; all as plain text."""
    if table.rows:
        # Columns and values come from elsewhere: a data frame shows them as text.
        st.dataframe(pd.DataFrame(list(table.rows)), hide_index=True)
    else:
        message("info", "There is nothing to show for these runs.")
    for reason, many in table.left_out.items():
        st.text(f"{many:,} left out: {reason}.")
    if table.note:
        st.text(table.note)


page_header("analyses")
with errors_shown():
    store = the_store()
    there, listed = run_names(store), list(ANALYSES)
    if not there:
        message("info", "There are no runs yet. Import some outputs first.")
    elif not listed:
        message("info", "There are no analyses: plugins add them.")
    else:
        runs = pick_runs(there)
        name = st.segmented_control(
            "Analysis",
            listed,
            default=listed[0],
            required=True,
            format_func=lambda name: ANALYSES.get(name).title,
            key=TAB,
            label_visibility="collapsed",
        )
        st.text(ANALYSES.get(name).purpose)
        show(ANALYSES.get(name).run(store, runs))

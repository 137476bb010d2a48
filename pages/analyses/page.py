"""Analyses: one at a time, with its settings, its figure and tables; each opens its samples."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module

import streamlit as st

from pages.analyses.settings import choose, show_nobody, take_open, write_address
from pages.analyses.show import open_place, show_figure, show_points, show_table
from pages.shared import paths
from pages.shared.embedded_note import embedded_note_of, show_methods
from pages.shared.for_excel import for_excel
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header, tools_row
from pages.shared.report_button import comparison_link
from pages.shared.store import the_store
from sit_core.analyses.comparison import ComparisonConfig
from sit_core.config.arguments import argv
from sit_core.config.fields import check, flat
from sit_core.registry import unknown
from sit_core.results.analyses import (
    ANALYSES,
    Analysis,
    AnalysisConfig,
    AnalysisTable,
    runs_of,
)
from sit_core.results.estimate import Estimate
from sit_core.store.browse import run_names
from sit_core.store.output_values import values_version

CHOSEN, NOW = "analysis", "analyses now"
# The analysis that is shown where none is asked for.
FIRST = "length"
# Analysis → the module that draws more below its figure: ``draw(store, config)``.
PARTS = {"templates": "pages.analyses.templates"}
COMPARISON = "comparison"


def pick_analysis() -> str:
    """The analysis; part of the address."""
    listed = [FIRST, *(name for name in ANALYSES if name != FIRST)]
    asked = st.query_params.get("analysis", st.session_state.get(NOW))
    if asked is not None and asked not in listed:
        message("error", unknown("analysis", asked, listed))
    if CHOSEN not in st.session_state or asked not in (None, st.session_state.get(NOW)):
        st.session_state[CHOSEN] = asked if asked in listed else FIRST
    name: str = st.segmented_control(
        "Analysis",
        listed,
        required=True,
        format_func=lambda one: ANALYSES.get(one).title,
        key=CHOSEN,
        label_visibility="collapsed",
    )
    st.session_state[NOW] = name
    return name


@st.cache_data(max_entries=40, show_spinner="Counting …")
def counted(name: str, config: AnalysisConfig, _state: str) -> AnalysisTable:
    """The table; made again when anything in the store has changed that it may rest on."""
    return ANALYSES.get(name).table(the_store(), config)


def show_downloads(name: str, config: AnalysisConfig, table: AnalysisTable) -> None:
    """The table as a file, and the command that makes it."""
    form = st.selectbox("Format", ["csv", "json"], key="analysis format")
    bom = for_excel(st.container(), form, "analysis for Excel")
    st.download_button(
        "Download",
        table.to_csv(bom=bom) if form == "csv" else table.to_json(name, config),
        file_name=f"{name}.{form}",
        mime="text/csv" if form == "csv" else "application/json",
        on_click="ignore",
        icon=":material/download:",
        key="analysis download",
    )
    st.code(" ".join(["sit results", name, *argv(config)]), language="bash", wrap_lines=True)


def shared_settings(config: AnalysisConfig) -> dict[str, str | Sequence[str]]:
    """The settings that the comparison has as well, where they are not as usual."""
    usual = flat(ComparisonConfig())
    found: dict[str, str | Sequence[str]] = {}
    for key, value in flat(config).items():
        if key in ("metric", "by", "annotator", "partly", "study") and value != usual[key]:
            found[key] = list(value) if isinstance(value, tuple) else str(value)
    return found


def main() -> None:
    """Draw the page."""
    store = the_store()
    there = run_names(store)
    if not there:
        message("info", "There are no runs yet. Import some outputs first.")
        st.page_link(paths.IMPORT_OUTPUTS, label="Import outputs")
        return
    name = pick_analysis()
    analysis = ANALYSES.get(name)
    head = st.container(horizontal=True, vertical_alignment="center", key="analyses head")
    head.text(analysis.purpose, width="stretch")
    asked = take_open()
    with tools_row(labelled=True):
        config = choose(store, name, analysis, there)
    address = write_address(name, config)
    if faults := check(config):
        for fault in faults:
            message("info", fault)
        return
    runs = list(runs_of(store, config))
    if analysis.most_runs and not config.runs and len(runs) > analysis.most_runs:
        most = analysis.most_runs
        message("info", f"There are {len(runs):,} runs: choose up to {most} of them, at the left.")
        return
    nobody = show_nobody(store, name, config, runs)
    table = counted(name, config, values_version(store))
    if asked is not None:
        open_place(analysis, table, asked)
    with head:
        if name != COMPARISON and len(config.runs) > 1:
            comparison_link(config.runs, shared_settings(config), "Compare these runs")
        with st.popover("Export", icon=":material/download:"):
            show_downloads(name, config, table)
    blank = nobody and _without_figures(table)
    if not blank:
        show_figure(name, analysis, table)
    if name in PARTS:
        import_module(PARTS[name]).draw(store, config)
    if not blank:
        show_tables(name, analysis, table, address)
    embedded_note_of(runs)


def _without_figures(table: AnalysisTable) -> bool:
    """Whether no figure of any table has a value."""
    cells = (cell for one in table.tables() for row in one.rows for cell in row.values())
    return not any(isinstance(cell, Estimate) and cell.value is not None for cell in cells)


def show_tables(
    name: str, analysis: Analysis, table: AnalysisTable, address: Mapping[str, list[str]]
) -> None:
    """The tables, and the figure's points as one."""
    if not any(one.rows or one.points for one in table.tables()):
        message("info", "There is nothing to show for these runs and settings.")
    for number, one in enumerate(table.tables()):
        shown = replace(one, run_places=table.run_places)
        show_table(name, analysis, shown, number, address, analysis.title)
    if table.points:
        with st.expander("Points of the figure as a table", icon=":material/table_rows:"):
            show_points(name, analysis, table, address)
    show_methods(
        [
            *(method for one in table.tables() for method in one.methods()),
            *AnalysisTable(table.points).methods(),
        ]
    )


page_header("analyses")
with errors_shown():
    main()

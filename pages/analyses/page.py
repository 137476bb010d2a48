"""Analyses: one at a time, with its settings, its figure and tables; each opens its samples."""

from collections.abc import Sequence
from importlib import import_module

import streamlit as st

from pages.analyses.settings import choose, write_address
from pages.analyses.show import show_figure, show_table
from pages.shared import paths
from pages.shared.embedded_note import embedded_note_of, show_methods
from pages.shared.for_excel import for_excel
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.report_button import comparison_link
from pages.shared.store import the_store
from sit_core.analyses.comparison import ComparisonConfig
from sit_core.config.arguments import argv
from sit_core.config.fields import flat
from sit_core.registry import unknown
from sit_core.results.analyses import ANALYSES, AnalysisConfig, AnalysisTable
from sit_core.store.browse import run_names
from sit_core.store.output_values import values_version

CHOSEN, NOW = "analysis", "analyses now"
# Analysis → the module that draws more below its figure: ``draw(store, config)``.
PARTS = {"templates": "pages.analyses.templates"}
COMPARISON = "comparison"


def pick_analysis() -> str:
    """The analysis; part of the address."""
    listed = list(ANALYSES)
    asked = st.query_params.get("analysis", st.session_state.get(NOW))
    if asked is not None and asked not in listed:
        message("error", unknown("analysis", asked, listed))
    if CHOSEN not in st.session_state or asked not in (None, st.session_state.get(NOW)):
        st.session_state[CHOSEN] = asked if asked in listed else listed[0]
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
    st.text(analysis.purpose)
    config = choose(store, name, analysis, there)
    write_address(name, config)
    table = counted(name, config, values_version(store))
    show_figure(name, analysis, table)
    if name in PARTS:
        import_module(PARTS[name]).draw(store, config)
    if not any(one.rows or one.points for one in table.tables()):
        message("info", "There is nothing to show for these runs and settings.")
    for place, one in enumerate(table.tables()):
        show_table(name, analysis, one, place)
    show_methods(method for one in table.tables() for method in one.methods())
    with st.container(horizontal=True):
        with st.popover("Export", icon=":material/download:"):
            show_downloads(name, config, table)
        if name != COMPARISON and len(config.runs) > 1:
            comparison_link(config.runs, shared_settings(config), "Compare these runs")
    embedded_note_of(list(config.runs or there))


page_header("analyses")
with errors_shown():
    main()

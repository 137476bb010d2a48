"""Analyses: one at a time, with its settings, its figure and tables; each opens its samples."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.analyses.settings import choose, write_address
from pages.shared import paths
from pages.shared.embedded_note import embedded_note_of, show_methods
from pages.shared.for_excel import for_excel
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from sit_core.config.arguments import argv
from sit_core.registry import unknown
from sit_core.results.analyses import ANALYSES, Analysis, AnalysisConfig, AnalysisTable
from sit_core.results.estimate import Estimate
from sit_core.store.browse import run_names
from sit_core.store.output_values import values_version
from sit_core.store.sample_lists import keep_samples

CHOSEN, NOW, VISIT = "analysis", "analyses now", "analyses visit"


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


def show_figure(name: str, analysis: Analysis, table: AnalysisTable) -> None:
    """The figure; a click on a point opens its samples."""
    if analysis.figure is None or not (table.rows or table.points):
        return
    with st.container(border=True):
        event = st.plotly_chart(
            analysis.figure(table),
            on_select="rerun",
            selection_mode="points",
            key=f"figure {name} {visit()} {st.context.theme.type}",
            config={"displayModeBar": False},
        )
    for point in event.selection.points:
        place = point.get("customdata")
        if isinstance(place, Sequence) and not isinstance(place, str) and len(place) == 2:
            open_point(analysis, table, place)


def open_point(analysis: Analysis, table: AnalysisTable, place: Sequence[Any]) -> None:
    """Open what a point of the figure is about: (row, column) of the table, or (-1, point)."""
    row, column = int(place[0]), place[1]
    if row >= 0:
        open_samples(analysis, table.samples_of(row, str(column)), _said(table, row, str(column)))
    else:
        point = table.points[int(column)]
        said = ", ".join(_cell(value) for value in point.values())
        open_samples(analysis, table.point_samples[int(column)], said)


def open_samples(analysis: Analysis, ids: Sequence[str], said: str) -> None:
    """Go to the Inspect page with exactly these outputs."""
    if not ids:
        return
    kept = keep_samples(the_store(), ids, f"{analysis.title}: {said}")
    st.session_state[VISIT] = visit() + 1
    st.switch_page(paths.INSPECT_OUTPUTS, query_params={"list": kept})


def visit() -> int:
    """Part of the keys of what can be clicked: who comes back must find nothing selected."""
    count: int = st.session_state.get(VISIT, 0)
    return count


def show_table(name: str, analysis: Analysis, table: AnalysisTable, place: int) -> None:
    """One table; a click on a cell opens its samples. All as plain text."""
    if table.title:
        st.text(table.title)
    if table.rows:
        columns = list(dict.fromkeys(column for row in table.rows for column in row))
        shown = [{c: _cell(row.get(c)) for c in columns} for row in table.rows]
        event = st.dataframe(
            pd.DataFrame(shown, columns=columns),
            hide_index=True,
            on_select="rerun",
            selection_mode="single-cell",
            key=f"table {name} {place} {visit()}",
        )
        for index, column in event.selection.cells:
            open_samples(analysis, table.samples_of(index, column), _said(table, index, column))
    for reason, many in table.left_out.items():
        st.text(f"{many:,} left out: {reason}.")
    if table.note:
        st.text(table.note)


def _said(table: AnalysisTable, row: int, column: str) -> str:
    """What a cell is: the texts of its row, then its column and figure."""
    cells = table.rows[row]
    texts = [str(v) for v in cells.values() if isinstance(v, str)]
    figure = cells.get(column)
    return ", ".join([*texts, f"{column} {_cell(figure)}"] if column in cells else texts)


def _cell(value: Any) -> str:
    if isinstance(value, Estimate):
        return value.shown
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)


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
    if not any(one.rows or one.points for one in table.tables()):
        message("info", "There is nothing to show for these runs and settings.")
    for place, one in enumerate(table.tables()):
        show_table(name, analysis, one, place)
    show_methods(method for one in table.tables() for method in one.methods())
    with st.popover("Export", icon=":material/download:"):
        show_downloads(name, config, table)
    embedded_note_of(list(config.runs or there))


page_header("analyses")
with errors_shown():
    main()

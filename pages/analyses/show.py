"""An analysis's figure and tables on a page; a click on a point or cell opens its samples."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import paths
from pages.shared.store import the_store
from sit_core.analyses.cells import BESIDE
from sit_core.results.analyses import Analysis, AnalysisTable
from sit_core.results.estimate import Estimate
from sit_core.store.sample_lists import keep_samples

VISIT = "analyses visit"


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
    texts = [v for k, v in cells.items() if isinstance(v, str) and not k.endswith(BESIDE)]
    figure = cells.get(column)
    return ", ".join([*texts, f"{column} {_cell(figure)}"] if column in cells else texts)


def _cell(value: Any) -> str:
    if isinstance(value, Estimate):
        return value.shown
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)

"""An analysis's figure and tables on a page; a click on a point or cell opens its samples."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.analyses.tables import at_place, draw_points, draw_table, place_of, said_of
from pages.shared import paths
from pages.shared.message import message
from pages.shared.store import the_store
from sit_core.results.analyses import Analysis, AnalysisTable
from sit_core.store.sample_lists import keep_samples

VISIT = "analyses visit"


def show_figure(name: str, analysis: Analysis, table: AnalysisTable) -> None:
    """The figure; a click on a point opens its samples."""
    if analysis.figure is None or not (table.rows or table.points):
        return
    figure = analysis.figure(table)
    if not figure.data:
        return
    with st.container(border=True):
        event = st.plotly_chart(
            figure,
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
        ids = table.samples_of(row, str(column))
        open_samples(analysis, ids, said_of(table, row, str(column)))
    else:
        open_place(analysis, table, place_of(-1, int(column), 0))


def open_place(analysis: Analysis, table: AnalysisTable, place: str) -> None:
    """Open what a place of the tables or points is about."""
    found = at_place(table, place)
    if found is None:
        message("error", "There is no such figure for these settings any more.")
    else:
        open_samples(analysis, *found)


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


def show_table(
    name: str,
    analysis: Analysis,
    table: AnalysisTable,
    place: int,
    address: Mapping[str, Sequence[str]] | None = None,
    label: str = "",
) -> None:
    """One table; a click on a figure opens its samples. All as plain text.

    Args:
        name: of the analysis.
        analysis: its title stands over the samples.
        table: without the further ones.
        place: number of the table.
        address: parameters of the Analyses page, for links; None: it is shown on another page.
        label: for a screen reader, where it has no title.
    """
    key = f"table {name} {place} {visit()}"
    pressed = draw_table(key, table, address, number=place, label=label or analysis.title)
    if pressed is not None:
        _, _, cell = pressed.partition(".")
        open_place(analysis, replace(table, further=()), f"0.{cell}")


def show_points(
    name: str, analysis: Analysis, table: AnalysisTable, address: Mapping[str, Sequence[str]]
) -> None:
    """The points of the figure as a table: the way to their samples without a pointer."""
    pressed = draw_points(f"points {name} {visit()}", table, address)
    if pressed is not None:
        open_place(analysis, table, pressed)

"""One table of the paper: our rows, the paper's below; a click on a number opens its samples.

What the paper lets expect of the embedded models, and whether it came out.

The outputs behind the tables as runs of the store, so that every number has its samples.
"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.inspect_outputs.address import score_params
from pages.results.links import open_samples, visit
from pages.shared.embedded_note import show_methods
from pages.shared.message import message
from pages.shared.store import the_store
from sit_core.metrics.registry import Options
from sit_core.reproduction.report import kept_reproduction, runs_of
from sit_core.reproduction.storing import missing_tests, store_outputs
from sit_core.results.reproduction import (
    ACCURACY,
    Direction,
    PaperCell,
    Reproduction,
    ReproductionTable,
)
from sit_core.results.reproduction_paper import shown as paper_shown
from sit_core.store.browse import ScoreFilter
from sit_core.store.score_filter import NONE

WIDTH = 250
"""Of a column of numbers, in pixels."""


@st.cache_data(max_entries=4, show_spinner="Scoring the embedded models' outputs …")
def cached(outputs: str) -> Reproduction:
    """The report, made once for these outputs."""
    return kept_reproduction()


def show_table(table: ReproductionTable, there: frozenset[str]) -> None:
    """Draw it.

    Args:
        table: its cells.
        there: the names of the runs in the store.
    """
    st.subheader(table.title)
    rows = [
        {"model": title} | {name: _shown(cell) for name, cell in _named(table, cells)}
        for title, cells in table.rows
    ]
    rows += [
        {"model": f"paper: {row.model}"}
        | {name: paper_shown(value) for name, value in zip(table.columns, row.values, strict=True)}
        for row in table.paper
    ]
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "model": st.column_config.TextColumn(width=210, pinned=True),
            **{name: st.column_config.TextColumn(width=WIDTH) for name in table.columns},
        },
        on_select="rerun",
        selection_mode="single-cell",
        key=f"reproduction {table.key} {visit()}",
        alt=f"{table.title}: {table.about}",
    )
    st.caption(
        f"{table.about} In percent, with 95 % intervals; *seeds*: the range of "
        "adapters of other training seeds. A click opens a number's samples."
    )
    show_methods(cell.method for _, cells in table.rows for cell in cells if cell is not None)
    for note in table.notes:
        st.text(note)
    for index, name in event.selection.cells:
        if index < len(table.rows) and name in table.columns:
            _open(table.rows[index][1][table.columns.index(name)], there)


def _named(table: ReproductionTable, cells: tuple[PaperCell | None, ...]):
    return zip(table.columns, cells, strict=True)


def _shown(cell: PaperCell | None) -> str:
    return "" if cell is None else cell.shown


def _open(cell: PaperCell | None, there: frozenset[str]) -> None:
    if cell is None:
        return
    (run,) = runs_of([cell.place])
    if run not in there:
        message("info", f"The run {run} is not in the store; put the outputs there, and it opens.")
        return
    if cell.place.metric == ACCURACY and cell.without:
        open_samples(run=run)  # those without an answer count, too
        return
    of = ScoreFilter(cell.place.metric, Options().how(cell.place.metric) or None, cell.place.step)
    if cell.value is None:
        of = ScoreFilter(of.metric, of.how, of.step, NONE)
    open_samples(run=run, **score_params(of))


SAID = {True: "yes", False: "no", None: "–"}


def show_directions(found: Sequence[Direction]) -> None:
    """Draw them as a table."""
    st.subheader("What the paper's effect predicts")
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


def offer_to_store() -> None:
    """A button where runs are missing."""
    missing = missing_tests(the_store())
    if not missing:
        return
    if st.button(
        "Put the outputs into the store",
        icon=":material/database:",
        key="store outputs",
        help=f"The runs of {', '.join(missing)}, scored by rule: then each number opens its "
        "samples. Takes some seconds.",
    ):
        with st.spinner("Scoring and storing …"):
            store_outputs(the_store())
        st.rerun()

"""The matrix of an experiment's cells as it fills; a click on a cell opens its outputs."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.results.links import open_samples, visit
from pages.shared.message import message
from sit_core.experiment.plan import CellState, Plan

HEAD = ""
"""The first column; no instruction is called so."""
WIDTH = 150
"""Of a column of cells, in pixels."""


def show_matrix(plan: Plan) -> None:
    """Draw it: a row per model and condition, a column per instruction and examples."""
    rows = list(dict.fromkeys(cell.row for cell in plan.cells))
    columns = list(dict.fromkeys(cell.column for cell in plan.cells))
    at = {(cell.row, cell.column): cell for cell in plan.cells}
    largest = {
        name: max((cell.n for cell in plan.cells if cell.column == name), default=0)
        for name in columns
    }
    shown = [{HEAD: row} | {name: _filled(at.get((row, name))) for name in columns} for row in rows]
    event = st.dataframe(
        pd.DataFrame(shown, columns=[HEAD, *columns]),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-cell",
        key=f"experiment matrix {plan.name} {visit()}",
        column_config={
            HEAD: st.column_config.TextColumn("model", width=190),
            **{
                name: st.column_config.ProgressColumn(
                    name,
                    width=WIDTH,
                    min_value=0,
                    max_value=max(1, largest[name]),
                    format=f"%d of {largest[name]}",
                )
                for name in columns
            },
        },
        alt="How many outputs each cell has, by model and instruction",
    )
    for index, name in event.selection.cells:
        cell = at.get((rows[index], name))
        if cell is not None and cell.outputs:
            open_samples(run=cell.run)
    _faults(plan.cells)


def _filled(cell: CellState | None) -> int | None:
    """Outputs that there are; nothing where the file has no such cell."""
    return None if cell is None or cell.fault else cell.outputs


def _faults(cells: Sequence[CellState]) -> None:
    """Cells that can't be made, and questions whose calls came to nothing."""
    said = [f"{cell.name}: {cell.fault}" for cell in cells if cell.fault]
    said += [
        f"{cell.name}: {cell.errors} of its questions got no output; they are tried again."
        for cell in cells
        if cell.errors and not cell.fault
    ]
    if said:
        more = f"\n… and {len(said) - 8} more" if len(said) > 8 else ""
        message("warning", "\n".join(said[:8]) + more)

"""All trainings; choosing one opens it, choosing several lays their curves over each other."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.shared.times import time_column
from sit_core.errors import SitError
from sit_core.times import moment
from sit_core.train.config import load_config
from sit_core.train.folder import read_json
from sit_core.train.jobs import Training


def list_of_trainings(found: Sequence[Training], opened: Sequence[str]) -> None:
    """Draw the table, the open ones selected."""
    import pandas as pd

    names = [one.folder.name for one in found]
    key = f"trainings {len(names)} {names[0]}"

    def clicked() -> None:
        rows = st.session_state[key].selection.rows
        st.query_params["training"] = [names[row] for row in rows if row < len(names)]

    st.dataframe(
        pd.DataFrame([_row(one) for one in found]),
        key=key,
        hide_index=True,
        on_select=clicked,
        selection_mode="multi-row",
        selection_default={
            "selection": {"rows": [names.index(name) for name in opened if name in names]}
        },
        column_config={
            "Held-out loss": st.column_config.NumberColumn(format="%.4f"),
            "Learning rate": st.column_config.NumberColumn(format="%.1e"),
            "Made": time_column("Made"),
        },
        placeholder="",
        alt="The trainings and their states; choosing one opens it, or several together",
    )


def _row(one: Training) -> dict[str, Any]:
    report = read_json(one.folder.report) or {}
    data = read_json(one.folder.data) or {}
    row: dict[str, Any] = {
        "Training": one.folder.name,
        "State": _state(one, bool(report)),
        "Updates": report.get("steps"),
        "Held-out loss": report.get("held_out"),
        "Rows": data.get("used"),
    }
    try:
        config = load_config(one.folder.config)
    except SitError:
        return {**row, "Base": "its configuration can't be read"}
    return {
        **row,
        "Base": config.model.base,
        "Data": data.get("train") or "",
        "Learning rate": config.schedule.learning_rate,
        "Batch": config.schedule.batch,
        "Seed": config.seed,
        "Made": moment(one.begun),
    }


def _state(one: Training, reported: bool) -> str:
    if one.job is not None and one.job.active:
        return "under way"
    if reported:
        return "done"
    return "laid down" if one.job is None else str(one.job.state)

"""What systems are called, their base models and training data: a table to edit."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.leaderboard.add_results import SAID
from pages.shared.message import errors_shown
from sit_core.results.leaderboard.build import Leaderboard
from sit_core.store import Store
from sit_core.store.systems import set_system

_SAVED = "board systems saved"
_COLUMNS = ("system", "base model", "training data")


def show_systems(store: Store, board: Leaderboard) -> None:
    """Draw the table and the button that saves it."""
    state = st.session_state
    before = [
        dict(
            zip(_COLUMNS, (row.system, row.base_model or "", row.training_data or ""), strict=True)
        )
        for row in board.rows
    ]
    after = st.data_editor(
        pd.DataFrame(before, columns=list(_COLUMNS), dtype=object),
        hide_index=True,
        column_config={
            "system": st.column_config.TextColumn(width=320, required=True, max_chars=200),
            "base model": st.column_config.TextColumn(width=280),
            "training data": st.column_config.TextColumn(width=280),
        },
        key=f"board systems {state.get(_SAVED, 0)}",
        height=min(38 + 35 * len(before), 500),
    )
    changed = changes(before, after.to_dict("records"))
    if st.button("Save", key="board save systems", disabled=not changed):
        with errors_shown():
            for name, values in changed:
                set_system(store, name, **values)
            n = len(changed)
            state[SAID] = f"{n} system{'' if n == 1 else 's'} changed."
            state[_SAVED] = state.get(_SAVED, 0) + 1
            st.rerun()


def changes(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> list[tuple[str, dict[str, Any]]]:
    """Per changed row: the system's name before, and what to set."""
    names = {"system": "rename", "base model": "base_model", "training data": "training_data"}
    found = []
    for old, new in zip(before, after, strict=True):
        changed = {
            names[column]: _text(new[column])
            for column in _COLUMNS
            if _text(new[column]) != _text(old[column])
        }
        if changed:
            found.append((old["system"], changed))
    return found


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None

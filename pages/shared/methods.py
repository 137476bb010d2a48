"""How the intervals of a table were made, by name, under the table."""

from collections.abc import Iterable

import streamlit as st

from sit_core.statistics import methods_said


def show_methods(methods: Iterable[str | None]) -> None:
    """A line per method that occurs; nothing where there is no interval."""
    lines = methods_said(methods)
    if lines:
        st.caption("  \n".join(lines))


def show_undefined(rows: Iterable[tuple[str, str]]) -> None:
    """Where κ is not defined: why, and what is known instead."""
    for where, why in rows:
        if why:
            st.text(f"{where}: {why}.")

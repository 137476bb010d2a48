"""What the embedded model is, said quietly wherever outputs of it are shown.

How the intervals of a table were made, by name, under the table.
"""

from collections.abc import Iterable

import streamlit as st

from pages.shared.store import the_store
from sit_core.embedded.shipped import NAME, NOTE, is_embedded
from sit_core.statistics import methods_said
from sit_core.store.runs import run_models


def embedded_note(models: Iterable[str | None]) -> bool:
    """One quiet sentence where any of these models is the embedded one; whether it was said."""
    sentence = embedded_sentence(models)
    if sentence:
        st.caption(sentence)
    return bool(sentence)


def embedded_sentence(models: Iterable[str | None]) -> str:
    """The sentence where any of these models is the embedded one, else nothing."""
    return f"{NAME}: {NOTE[0].lower()}{NOTE[1:]}" if any(map(is_embedded, models)) else ""


def embedded_note_of(runs: Iterable[str]) -> bool:
    """The same, by the names of the runs that are shown."""
    names = set(runs)
    return embedded_note(model for run, model in run_models(the_store()).items() if run in names)


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

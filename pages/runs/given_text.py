"""Of the form for a new run: the intermediate text that the model is given, and where."""

import streamlit as st

from pages.runs.examples import uploaded_file
from pages.shared.archived import run_choices
from pages.shared.config_form import ConfigForm
from sit_core.embedded import shipped
from sit_core.predict.given_config import (
    CORRUPTED,
    NEGATIVE,
    NONE,
    OWN,
    WRITTEN,
    GivenConfig,
)
from sit_core.store import Store

_MICROLAB, _FILE, _NOTHING = "Micro lab questions", "A file", "none"
_ITEMS = "microlab:answer:2000"


def given_text(form: ConfigForm[GivenConfig], store: Store) -> GivenConfig:
    """Draw the condition and what belongs to it."""
    condition = form.draw("condition")
    found: dict[str, object] = {}
    if condition == WRITTEN:
        form.draw("text")
    elif condition in (NEGATIVE, CORRUPTED):
        found["pool"] = _pool(form, optional=condition == CORRUPTED)
        form.draw("seed")
    elif condition == NONE:
        form.draw("answer_instruction")
    elif condition == OWN and (runs := run_choices(store)):
        form.draw("from_run", options=[None, *runs], words={None: "none: the model writes"})
    if form.config(**found).gives:
        form.row("place", "step")
    return form.config(**found)


def _pool(form: ConfigForm[GivenConfig], *, optional: bool) -> str | None:
    """Where training items come from: the program's own, or a file that is uploaded."""
    kinds = [*([_NOTHING] if optional else []), _FILE]
    if shipped.HELD_OUT.is_dir():
        kinds.insert(len(kinds) - 1, _MICROLAB)
    setting = form.settings["pool"]
    kind = st.selectbox(setting.rules.label, kinds, key=form.key("pool"), help=setting.rules.help)
    if kind == _NOTHING:
        return None
    if kind == _MICROLAB:
        return _ITEMS
    return uploaded_file("Training items with outputs", form.key("pool file")) or None

"""The field for the prompt set that outputs belong to, with what is wrong with a name."""

import streamlit as st

from pages.shared.message import message
from sit_core.store.prompt_sets import prompt_set_fault


def prompt_set_box(key: str, placeholder: str) -> tuple[str | None, bool]:
    """The prompt set that the runs belong to, if somebody names it; and whether it can't be."""
    name = st.text_input(
        "Prompt set",
        key=key,
        placeholder=placeholder,
        help="Systems are compared on one prompt set at a time.",
    ).strip()
    fault = prompt_set_fault(name) if name else None
    if fault:
        message("error", f"{fault[0].upper()}{fault[1:]}.")
    return name or None, fault is not None

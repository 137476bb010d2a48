"""Which models are asked: one to three, each from what lies at hand or named by the user."""

import streamlit as st

from pages.live.state import ENDPOINT, HUB, P
from sit_core.live.model_choices import Choice
from sit_core.live.request import MOST_MODELS
from sit_core.prompts import FORMATS


def how_many() -> int:
    """Draw the choice of how many models stand side by side.

    No segmented control: Ctrl+Enter is not heard while one of its options has the focus.
    """
    said = st.selectbox(
        "Models side by side",
        list(range(1, MOST_MODELS + 1)),
        key=f"{P}models",
        format_func=lambda n: f"{n} model{'s' * (n > 1)}",
        label_visibility="collapsed",
        width=130,
        persist_state="session",
    )
    return int(said or 1)


def model(place: int, known: list[Choice]) -> None:
    """Draw the fields of one model."""
    at = f"{P}{place} "
    kind = st.selectbox(
        f"Model {place + 1}",
        [*(choice.name for choice in known), HUB, ENDPOINT],
        key=f"{at}kind",
        persist_state="session",
    )
    if kind == HUB:
        _text("Hub id or folder", f"{at}model", "organisation/model")
        _text("Adapter (PEFT)", f"{at}adapter", "none: a folder or hub id")
        _format(at)
    elif kind == ENDPOINT:
        _text("Address", f"{at}url", "http://localhost:8000/v1")
        _text("Model, as the endpoint calls it", f"{at}served", "")
        _text(
            "Variable that holds the key",
            f"{at}variable",
            "none, or OPENAI_API_KEY",
            "Its name, never the key: that comes from the environment or the app's secrets. It is "
            "not part of links.",
        )
        _format(at)


def _text(label: str, key: str, placeholder: str, help_text: str | None = None) -> None:
    st.text_input(label, key=key, placeholder=placeholder, help=help_text, persist_state="session")


def _format(at: str) -> None:
    st.selectbox("Prompt format", ["auto", *FORMATS], key=f"{at}format", persist_state="session")

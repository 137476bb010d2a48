"""Which model: the embedded one, one by hub id or folder, or an endpoint. Several forms ask so."""

from typing import Any

import streamlit as st

from pages.shared.message import message
from sit_core.microlab import shipped
from sit_core.microlab.shipped import MICROLAB
from sit_core.settings import settings

EMBEDDED = "Embedded model"
LOADED = "Model by hub id or folder"
ENDPOINT = "OpenAI-compatible endpoint"


def model_form(
    prefix: str, *, label: str = "Model", first: str = EMBEDDED, adapter: bool = True
) -> dict[str, Any]:
    """Draw the widgets; the options of `sit_core.models.choice.ModelChoice` that they say.

    Args:
        prefix: of the keys of all widgets here.
        label: what the first menu is called.
        first: the kind that is chosen at first.
        adapter: whether an adapter is asked for.
    """
    here = (shipped.BASE / "model.safetensors").is_file()
    kinds = [*([EMBEDDED] if here else []), LOADED, ENDPOINT]
    start = kinds.index(first) if first in kinds else 0
    kind = st.selectbox(label, kinds, start, key=f"{prefix}kind")
    if kind == EMBEDDED:
        message("info", shipped.NOTE)
        return {"model": MICROLAB, **_adapter(prefix, adapter)}
    if kind == ENDPOINT:
        return _endpoint(prefix)
    name = st.text_input("Hub id or folder", key=f"{prefix}model", placeholder="organisation/model")
    return {"model": name.strip(), **_adapter(prefix, adapter)}


def _endpoint(prefix: str) -> dict[str, Any]:
    url = st.text_input("Address", key=f"{prefix}url", placeholder="http://localhost:8000/v1")
    served = st.text_input("Model, as the endpoint calls it", key=f"{prefix}served")
    variable = st.text_input(
        "Variable that holds the key",
        key=f"{prefix}variable",
        placeholder="OPENAI_API_KEY",
        help="Its name, never the key: that comes from the environment or the app's secrets. "
        f"Allowed: {', '.join(settings().key_variables)}".replace("*", "…"),
    )
    flight = st.number_input("Requests at once", 1, 1000, 16, key=f"{prefix}flight")
    return {
        "model": served.strip(),
        "backend": "openai",
        "base_url": url.strip() or None,
        "key_env": variable.strip() or None,
        "in_flight": flight,
    }


def _adapter(prefix: str, asked: bool) -> dict[str, Any]:
    if not asked:
        return {}
    text = st.text_input(
        "Adapter (PEFT)", key=f"{prefix}adapter", placeholder="none: a folder or hub id"
    )
    return {"adapter": text.strip() or None}

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
    kinds = model_kinds()
    start = kinds.index(first) if first in kinds else 0
    kind = st.selectbox(label, kinds, start, key=f"{prefix}kind")
    return model_fields(kind, prefix, adapter=adapter)


def model_kinds() -> list[str]:
    """What there is to choose from on this machine."""
    here = (shipped.BASE / "model.safetensors").is_file()
    return [*([EMBEDDED] if here else []), LOADED, ENDPOINT]


def model_fields(
    kind: str,
    prefix: str,
    *,
    adapter: bool = False,
    note: str = "",
    flight: int = 16,
    keys_from: str = "the environment or the app's secrets",
) -> dict[str, Any]:
    """Draw what has to be said of a model of this kind; the options that it says.

    Args:
        kind: one of `model_kinds`.
        prefix: of the keys of all widgets here.
        adapter: whether an adapter is asked for.
        note: said after what the embedded model is.
        flight: requests to an endpoint at once, to begin with.
        keys_from: where the endpoint's key is looked for.
    """
    if kind == EMBEDDED:
        message("info", f"{shipped.NOTE} {note}".strip())
        return {"model": MICROLAB, **_adapter(prefix, adapter)}
    if kind == ENDPOINT:
        return _endpoint(prefix, flight, keys_from)
    name = st.text_input("Hub id or folder", key=f"{prefix}model", placeholder="organisation/model")
    return {"model": name.strip(), **_adapter(prefix, adapter)}


def _endpoint(prefix: str, flight: int, keys_from: str) -> dict[str, Any]:
    url = st.text_input("Address", key=f"{prefix}url", placeholder="http://localhost:8000/v1")
    served = st.text_input("Model, as the endpoint calls it", key=f"{prefix}served")
    variable = st.text_input(
        "Variable that holds the key",
        key=f"{prefix}variable",
        placeholder="OPENAI_API_KEY",
        help=f"Its name, never the key: that comes from {keys_from}. "
        f"Allowed: {', '.join(settings().key_variables)}".replace("*", "…"),
    )
    at_once = st.number_input("Requests at once", 1, 1000, flight, key=f"{prefix}flight")
    return {
        "model": served.strip(),
        "backend": "openai",
        "base_url": url.strip() or None,
        "key_env": variable.strip() or None,
        "in_flight": at_once,
    }


def _adapter(prefix: str, asked: bool) -> dict[str, Any]:
    if not asked:
        return {}
    text = st.text_input(
        "Adapter (PEFT)", key=f"{prefix}adapter", placeholder="none: a folder or hub id"
    )
    return {"adapter": text.strip() or None}

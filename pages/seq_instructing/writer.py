"""Who writes: the rules, the embedded model, any other model, an endpoint → its configuration."""

from typing import Any

import streamlit as st

from pages.shared.message import message
from sit_core.augment.seq_instruct import RULES, WriterModel
from sit_core.microlab import shipped
from sit_core.microlab.shipped import MICROLAB
from sit_core.settings import settings

BY_RULES, EMBEDDED, LOCAL, ENDPOINT = (
    "Rules, without a model",
    "Embedded model",
    "Model by hub id or folder",
    "OpenAI-compatible endpoint",
)
SAME = "The same writer"
RULES_NOTE = (
    "The rules need no model: fewer kinds of sequence (repeat first, capitals or a count after, a "
    "choice's letter before its text), nothing invented, and answers only from known ones. For "
    "demonstrations and tests."
)
EMBEDDED_NOTE = (
    "The embedded model was never taught to write instructions: its replies are not understood, "
    "and nearly all instructions fail. It shows what failing looks like."
)


def writer(prefix: str, title: str, *, others: tuple[str, ...] = ()) -> dict[str, Any] | str | None:
    """Draw the choice.

    Args:
        prefix: of the widgets' keys.
        title: of the choice.
        others: what may be chosen beside the writers; it is given back as None.

    Returns:
        ``rules``, or the settings of a model (whose name may still be missing), as a
        `SeqInstructConfig` has them.
    """
    here = (shipped.BASE / "model.safetensors").is_file()
    kinds = [*others, BY_RULES, *([EMBEDDED] if here else []), LOCAL, ENDPOINT]
    kind = st.selectbox(title, kinds, key=f"{prefix}kind")
    if kind in others:
        return None
    if kind == BY_RULES:
        message("info", RULES_NOTE)
        return RULES
    if kind == EMBEDDED:
        message("info", f"{shipped.NOTE} {EMBEDDED_NOTE}")
        return {"model": MICROLAB, **_sampling(prefix, local=True)}
    if kind == LOCAL:
        name = st.text_input(
            "Hub id or folder", key=f"{prefix}model", placeholder="organisation/model"
        )
        return {"model": name.strip(), **_sampling(prefix, local=True)}
    left, right = st.columns(2)
    url = left.text_input("Address", key=f"{prefix}url", placeholder="http://localhost:8000/v1")
    served = right.text_input("Model, as the endpoint calls it", key=f"{prefix}served")
    variable = left.text_input(
        "Variable that holds the key",
        key=f"{prefix}variable",
        placeholder="OPENAI_API_KEY",
        help="Its name, never the key: that comes from the environment. "
        f"Allowed: {', '.join(settings().key_variables)}".replace("*", "…"),
    )
    flight = right.number_input("Calls at once", 1, 1000, 64, key=f"{prefix}flight")
    return {
        "model": served.strip(),
        "backend": "openai",
        "base_url": url.strip() or None,
        "key_env": variable.strip() or None,
        "in_flight": flight,
        **_sampling(prefix, local=False),
    }


def _sampling(prefix: str, *, local: bool) -> dict[str, Any]:
    """How it draws; it begins as the paper's writers drew."""
    with st.expander("How it writes"):
        a, b, c, d = st.columns(4)
        first = WriterModel("x")
        tokens = a.number_input(
            "New tokens at most", 1, None, 256 if local else 2048, key=f"{prefix}tokens"
        )
        temperature = b.number_input(
            "Temperature", 0.0, 5.0, first.temperature, key=f"{prefix}temperature"
        )
        top_p = c.number_input("Top p", 0.01, 1.0, first.top_p, key=f"{prefix}top p")
        top_k = d.number_input(
            "Top k", 0, None, first.top_k, key=f"{prefix}top k", help="0: no limit."
        )
    return {
        "max_new_tokens": tokens,
        "temperature": temperature,
        "top_p": top_p,
        "top_k": top_k,
    }

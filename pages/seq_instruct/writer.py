"""Who writes: the rules, the embedded model, any other model, an endpoint → its configuration."""

from typing import Any

import streamlit as st

from pages.shared.message import message
from pages.shared.model_form import ENDPOINT, model_fields, model_kinds
from sit_core.seq_instruct import RULES, WriterModel

BY_RULES = "Rules, without a model"
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
    kind = st.selectbox(title, [*others, BY_RULES, *model_kinds()], key=f"{prefix}kind")
    if kind in others:
        return None
    if kind == BY_RULES:
        message("info", RULES_NOTE)
        return RULES
    fields = model_fields(kind, prefix, note=EMBEDDED_NOTE, flight=64, keys_from="the environment")
    return {**fields, **_sampling(prefix, local=kind != ENDPOINT)}


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

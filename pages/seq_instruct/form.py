"""The form for a new set: examples, writers, prices, gates → its configuration.

Who writes: the rules, the embedded model, any other model, an endpoint → its configuration.
"""

from typing import Any

import streamlit as st

from pages.shared.examples_from import examples_from
from pages.shared.message import message
from pages.shared.model_form import ENDPOINT, model_fields, model_kinds
from sit_core.config.parse import from_plain
from sit_core.errors import SitError
from sit_core.seq_instruct.config import MOST_ITERATIONS, RULES, SeqInstructConfig, WriterModel
from sit_core.seq_instruct.filters import GATES
from sit_core.seq_instruct.stages import STAGES
from sit_core.seq_instruct.user_prompts import changed, own_folder

P = "new set "
"""Prefix of the keys of all widgets here."""
OPEN = f"{P}open"
ANSWERS = {
    "each": "in every iteration",
    "last": "in the last iteration",
    "never": "never",
}
FAILED = {
    "leave out": "are left out",
    "before": "stay in as they last were made",
}


def set_form() -> SeqInstructConfig | None:
    """Draw the form; the configuration, or None where something is missing (it is said)."""
    left, right = st.columns(2, gap="large")
    with left:
        source = examples_from(P)
        data = _numbers()
        data["prompts"] = _prompts()
    with right:
        data["writer"] = writer(f"{P}writer ", "Writer")
        data |= _stages()
        data["prices"] = _prices()
    data |= _more()
    writers = [data[name] for name in ("writer", *STAGES) if isinstance(data.get(name), dict)]
    if not source:
        return None
    if not all(one["model"] for one in writers):
        st.text("Name the generator model.")
        return None
    data["sources"] = [source]
    try:
        return from_plain(
            SeqInstructConfig, {k: v for k, v in data.items() if v is not None}, "The set"
        )
    except SitError as error:
        message("error", str(error))
        return None


def _numbers() -> dict[str, Any]:
    a, b, c = st.columns(3)
    return {
        "limit": a.number_input(
            "Only the first", 1, None, None, key=f"{P}limit", placeholder="all of them"
        ),
        "iterations": b.number_input("Iterations", 1, MOST_ITERATIONS, 2, key=f"{P}iterations"),
        "seed": c.number_input("Seed", 0, 2**31 - 1, 0, key=f"{P}seed"),
    }


def _prompts() -> str | None:
    """Own prompts, where there are some; the set gets a copy of them."""
    names = changed()
    if not names:
        return None
    own = st.checkbox(
        "With the prompts that were changed here",
        True,
        key=f"{P}own prompts",
        help="They are on the view Prompts. The set keeps a copy of them.",
    )
    st.text(f"Changed: {', '.join(names)}")
    return str(own_folder()) if own else None


def _stages() -> dict[str, Any]:
    with st.expander("A different generator for a stage"):
        return {
            stage: writer(f"{P}{stage} ", stage.capitalize(), others=(SAME,)) for stage in STAGES
        }


def _prices() -> dict[str, Any]:
    with st.expander("Prices and budget"):
        a, b, c = st.columns(3)
        given = a.number_input("A million tokens sent", 0.0, None, 0.0, key=f"{P}input price")
        made = b.number_input("A million tokens written", 0.0, None, 0.0, key=f"{P}output price")
        budget = c.number_input(
            "Budget",
            0.0,
            None,
            None,
            key=f"{P}budget",
            placeholder="no limit",
            help="Stops once this much is spent; a larger budget resumes it.",
        )
        st.text("Any currency; no prices are built in.")
    return {"input": given, "output": made, **({"budget": budget} if budget is not None else {})}


def _more() -> dict[str, Any]:
    with st.expander("Quality gates and more settings"):
        gates = st.multiselect(
            "Gates: what refuses a new instruction",
            list(GATES),
            list(GATES.shipped()),
            key=f"{P}gates",
            help="What is rejected is kept with its reason, and its last good version goes on.",
        )
        a, b, c, d = st.columns(4)
        first = SeqInstructConfig(sources=("x",))
        return {
            "gates": gates,
            "attempts": a.number_input(
                "Attempts of a stage", 1, 20, first.attempts, key=f"{P}attempts"
            ),
            "shots": b.number_input("Examples in a prompt", 0, 20, first.shots, key=f"{P}shots"),
            "max_words": c.number_input(
                "Words of an instruction, at most", 1, 100_000, first.max_words, key=f"{P}words"
            ),
            "max_response_words": d.number_input(
                "Words of an answer, at most",
                1,
                100_000,
                first.max_response_words,
                key=f"{P}response words",
            ),
            "duplicate_similarity": a.number_input(
                "Alike from this share of words on",
                0.01,
                1.0,
                first.duplicate_similarity,
                key=f"{P}similarity",
            ),
            "answers": b.selectbox(
                "New instructions are answered",
                list(ANSWERS),
                key=f"{P}answers",
                format_func=ANSWERS.get,
            ),
            "failed": c.selectbox(
                "Refused and failed ones, in the training file,",
                list(FAILED),
                key=f"{P}failed",
                format_func=FAILED.get,
            ),
            "bad_rows": d.selectbox("Rows that can't be read", ["refuse", "skip"], key=f"{P}bad"),
            "answer_held": st.checkbox(
                "The writer answers held instructions too, instead of the data's own output",
                key=f"{P}answer held",
            ),
        }


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

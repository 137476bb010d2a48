"""The form for a new set: examples, writers, prices, gates → its configuration."""

from typing import Any

import streamlit as st

from pages.seq_instruct.writer import SAME, writer
from pages.shared.examples_from import examples_from
from pages.shared.message import message
from sit_core.config.parse import from_plain
from sit_core.errors import SitError
from sit_core.seq_instruct import GATES, STAGES, SeqInstructConfig
from sit_core.seq_instruct.config import MOST_ITERATIONS
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
        st.text("Name the model that writes.")
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
    with st.expander("Another writer for a stage"):
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
            help="Once so much is spent nothing more is asked for; with a larger one it goes on.",
        )
        st.text("In any currency; the program knows no prices.")
    return {"input": given, "output": made, **({"budget": budget} if budget is not None else {})}


def _more() -> dict[str, Any]:
    with st.expander("Quality gates and more settings"):
        gates = st.multiselect(
            "Gates: what refuses a new instruction",
            list(GATES),
            list(GATES),
            key=f"{P}gates",
            help="What is refused is kept with its reason, and goes on as it was before.",
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

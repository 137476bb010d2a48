"""The texts that writers are told: shown, changed (in a copy of one's own), reset, tried on one."""

import streamlit as st

from pages.seq_instruct.try_one import try_on_one
from pages.shared.heading import heading
from pages.shared.message import errors_shown, message
from sit_core.seq_instruct.prompts import NEEDED
from sit_core.seq_instruct.user_prompts import (
    changed,
    keep_texts,
    own_folder,
    own_texts,
    reset_texts,
    shipped_texts,
)

K = "prompts "
SAID = f"{K}said"
WHAT = {
    "classify": "which change suits an instruction: A, B, C or D",
    "decompose": "A: two tasks that together are the one",
    "prefix": "B: a task before it",
    "suffix": "C: a task after it",
    "refine": "does the new instruction keep all that is needed?",
    "respond": "the answer to the new instruction",
}


def show_prompts() -> None:
    """Draw the editor of one prompt, and below it what it does to one instruction."""
    heading("Prompts of Seq-Instruct")
    if SAID in st.session_state:
        message("done", st.session_state.pop(SAID))
    mine = set(changed())
    name = st.radio(
        "Prompt",
        list(NEEDED),
        key=f"{K}name",
        format_func=lambda one: one + (" *" if {one, f"examples/{one}"} & mine else ""),
        horizontal=True,
    )
    texts, shipped = own_texts(), shipped_texts()
    st.text(f"{name}: {WHAT[name]}")
    edited = _editor(name, texts)
    _buttons(name, edited, texts, shipped)
    try_on_one(name, {**texts, **edited})


def _editor(name: str, texts: dict[str, str]) -> dict[str, str]:
    """The texts as they stand in the boxes."""
    examples = f"examples/{name}"
    found = {}
    left, right = st.columns([3, 2] if examples in texts else [1, 0.001], gap="medium")
    with left:
        found[name] = st.text_area(
            f"{name}.txt",
            texts[name],
            key=f"{K}text {name} {st.session_state.get(f'{K}reset', 0)}",
            height=380,
            help="In it "
            + ", ".join(f"{{{place}}}" for place in sorted(NEEDED[name]))
            + " are filled in. Its first line is its version, which is not sent.",
        )
    if examples in texts:
        with right:
            found[examples] = st.text_area(
                f"{examples}.txt",
                texts[examples],
                key=f"{K}text {examples} {st.session_state.get(f'{K}reset', 0)}",
                height=380,
                help="Examples, divided by lines of ---; some are drawn and shuffled for each "
                "call.",
            )
    return found


def _buttons(
    name: str, edited: dict[str, str], texts: dict[str, str], shipped: dict[str, str]
) -> None:
    unsaved = [one for one, text in edited.items() if text.strip() != texts[one].strip()]
    own = [one for one in edited if texts[one].strip() != shipped[one].strip()]
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Keep the changes", key=f"{K}keep", type="primary", disabled=not unsaved):
            with errors_shown():
                keep_texts({one: edited[one] for one in unsaved})
                _done("Kept. New sets may use it; sets that there are stay as they are.")
        if st.button(
            "Back to the program's", key=f"{K}reset button", disabled=not (own or unsaved)
        ):
            with errors_shown():
                reset_texts(list(edited))
                _done(f"The prompt {name} is the program's again.")
        if unsaved:
            st.text("Not kept yet; a try uses the boxes as they stand.")
        elif own:
            st.text(f"Changed, in {own_folder()}.")
        else:
            st.text("As the program has it.")


def _done(words: str) -> None:
    st.session_state[SAID] = words
    st.session_state[f"{K}reset"] = st.session_state.get(f"{K}reset", 0) + 1
    st.rerun()

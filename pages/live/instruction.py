"""The instruction as text and as a chain of steps, two views of one thing; and the input."""

from collections.abc import Callable

import streamlit as st

from pages.live.state import P
from sit_core.live.instruction_builder import (
    LANGUAGES,
    Links,
    links_of,
    moved,
    offered,
    takes_language,
    with_task,
    without,
)
from sit_core.live.sample_inputs import item, item_sets
from sit_core.records import Unparsed
from sit_core.sources import templates
from sit_core.tasks import TASKS

_TEXT, _INPUT = f"{P}instruction", f"{P}input"
_SHOWN = 60
_CHIPS = """<style>
[class*="st-key-live-step-"] { padding: 0 .6rem; min-height: 0; }
[class*="st-key-live-step-"] [data-testid="stText"] { font-size: .9rem; }
</style>"""
_HELP = {"earlier": "earlier", "later": "later", "out": "take it out"}


def instruction() -> None:
    """Draw wordings, text and builder."""
    st.text_area(
        "Instruction",
        key=_TEXT,
        height=80,
        placeholder="First repeat the input, then answer the question.",
        persist_state="session",
    )
    links = links_of(st.session_state.get(_TEXT) or "")
    if isinstance(links, Unparsed):
        _by_hand(links.reason)
    else:
        _chain(links)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for task in offered():
            st.button(
                task.capitalize(),
                key=f"{P}add {task}",
                icon=":material/add:",
                on_click=_add,
                args=(task,),
                type="tertiary",
            )
        st.selectbox(
            "Language",
            LANGUAGES,
            key=f"{P}language",
            width=115,
            label_visibility="collapsed",
            help="Into which the next step “translate” is to translate.",
            persist_state="session",
        )
        known = {name: t.text for name, t in templates().items() if not t.takes_instruction}
        st.selectbox(
            "Wordings",
            list(known),
            index=None,
            key=f"{P}wording",
            placeholder="or a wording",
            label_visibility="collapsed",
            width=140,
            on_change=_take,
            args=(known,),
        )


def _chain(links: Links) -> None:
    """The steps that the text asks for, each with ways to move it and take it out."""
    st.session_state[f"{P}steps"] = ""  # what was named by hand gives way to what the text says
    st.html(_CHIPS)
    row = st.container(horizontal=True, gap="xsmall")
    for place, link in enumerate(links):
        words = link.clause if len(link.clause) <= _SHOWN else link.clause[: _SHOWN - 1] + "…"
        chip = row.container(
            border=True,
            horizontal=True,
            vertical_alignment="center",
            width="content",
            gap="xsmall",
            key=f"live-step-{place}",
        )
        with chip:
            st.text(f"{link.letter}  {words}", width="content")
            if place:
                _small("earlier", place, "←", lambda t, i: moved(t, i, -1))
            if place < len(links) - 1:
                _small("later", place, "→", lambda t, i: moved(t, i, 1))
            _small("out", place, "✕", without)


def _small(what: str, place: int, sign: str, change: Callable[[str, int], str]) -> None:
    def changed() -> None:
        st.session_state[_TEXT] = change(st.session_state[_TEXT], place)

    st.button(
        sign,
        key=f"{P}{what} {place}",
        on_click=changed,
        type="tertiary",
        help=f"Step {place + 1}: {_HELP[what]}",
    )


def _by_hand(reason: str) -> None:
    """No steps are recognised: they may be named."""
    if st.session_state.get(_TEXT):
        st.text(f"No steps recognised: {reason}.")
    st.text_input(
        "Steps to look for",
        key=f"{P}steps",
        placeholder=f"none; or names: {', '.join(list(TASKS)[:3])}",
        persist_state="session",
    )


def _add(task: str) -> None:
    text, language = st.session_state.get(_TEXT) or "", st.session_state.get(f"{P}language")
    spoken = language if takes_language(task) and language else "English"
    st.session_state[_TEXT] = with_task(text, task, spoken)


def _take(known: dict[str, str]) -> None:
    chosen = st.session_state.get(f"{P}wording")
    if chosen:
        st.session_state[_TEXT] = known[chosen]
        st.session_state[f"{P}wording"] = None


def given() -> None:
    """Draw the input and what it can be taken from."""
    st.text_area(
        "Input",
        key=_INPUT,
        height=170,
        placeholder="The text that the instruction is about",
        persist_state="session",
    )
    sets = item_sets()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            "Example inputs",
            list(sets),
            key=f"{P}set",
            label_visibility="collapsed",
            width=260,
            persist_state="session",
        )
        st.button(
            "Another input",
            key=f"{P}another",
            icon=":material/casino:",
            type="tertiary",
            on_click=_another,
            args=(chosen,),
        )


def _another(chosen: str) -> None:
    number = st.session_state.get(f"{P}number", 0)
    st.session_state[_INPUT] = item(item_sets()[chosen], number)
    st.session_state[f"{P}number"] = number + 1

"""The instruction as text and as a chain of steps, two views of one thing; the input; examples."""

from collections.abc import Callable

import streamlit as st

from pages.live.state import P
from pages.live.step_marks import step_chips
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
from sit_core.live.sample_inputs import LiveExample, item, item_sets, live_examples
from sit_core.records import Step, Unparsed
from sit_core.sources import templates
from sit_core.tasks import TASKS

_TEXT, _INPUT, _EXAMPLE = f"{P}instruction", f"{P}input", f"{P}examples"
_HEIGHT = 74
_SHOWN = 60
_HELP = {"earlier": "earlier", "later": "later", "out": "take it out"}


def examples() -> None:
    """Draw what can be asked with one click; the one whose texts stand below is marked."""
    known = {one.name: one for one in live_examples()}
    here = (st.session_state.get(_TEXT), st.session_state.get(_INPUT))
    st.session_state[_EXAMPLE] = next(
        (name for name, one in known.items() if (one.instruction, one.input) == here), None
    )
    st.pills(
        "Examples",
        list(known),
        key=_EXAMPLE,
        label_visibility="collapsed",
        on_change=_take_example,
        args=(known,),
    )


def _take_example(known: dict[str, LiveExample]) -> None:
    chosen = known.get(st.session_state.get(_EXAMPLE) or "")
    if chosen is not None:
        take_example(chosen)


def take_example(chosen: LiveExample) -> None:
    """Let the widgets say its texts; in a callback."""
    st.session_state[_TEXT], st.session_state[_INPUT] = chosen.instruction, chosen.input
    st.session_state[f"{P}steps"] = ""


def example_beside(by: int) -> LiveExample:
    """The example so many places after the one that is asked now; round and round."""
    known = live_examples()
    here = (st.session_state.get(_TEXT), st.session_state.get(_INPUT))
    places = [i for i, one in enumerate(known) if (one.instruction, one.input) == here]
    start = places[0] if places else (-1 if by > 0 else 0)
    return known[(start + by) % len(known)]


def another_input() -> None:
    """Draw the button that takes the next item of the chosen set."""
    if not item_sets():
        return
    st.button(
        "Another input",
        key=f"{P}another",
        icon=":material/casino:",
        type="tertiary",
        on_click=_another,
    )


def input_set() -> None:
    """Draw the choice of the set that `another_input` takes from."""
    sets = list(item_sets())
    if sets:
        st.selectbox("“Another input” is of", sets, key=f"{P}set", persist_state="session")


def _another() -> None:
    sets = item_sets()
    chosen = st.session_state.get(f"{P}set")
    number = st.session_state.get(f"{P}number", 0)
    st.session_state[_INPUT] = item(sets.get(chosen) or next(iter(sets.values())), number)
    st.session_state[f"{P}number"] = number + 1


def texts() -> None:
    """Draw the two texts that are asked, side by side."""
    left, right = st.columns(2, gap="small")
    left.text_area(
        "Instruction",
        key=_TEXT,
        height=_HEIGHT,
        label_visibility="collapsed",
        placeholder="Instruction: First repeat the input, then answer the question.",
        persist_state="session",
    )
    right.text_area(
        "Input",
        key=_INPUT,
        height=_HEIGHT,
        label_visibility="collapsed",
        placeholder="Input: the text that the instruction is about",
        persist_state="session",
    )


def chips() -> None:
    """Draw the steps that the text asks for, or why none are recognised."""
    text = st.session_state.get(_TEXT) or ""
    links = links_of(text)
    if isinstance(links, Unparsed):
        if text:
            st.text(f"No steps recognised: {links.reason}.", width="content")
        return
    st.session_state[f"{P}steps"] = ""  # what was named by hand gives way to what the text says
    st.html(
        step_chips([(Step(link.task, link.letter), link.clause) for link in links]), width="content"
    )


def builder() -> None:
    """Draw what changes the chain: order, more tasks, wordings; a popover's content."""
    links = links_of(st.session_state.get(_TEXT) or "")
    if isinstance(links, Unparsed):
        st.text_input(
            "Steps to look for",
            key=f"{P}steps",
            placeholder=f"none; or names: {', '.join(list(TASKS)[:3])}",
            persist_state="session",
        )
    else:
        _chain(links)
    st.text("Add a step")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for task in offered():
            st.button(
                task.capitalize(),
                key=f"{P}add {task}",
                icon=":material/add:",
                on_click=_add,
                args=(task,),
            )
    st.selectbox(
        "Language of a step “translate”", LANGUAGES, key=f"{P}language", persist_state="session"
    )
    known = {name: t.text for name, t in templates().items() if not t.takes_instruction}
    st.selectbox(
        "Wordings",
        list(known),
        index=None,
        key=f"{P}wording",
        placeholder="Insert a template",
        label_visibility="collapsed",
        on_change=_take,
        args=(known,),
    )


def _chain(links: Links) -> None:
    """The steps, each with ways to move it and take it out."""
    for place, link in enumerate(links):
        words = link.clause if len(link.clause) <= _SHOWN else link.clause[: _SHOWN - 1] + "…"
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.text(f"{link.letter}  {words}", width="stretch")
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


def _add(task: str) -> None:
    text, language = st.session_state.get(_TEXT) or "", st.session_state.get(f"{P}language")
    spoken = language if takes_language(task) and language else "English"
    st.session_state[_TEXT] = with_task(text, task, spoken)


def _take(known: dict[str, str]) -> None:
    chosen = st.session_state.get(f"{P}wording")
    if chosen:
        st.session_state[_TEXT] = known[chosen]
        st.session_state[f"{P}wording"] = None

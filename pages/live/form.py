"""What is asked: the widgets, or in large type nothing but the texts; and the row of buttons."""

import streamlit as st

from pages.live.address import link, link_accepted
from pages.live.instruction import given, instruction
from pages.live.models import how_many, model
from pages.live.numbers import numbers
from pages.live.state import DRAFT, LARGE, STREAMS, UNHEARD, P, asked
from pages.shared.embedded_note import embedded_note
from pages.shared.message import message
from pages.shared.plain_text import verbatim
from sit_core.errors import UsageError
from sit_core.live import Ask
from sit_core.live.model_choices import Choice
from sit_core.live.preload import warm


def form(known: list[Choice]) -> tuple[Ask, bool]:
    """Draw it all; returns what is asked and whether Run was pressed.

    Raises:
        UsageError: Run was pressed and it can't be asked; all that is wrong.
    """
    large = bool(st.session_state.get(LARGE))
    if large:
        _texts(st.session_state[DRAFT])
    else:
        left, right = st.columns(2, gap="large")
        with left:
            instruction()
        with right:
            given()
    with st.container(horizontal=True, vertical_alignment="center"):
        run = st.button(
            "Run", type="primary", key=f"{P}run", shortcut="Ctrl+Enter", on_click=link_accepted
        )
        # What runs is ended by any click; this one is for it, and says so.
        st.button("Stop", key=f"{P}end", shortcut="Escape", on_click=_stop)
        if not large:
            with st.popover("Settings", icon=":material/tune:"):
                numbers()
            n = how_many()
        link_place = st.empty()
        st.toggle("Large type", key=LARGE, persist_state="session")
    if large:
        ask, problems = st.session_state[DRAFT], []
    else:
        for place, box in enumerate(st.columns(n)):
            with box:
                model(place, known)
        ask, problems = asked(known)
        st.session_state[DRAFT] = ask
    with link_place:
        link(ask)
    _about_embedded(ask, known)
    if run:
        try:
            ask.check()
        except UsageError as error:
            problems.append(str(error))
        if problems:
            raise UsageError(" ".join(dict.fromkeys(problems)))
    return ask, run


def _stop() -> None:
    st.session_state.pop(UNHEARD, None)
    if STREAMS in st.session_state:
        st.session_state[STREAMS].stop()


def _texts(ask: Ask) -> None:
    """What is asked, for people who look on from afar."""
    verbatim(ask.instruction, key="large instruction", label="Instruction", size="1.6rem")
    if ask.input:
        verbatim(ask.input, key="large input", label="Input", size="1.3rem", height="16rem")


def _about_embedded(ask: Ask, known: list[Choice]) -> None:
    """Say what the embedded model is, and make it ready meanwhile."""
    for choice in known:
        if choice.embedded and choice.spec in ask.models:
            warm(choice.spec)
    if not embedded_note(spec.model for spec in ask.models) and not any(
        choice.embedded for choice in known
    ):
        message("info", "The embedded model is not here. Name a model by hub id or folder.")

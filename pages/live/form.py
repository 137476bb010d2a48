"""What is asked: the widgets, or in large type nothing but the texts; and the row of buttons.

How outputs are made: length, sampling, seed.

Which models are asked: one to three, each from what lies at hand or named by the user.
"""

import streamlit as st

from pages.live.address import link, link_accepted
from pages.live.instruction import given, instruction
from pages.live.state import DRAFT, ENDPOINT, HUB, LARGE, STREAMS, UNHEARD, P, asked
from pages.shared.embedded_note import embedded_note
from pages.shared.message import message
from pages.shared.plain_text import verbatim
from sit_core.errors import UsageError
from sit_core.live import LiveRequest
from sit_core.live.model_choices import NamedModel
from sit_core.live.preload import warm
from sit_core.live.request import MOST_MODELS, MOST_TOKENS
from sit_core.prompts import FORMATS


def form(known: list[NamedModel]) -> tuple[LiveRequest, bool]:
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


def _texts(ask: LiveRequest) -> None:
    """What is asked, for people who look on from afar."""
    verbatim(ask.instruction, key="large instruction", label="Instruction", size="1.6rem")
    if ask.input:
        verbatim(ask.input, key="large input", label="Input", size="1.3rem", height="16rem")


def _about_embedded(ask: LiveRequest, known: list[NamedModel]) -> None:
    """Say what the embedded model is, and make it ready meanwhile."""
    for choice in known:
        if choice.embedded and choice.spec in ask.models:
            warm(choice.spec)
    if not embedded_note(spec.model for spec in ask.models) and not any(
        choice.embedded for choice in known
    ):
        message("info", "The embedded model is not here. Name a model by hub id or folder.")


def numbers() -> None:
    """Draw the fields."""
    keep = {"persist_state": "session"}
    st.number_input("New tokens at most", 1, MOST_TOKENS, key=f"{P}max_new_tokens", **keep)
    st.number_input(
        "Temperature (0: the likeliest token each time)",
        0.0,
        5.0,
        step=0.1,
        key=f"{P}temperature",
        **keep,
    )
    st.number_input("Seed", 0, 2**53 - 1, key=f"{P}seed", **keep)
    st.number_input("Top p", 0.01, 1.0, step=0.05, key=f"{P}top_p", **keep)
    st.number_input("Top k (0: no limit)", 0, 1_000_000, key=f"{P}top_k", **keep)
    st.text_area("Stop before (one text per line)", key=f"{P}stop", height=68, **keep)


def how_many() -> int:
    """Draw the choice of how many models stand side by side.

    No segmented control: Ctrl+Enter is not heard while one of its options has the focus.
    """
    said = st.selectbox(
        "Models side by side",
        list(range(1, MOST_MODELS + 1)),
        key=f"{P}models",
        format_func=lambda n: f"{n} model{'s' * (n > 1)}",
        label_visibility="collapsed",
        width=130,
        persist_state="session",
    )
    return int(said or 1)


def model(place: int, known: list[NamedModel]) -> None:
    """Draw the fields of one model."""
    at = f"{P}{place} "
    kind = st.selectbox(
        f"Model {place + 1}",
        [*(choice.name for choice in known), HUB, ENDPOINT],
        key=f"{at}kind",
        persist_state="session",
    )
    if kind == HUB:
        _text("Hub id or folder", f"{at}model", "organisation/model")
        _text("Adapter (PEFT)", f"{at}adapter", "none: a folder or hub id")
        _format(at)
    elif kind == ENDPOINT:
        _text("Address", f"{at}url", "http://localhost:8000/v1")
        _text("Model, as the endpoint calls it", f"{at}served", "")
        _text(
            "Variable that holds the key",
            f"{at}variable",
            "none, or OPENAI_API_KEY",
            "Its name, never the key: that comes from the environment or the app's secrets. It is "
            "not part of links.",
        )
        _format(at)


def _text(label: str, key: str, placeholder: str, help_text: str | None = None) -> None:
    st.text_input(label, key=key, placeholder=placeholder, help=help_text, persist_state="session")


def _format(at: str) -> None:
    st.selectbox("Prompt format", ["auto", *FORMATS], key=f"{at}format", persist_state="session")

"""The outputs side by side, drawn again and again while they grow.

Leaving the loop by whatever way (all have ended, a click elsewhere, a closed tab) stops the
models: Streamlit ends the script where it next draws, and it draws several times a second.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.live.address import note_address
from pages.live.state import ASKED, LARGE, STREAMS, UNHEARD
from pages.live.step_marks import STYLE, column
from pages.shared.message import message
from sit_core.errors import UsageError
from sit_core.live import LiveRequest, Streams, StreamState
from sit_core.live.model_choices import NamedModel, name_of
from sit_core.live.step_marks import StepReading, read_output

_PACE = 0.05
"""Seconds between two drawings at least."""
_QUIET = 0.25
"""Seconds after which is drawn although nothing has come."""
_SHORT = 160
_CHARACTERS = 400_000
"""As many characters may be drawn a second: longer outputs are drawn less often."""


def outputs(ask: LiveRequest, known: list[NamedModel], run: bool) -> None:
    """Draw what ran last; when Run was pressed, start anew and follow it to its end."""
    state = st.session_state
    run = run or _overtaken(ask)
    if run:
        if STREAMS in state:
            state[STREAMS].stop()
        for spec in ask.models:
            if spec.key_env:
                st.secrets.load_if_toml_exists()  # puts them where keys are looked for
        state[STREAMS] = Streams(ask.example(), ask.models, ask.settings)
        state[ASKED] = ask
        note_address(ask)
    if STREAMS not in state:
        message("info", "Press Run, or Ctrl+Enter: the models write side by side, down here.")
        return
    was = state[ASKED]
    if was != ask:
        message("info", f"What is below was asked before: {_in_short(was)}")
    drawn = OutputColumns(
        state[STREAMS], [name_of(spec, known) for spec in was.models], bool(state.get(LARGE))
    )
    drawn.place()
    drawn.draw()
    if run:
        state[UNHEARD] = True
        drawn.follow()
        del state[UNHEARD]


def _overtaken(ask: LiveRequest) -> bool:
    """Whether a press was overtaken by the text that was typed just before it.

    Ctrl+Enter in a text field runs *and* says that the text has changed. Where the browser says it
    in this order, and late enough, the press began with the old text and was ended by the new one
    before any model wrote a word. It was meant for the new one.
    """
    state = st.session_state
    if not state.pop(UNHEARD, False) or any(shown.text for shown in state[STREAMS].snapshot()):
        return False
    try:
        ask.check()
    except UsageError:
        return False
    was = state[ASKED]
    return was != ask and replace(was, instruction=ask.instruction, input=ask.input) == ask


def _in_short(ask: LiveRequest) -> str:
    text = " ".join(f"{ask.instruction} · {ask.input}".split())
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"


class OutputColumns:
    """The columns of one ask."""

    def __init__(self, streams: Streams, names: Sequence[str], large: bool) -> None:
        self._streams = streams
        self._names = names
        self._large = large
        self._read: dict[int, tuple[str, StepReading]] = {}
        self._places: list[DeltaGenerator] = []

    def place(self) -> None:
        """Take the room on the page."""
        st.html(STYLE)
        self._places = [place.empty() for place in st.columns(len(self._names))]

    def draw(self) -> None:
        """Draw everything as it is now."""
        now = self._streams.elapsed
        for i, shown in enumerate(self._streams.snapshot()):
            html = column(
                shown,
                self._names[i],
                self._streams.example.steps,
                self._reading(i, shown),
                now,
                large=self._large,
                number=self._streams.number,
            )
            self._places[i].html(html)

    def follow(self) -> None:
        """Draw until all have ended; whatever ends it ends the models."""
        try:
            while self._streams.running:
                self._streams.wait(_QUIET)
                began = time.monotonic()
                self.draw()
                size = sum(len(shown.text) for shown in self._streams.snapshot())
                took = time.monotonic() - began
                time.sleep(max(_PACE - took, took, size / _CHARACTERS))
        finally:
            self._streams.stop()
        self.draw()

    def _reading(self, i: int, shown: StreamState) -> StepReading:
        known = self._read.get(i)
        if known is None or known[0] != shown.text:
            known = self._read[i] = (shown.text, read_output(shown.text, self._streams.example))
        return known[1]

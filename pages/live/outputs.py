"""The outputs side by side, drawn again and again while they grow.

Leaving the loop by whatever way (all have ended, a click elsewhere, a closed tab) stops the
models: Streamlit ends the script where it next draws, and it draws several times a second.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.live.address import note_address
from pages.live.state import ASKED, STREAMS, UNHEARD, presenting
from pages.live.step_marks import column
from pages.shared.message import message
from sit_core.errors import UsageError
from sit_core.live import LiveRequest, Streams, StreamState
from sit_core.live.micro_world import known_answer
from sit_core.live.model_choices import NamedModel, name_of
from sit_core.live.replay import Replay
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
        note_address(ask, known)
    if STREAMS not in state:
        names = ", ".join(name_of(spec, known) for spec in ask.models)
        message("info", f"Press Run: {names or 'the models'} will write here.")
        return
    was = state[ASKED]
    if was != ask:
        message("info", f"What is below was asked before: {_in_short(was)}")
    heads = {choice.spec for choice in known}
    same_places = was.models == ask.models and not presenting()
    drawn = OutputColumns(
        state[STREAMS],
        [
            ColumnHead(name_of(spec, known), named=not (same_places and spec in heads))
            for spec in was.models
        ],
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


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """What stands above one output."""

    name: str
    named: bool = True
    """Whether it is to be seen; not where the choice of the model stands right above."""
    replayed: str | None = None
    """Of a stored output: from which run and when."""


class OutputColumns:
    """The columns of one ask, or of stored outputs that are replayed."""

    def __init__(
        self, streams: Streams | Replay, heads: Sequence[ColumnHead], columns: int | None = None
    ) -> None:
        self._streams = streams
        self._heads = heads
        self._columns = columns or len(heads)
        example = streams.example
        if example.reference is None:
            answer = known_answer(example.input or example.instruction)
            example = replace(example, reference=answer)
        self._example = example
        self._read: dict[int, tuple[str, StepReading]] = {}
        self._places: list[DeltaGenerator] = []

    def place(self) -> None:
        """Take the places on the page."""
        self._places = [place.empty() for place in st.columns(self._columns, gap="small")]

    def draw(self) -> None:
        """Draw everything as it is now."""
        now = self._streams.elapsed
        for i, shown in enumerate(self._streams.snapshot()):
            html = column(
                shown,
                self._heads[i].name,
                self._example.steps,
                self._reading(i, shown),
                now,
                named=self._heads[i].named,
                number=self._streams.number,
                replayed=self._heads[i].replayed,
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
            known = self._read[i] = (shown.text, read_output(shown.text, self._example))
        return known[1]

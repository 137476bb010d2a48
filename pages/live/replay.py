"""Stored outputs played as if they were streamed: which ones, how fast, and what is drawn of them.

The address says what is replayed (``replay``: ids of outputs, ``pace``), so a link opens it.
Nothing of it needs a model, and everything on the screen says that it is a replay.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages.live.form import stop
from pages.live.outputs import ColumnHead, OutputColumns
from pages.live.state import PRESENT, REPLAY, P, present, presenting
from pages.live.step_marks import outside_notice, step_chips
from pages.shared import paths
from pages.shared.plain_text import verbatim
from pages.shared.times import when
from sit_core.embedded.shipped import is_embedded
from sit_core.live import LiveRequest
from sit_core.live.instruction_builder import links_of
from sit_core.live.micro_world import words_outside
from sit_core.live.replay import (
    PACE,
    PACES,
    Replay,
    ReplayRequest,
    replay_asked,
    replay_params,
)
from sit_core.live.request import MOST_MODELS
from sit_core.records import Step, Unparsed
from sit_core.store import Store
from sit_core.store.browse import run_names
from sit_core.store.stored_outputs import (
    StoredOutput,
    output_number,
    place_in_run,
    same_question,
    stored_outputs,
)

_STARTED = "live replay started"
"""The ids that were started last: other ones start by themselves."""
_BESIDE = "Another run beside it"


def replay_button(store: Store) -> None:
    """Draw the way into a replay; nothing where no run is stored."""
    if run_names(store):
        st.button(
            "Replay",
            key=f"{P}replay",
            icon=":material/history:",
            type="tertiary",
            help="Play stored outputs as if they were streamed; no model is needed",
            on_click=_begin,
            args=(store,),
        )


def _begin(store: Store) -> None:
    """Open the newest run that has outputs, with two others for the same question beside it."""
    first = next(filter(None, (output_number(store, run, 0) for run in run_names(store))), None)
    if first is not None:
        (found,) = stored_outputs(store, [first])
        others = [output for run, output in same_question(store, found) if run != found.run]
        _open((first, *others[: MOST_MODELS - 1]), PACE)


def _open(outputs: Sequence[str], pace: str) -> None:
    """Write into the address what is to be replayed."""
    params: dict[str, Any] = replay_params(ReplayRequest(tuple(outputs), pace))
    st.query_params.from_dict(params | ({PRESENT: ["1"]} if presenting() else {}))


def _leave() -> None:
    stop()
    st.session_state.pop(_STARTED, None)
    st.query_params.from_dict({PRESENT: ["1"]} if presenting() else {})


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the address asks for, looked up."""

    store: Store
    asked: ReplayRequest
    outputs: tuple[StoredOutput, ...]
    place: int
    """Of the first output in its run, from 0."""
    total: int
    """Outputs of that run."""

    @property
    def main(self) -> StoredOutput:
        """The output that decides which question is shown."""
        return self.outputs[0]


def replay_page(store: Store) -> None:
    """Draw a replay.

    Raises:
        SitError: what the address names is not there, or can't be shown side by side.
    """
    large = presenting()
    head = st.container(horizontal=True, vertical_alignment="center", gap="small")
    if not large:
        head.button(
            "Ask models", key=f"{P}leave replay", icon=":material/arrow_back:", on_click=_leave
        )
    asked = replay_asked({name: st.query_params.get_all(name) for name in st.query_params})
    outputs = tuple(stored_outputs(store, asked.outputs))
    shown = _Shown(store, asked, outputs, *place_in_run(store, outputs[0]))
    if not large:
        with head:
            _chooser(shown)
    with st.container(key="live-large-asked" if large else "replay-asked"):
        _asked(shown.main)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        play = _buttons(shown)
    _outside(outputs)
    columns = len(outputs) if large else _heads(shown)
    replay: Replay | None = st.session_state.get(REPLAY)
    start = play or replay is None or st.session_state.get(_STARTED) != asked.outputs
    if replay is None or start:
        stop()
        replay = st.session_state[REPLAY] = Replay(outputs, asked.pace)
        st.session_state[_STARTED] = asked.outputs
    with st.container(key="live-large" if large else "live-outputs"):
        drawn = OutputColumns(replay, [_head(output) for output in outputs], columns)
        drawn.place()
        drawn.draw()
    _below(shown)
    if start:
        drawn.follow()


def _buttons(shown: _Shown) -> bool:
    """The row below the texts; whether Play was pressed."""
    large = presenting()
    play = st.button(
        "Play",
        type="primary",
        key=f"{P}play",
        icon=":material/play_arrow:",
        shortcut="Space" if large else "Ctrl+Enter",
    )
    if not large:
        st.button("Stop", key=f"{P}end", shortcut="Escape", on_click=stop)
    chips = _chips(shown.main)
    if chips:
        st.html(chips, width="content")
    st.space("stretch")
    if large:
        _turn(shown)
    else:
        _link(shown.asked)
    st.button(
        "Leave" if large else "Present",
        key=f"{P}leave" if large else f"{P}present",
        icon=":material/close_fullscreen:" if large else ":material/open_in_full:",
        shortcut="Escape" if large else None,
        help=None if large else "Large type, keys only; Esc leaves it",
        type="tertiary" if large else "secondary",
        on_click=present,
        args=(not large,),
    )
    return play


def _chooser(shown: _Shown) -> None:
    """Which output of the run, and how fast."""
    _turn(shown)
    st.session_state[f"{P}replay number"] = shown.place + 1

    def to_number() -> None:
        _go_to(shown, int(st.session_state[f"{P}replay number"]) - 1)

    st.number_input(
        "Output of the run",
        1,
        max(1, shown.total),
        key=f"{P}replay number",
        label_visibility="collapsed",
        width=130,
        on_change=to_number,
    )
    st.text(f"of {shown.total:,}", width="content")
    st.space("stretch")
    st.session_state[f"{P}replay pace"] = shown.asked.pace

    def to_pace() -> None:
        st.session_state.pop(_STARTED, None)
        _open(shown.asked.outputs, st.session_state[f"{P}replay pace"])

    st.selectbox(
        "Pace",
        list(PACES),
        key=f"{P}replay pace",
        label_visibility="collapsed",
        format_func=_pace_named,
        width=230,
        on_change=to_pace,
    )


def _pace_named(pace: str) -> str:
    words = PACES[pace]
    return "All at once" if words is None else f"{pace.capitalize()}: {words:.0f} words a second"


def _turn(shown: _Shown) -> None:
    large = presenting()
    for label, by, icon, key in (
        ("Previous", -1, "chevron_left", "Left"),
        ("Next", 1, "chevron_right", "Right"),
    ):
        st.button(
            label,
            key=f"{P}replay {label}",
            icon=f":material/{icon}:",
            type="tertiary",
            shortcut=key if large else None,
            on_click=_go_to,
            args=(shown, (shown.place + by) % max(1, shown.total)),
        )


def _go_to(shown: _Shown, number: int) -> None:
    """Open another output of the first run, with those of the other runs for its question."""
    first = output_number(shown.store, shown.main.run, number)
    if first is None:
        return
    (found,) = stored_outputs(shown.store, [first])
    there = dict(same_question(shown.store, found))
    others = [there[output.run] for output in shown.outputs[1:] if output.run in there]
    _open((first, *others), shown.asked.pace)


def _heads(shown: _Shown) -> int:
    """Above each column the choice of its run; how many columns there are."""
    there = dict(same_question(shown.store, shown.main))
    all_runs = run_names(shown.store)
    runs = [output.run for output in shown.outputs]
    rest = [run for run in there if run not in runs]
    places = len(runs) + (len(runs) < MOST_MODELS and bool(rest))
    for place, box in enumerate(st.columns(places, gap="small")):
        key = f"{P}replay run {place}"
        options = all_runs if place == 0 else [run for run in there if run not in runs[:place]]
        st.session_state[key] = runs[place] if place < len(runs) else None

        def to_run(place: int = place, key: str = key) -> None:
            _choose(shown, place, st.session_state[key])

        with box:
            st.selectbox(
                f"Run {place + 1}",
                options,
                index=None if place else 0,
                key=key,
                placeholder=_BESIDE,
                label_visibility="collapsed",
                on_change=to_run,
            )
    return places


def _choose(shown: _Shown, place: int, run: str | None) -> None:
    """Another run in one column; the first one decides which question is shown."""
    there = dict(same_question(shown.store, shown.main))
    ids = list(shown.asked.outputs)
    if place > 0:
        ids[place : place + 1] = [there[run]] if run in there else []
    elif run in there:
        ids[0] = there[run]
    elif run is not None and (first := output_number(shown.store, run, 0)):
        ids = [first]
    _open(tuple(dict.fromkeys(ids)), shown.asked.pace)


def _asked(main: StoredOutput) -> None:
    """The stored question, as it is."""
    large = presenting()
    size, height = ("1.3rem", "22vh") if large else ("1rem", "74px")
    texts = [("instruction", main.example.instruction), ("input", main.example.input)]
    boxes = st.columns(2, gap="small")
    for box, (name, text) in zip(boxes, texts, strict=True):
        with box:
            verbatim(text, key=f"replayed {name}", empty="(no input)", height=height, size=size)


def _chips(main: StoredOutput) -> str:
    """The steps as the store has them, with the instruction's words where they fit."""
    steps = main.example.steps
    links = links_of(main.example.instruction)
    words = [] if isinstance(links, Unparsed) else [link.clause for link in links]
    fits = len(words) == len(steps)
    found: list[tuple[Step, str]] = [
        (step, words[i] if fits else step.task) for i, step in enumerate(steps)
    ]
    return step_chips(found) if found else ""


def _outside(outputs: Sequence[StoredOutput]) -> None:
    if any(is_embedded(output.model) for output in outputs):
        asked = outputs[0].example
        words = words_outside(LiveRequest(asked.instruction, asked.input))
        if words:
            st.html(outside_notice(words))


def _head(output: StoredOutput) -> ColumnHead:
    at = when(output.stored_at)
    how = "written" if output.made_here else "in the store since"
    return ColumnHead(output.run, replayed=f"{how} {at}")


def _below(shown: _Shown) -> None:
    st.caption(
        "A replay: the texts are as they are stored, no model runs, and the pace is chosen here "
        f"({_pace_named(shown.asked.pace).lower()}). Estimates by rule; people may judge otherwise."
    )
    if not presenting():
        with st.container(horizontal=True, gap="small"):
            for number, output in enumerate(shown.outputs, 1):
                st.page_link(
                    paths.INSPECT_OUTPUTS,
                    label=f"Inspect output {number}",
                    icon=":material/search:",
                    query_params={"sample": output.id},
                )


def _link(asked: ReplayRequest) -> None:
    with st.popover("Link", icon=":material/link:"):
        base = (st.context.url or "/live").split("?")[0].rstrip("/")
        st.text("This address opens the replay and plays it.")
        st.code(
            f"{base}?{urlencode(replay_params(asked), doseq=True)}", language=None, wrap_lines=True
        )
        st.text(f"For an audience, in large type: add &{PRESENT}=1 to it.")

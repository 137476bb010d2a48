"""What is asked and of whom: examples, two texts, a row of buttons, and a model per column.

The row holds Run and Stop, the steps, and in popovers what is needed less often: the builder of a
chain, how outputs are made, the link. A column's head is the choice of its model.
"""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages.live.address import link, link_accepted
from pages.live.instruction import another_input, builder, chips, examples, input_set, texts
from pages.live.state import ENDPOINT, HUB, REPLAY, STREAMS, UNHEARD, P, asked, present
from pages.live.step_marks import outside_notice
from pages.shared.message import message
from sit_core.errors import SitError, UsageError
from sit_core.live import LiveRequest
from sit_core.live.micro_world import words_outside
from sit_core.live.model_choices import NamedModel
from sit_core.live.preload import warm
from sit_core.live.request import MOST_MODELS, MOST_TOKENS
from sit_core.prompts import FORMATS

# Ctrl+Enter is what comes after choosing an example, and pills keep it to themselves while one has
# the focus: it is told to the page instead. Once per browser window.
_KEYS = """<script>
if (!window.liveKeys) {
  window.liveKeys = true
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.ctrlKey || !event.isTrusted) return
    if (!event.target.closest?.("[role=radiogroup], [data-testid=stButtonGroup]")) return
    event.stopImmediatePropagation()
    event.preventDefault()
    const { key, code, ctrlKey } = event
    document.body.dispatchEvent(
      new KeyboardEvent("keydown", { key, code, ctrlKey, bubbles: true, cancelable: true }))
  }, true)
}
</script>"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of the form."""

    ask: LiveRequest
    run: bool
    """Whether Run was pressed."""
    problems: tuple[str, ...] = ()

    def check(self) -> None:
        """See that it can be asked.

        Raises:
            UsageError: all that is wrong.
        """
        problems = list(self.problems)
        try:
            self.ask.check()
        except UsageError as error:
            problems.append(str(error))
        if problems:
            raise UsageError(" ".join(dict.fromkeys(problems)))


def form(known: list[NamedModel], more_ways: Callable[[], None]) -> Asked:
    """Draw it all.

    Args:
        known: the models at hand.
        more_ways: draws, after the examples, what else the page can be used for.

    Raises:
        UsageError: Run was pressed and it can't be asked; all that is wrong.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(key="live-keys", width="content"):
            st.html(_KEYS, unsafe_allow_javascript=True)
        examples()
        st.space("stretch")
        another_input()
        more_ways()
    texts()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        run = run_button()
        # What runs is ended by any click; this one is for it, and says so.
        st.button("Stop", key=f"{P}end", shortcut="Escape", on_click=stop)
        chips()
        with st.popover("Steps", icon=":material/add:"):
            builder()
        st.space("stretch")
        with st.popover("Settings", icon=":material/tune:"):
            numbers()
        link_place = st.empty()
        st.button(
            "Present",
            key=f"{P}present",
            icon=":material/open_in_full:",
            help="Large type, keys only; Esc leaves it",
            on_click=present,
            args=(True,),
        )
    notice = st.empty()
    for place, box in enumerate(st.columns(how_many(), gap="small")):
        with box:
            model(place, known)
    ask, problems = asked(known)
    with link_place:
        link(ask, known)
    with notice.container():
        about_embedded(ask, known)
    found = Asked(ask, run, tuple(problems))
    if run:
        found.check()
    return found


def run_button() -> bool:
    """Draw it; whether it was pressed."""
    return st.button(
        "Run",
        type="primary",
        key=f"{P}run",
        icon=":material/play_arrow:",
        shortcut="Ctrl+Enter",
        on_click=link_accepted,
    )


def stop() -> None:
    """End what runs or plays; for callbacks."""
    st.session_state.pop(UNHEARD, None)
    for name in (STREAMS, REPLAY):
        if name in st.session_state:
            st.session_state[name].stop()


def about_embedded(ask: LiveRequest, known: list[NamedModel]) -> None:
    """Make the embedded model ready, and say which words of the question it can't know."""
    ours = [choice for choice in known if choice.embedded and choice.spec in ask.models]
    for choice in ours:
        warm(choice.spec)
    if ours:
        try:
            words = words_outside(ask)
        except SitError:  # steps named by hand that can't be: Run says so
            words = ()
        if words:
            st.html(outside_notice(words))
    elif not any(choice.embedded for choice in known):
        message("info", "The embedded model is not here. Name a model by hub id or folder.")


def numbers() -> None:
    """Draw the fields of a popover: how many models, and how their outputs are made."""
    keep = {"persist_state": "session"}
    st.selectbox(
        "Models side by side",
        list(range(1, MOST_MODELS + 1)),
        key=f"{P}models",
        format_func=lambda n: f"{n} model{'s' * (n > 1)}",
        persist_state="session",
    )
    input_set()
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
    """How many models stand side by side."""
    return int(st.session_state.get(f"{P}models") or 1)


def model(place: int, known: list[NamedModel]) -> None:
    """Draw the fields of one model."""
    at = f"{P}{place} "
    kind = st.selectbox(
        f"Model {place + 1}",
        [*(choice.name for choice in known), HUB, ENDPOINT],
        key=f"{at}kind",
        label_visibility="collapsed",
        persist_state="session",
    )
    if kind == HUB:
        _text("Hub id or folder", f"{at}model", "Hub id or folder: organisation/model")
        left, right = st.columns([3, 2], gap="small")
        with left:
            _text("Adapter (PEFT)", f"{at}adapter", "Adapter (PEFT): none")
        with right:
            _format(at)
    elif kind == ENDPOINT:
        _text("Address", f"{at}url", "Address: http://localhost:8000/v1")
        _text("Model, as the endpoint calls it", f"{at}served", "Model, as the endpoint calls it")
        left, right = st.columns([3, 2], gap="small")
        with left:
            # Its name, never the key: that comes from the environment or the app's secrets.
            _text("Variable that holds the key", f"{at}variable", "Name of the key's variable")
        with right:
            _format(at)


def _text(label: str, key: str, placeholder: str) -> None:
    st.text_input(
        label,
        key=key,
        placeholder=placeholder,
        label_visibility="collapsed",
        persist_state="session",
    )


def _format(at: str) -> None:
    st.selectbox(
        "Prompt format",
        ["auto", *FORMATS],
        key=f"{at}format",
        format_func=lambda name: f"Format: {name}",
        label_visibility="collapsed",
        persist_state="session",
    )

"""The components of Annotate: study cards and keys before it begins, then the annotator's desk.

The desk lives in the browser because a verdict must show the next sample at once and must survive a
server that is down just then; what is said and replied is `sit_core.annotation`'s business.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared.component import component
from sit_core.annotation.responses import study_json
from sit_core.records import stable_id
from sit_core.store.studies import Study

_HERE = Path(__file__).parent
_SCRIPTS = ("outbox.js", "keys.js", "view.js", "desk.js")

_DESK = st.components.v2.component(
    "annotators_desk",
    html=(_HERE / "desk.html").read_text(encoding="utf-8"),
    css=(_HERE / "desk.css").read_text(encoding="utf-8"),
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
)
_CARDS = component("study_cards", _HERE, ["cards.js"], ["start.css"])
_LEGEND = component("key_legend", _HERE, ["keys.js", "legend.js"], ["start.css"])

# Lies outside the desk's fragment. A server that was started anew knows no fragment until the whole
# page has run once, and the browser does not ask for that by itself: this does, when the desk gets
# no answer.
_REVIVER = st.components.v2.component(
    "desk_reviver",
    html="<span></span>",
    js="""
export default function ({ parentElement, setTriggerValue }) {
  const stop = () => window.removeEventListener("sit-desk-unheard", parentElement.revive)
  stop() // drawn again: one listener, not two
  parentElement.revive = () => setTriggerValue("unheard", Date.now())
  window.addEventListener("sit-desk-unheard", parentElement.revive)
  return stop
}
""",
)

# Closes the guidelines; the desk listens, which opens them without the server.
_CLOSE = st.components.v2.component(
    "guidelines_close",
    html='<button type="button"><kbd>G</kbd> Close</button>',
    css="""
button { float: right; font: inherit; font-size: 0.85rem; color: var(--st-text-color);
  cursor: pointer; background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: var(--st-button-radius); padding: 0.22rem 0.5rem; }
button:hover { border-color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
kbd { font: 600 0.75em var(--st-code-font, monospace); border: 1px solid currentColor;
  border-radius: 3px; padding: 0 0.32em; }
""",
    js="""
export default function ({ parentElement }) {
  const button = parentElement.querySelector("button")
  button.onclick = () => window.dispatchEvent(new Event("sit-desk-guidelines"))
}
""",
)


def reviver() -> None:
    """Have the whole page run again when the desk is not heard; call it outside the fragment."""
    _REVIVER(key="desk reviver", on_unheard_change=_nothing, height=1)


def guidelines_close() -> None:
    """The button that closes the panel of the guidelines."""
    _CLOSE(key="guidelines close")


def study_cards(cards: Sequence[dict[str, Any]], chosen: str, annotator: str | None) -> str | None:
    """Draw the studies as a radio group; the token of the one that was just chosen, if any."""
    result = _CARDS(
        key="study cards",
        data={"cards": list(cards), "chosen": chosen, "annotator": annotator},
        on_choose_change=_nothing,
    )
    token = result.choose
    return token if isinstance(token, str) else None


def key_legend(rows: Sequence[dict[str, Any]]) -> None:
    """Which key is which verdict on which step."""
    _LEGEND(key="key legend", data={"rows": list(rows)})


def desk_key(study: Study, annotator: str) -> str:
    """The component's key: another study or annotator is another desk.

    A hash of the name: Streamlit takes no key with two underscores, and a name may hold any.
    """
    return f"desk/{study.id}/{stable_id('annotator', annotator)}"


def desk(
    study: Study,
    annotator: str,
    reply: dict[str, Any],
    on_say: Callable[[], None],
    on_go: Callable[[], None],
    open_sample: str | None = None,
    waiting: str = "",
    practice: int = 0,
) -> None:
    """Draw the desk.

    Args:
        study: what is judged.
        annotator: the cleaned name.
        reply: of `sit_core.annotation.session.exchange`.
        on_say: called with ``st.session_state[desk_key(…)].say`` set.
        on_go: called with ``.go`` set when the annotator leaves: the name of the study to go on
            with, or an empty text for the choice of studies. Nothing is unsaved then.
        open_sample: a sample that the address asks for.
        waiting: why there is no answer just now; the desk says so, and asks again by itself.
        practice: how many practice samples the study has.
    """
    _DESK(
        key=desk_key(study, annotator),
        data={
            "study": study_json(study, annotator, practice),
            "reply": reply,
            "open": open_sample,
            "waiting": waiting,
        },
        on_say_change=on_say,
        on_go_change=on_go,
    )


def _nothing() -> None:
    """A trigger reruns the page; it is answered there."""

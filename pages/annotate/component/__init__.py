"""The annotator's desk as a Streamlit component: the sample, the verdict keys, the outbox.

It lives in the browser because a verdict must show the next sample at once and must survive a
server that is down just then; what is said and replied is `sit_core.annotation`'s business.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

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


def reviver() -> None:
    """Have the whole page run again when the desk is not heard; call it outside the fragment."""
    _REVIVER(key="desk reviver", on_unheard_change=lambda: None, height=1)


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
    open_sample: str | None = None,
    waiting: str = "",
) -> None:
    """Draw the desk; ``on_say`` is called with ``st.session_state[desk_key(…)].say`` set.

    ``waiting``: why there is no answer just now; the desk says so, and asks again by itself.
    """
    _DESK(
        key=desk_key(study, annotator),
        data={
            "study": study_json(study, annotator),
            "reply": reply,
            "open": open_sample,
            "waiting": waiting,
        },
        on_say_change=on_say,
    )

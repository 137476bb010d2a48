"""How the call of an output ended, what the model thought before, and texts it had earlier."""

import streamlit as st

from pages.shared.plain_text import verbatim
from pages.shared.times import when
from sit_core.store import Store
from sit_core.store.browse_sample import OutputView
from sit_core.store.run_check import former_texts_of

_OUTCOMES = {
    "complete": "Complete: the model ended it.",
    "cut": "Cut: a limit ended it.",
    "refused": "Refused: by the model or a content filter.",
}
_WHY = {"thoughts": "its thoughts were split off", "failed": "it was freed to be asked again"}


def how_it_ended(view: OutputView) -> None:
    """Draw the outcome, and the thoughts folded: they are no part of the output."""
    reason = view.meta.get("reason")
    outcome = view.outcome or ("cut" if view.meta.get("cut") is True else None)
    said = _OUTCOMES.get(outcome or "", "")
    if said or reason:
        st.text(f"{said} {str(reason)[:500]}".strip() if reason else said)
    if view.thoughts:
        label = f"Thoughts ({len(view.thoughts):,} characters), no part of the output"
        with st.expander(label):
            verbatim(view.thoughts, key=f"thoughts {view.id}")


def former(store: Store, view: OutputView) -> None:
    """Draw the texts that it had before, with how much was said of them."""
    for number, text in enumerate(former_texts_of(store, view.id)):
        until = when(text["changed_at"])
        with st.expander(f"Its text until {until}, when {_WHY[text['why']]}"):
            verbatim(text["output"], key=f"former {view.id} {number}")
            said = [
                {
                    "judge": str(one["judge"]),
                    "step": str(one["step"]),
                    "verdict": str(one["verdict"]),
                }
                for one in text["said"].get("judgments", [])
            ]
            if said:
                st.caption("Verdicts on this text, which no figure counts")
                st.dataframe(said, hide_index=True, key=f"former said {view.id} {number}")

"""The form that has runs scored."""

import streamlit as st

from pages.shared.action_form import start_button
from pages.shared.config_form import ConfigForm
from pages.shared.message import message
from pages.shared.remembered import remembered
from sit_core.metrics.bertscore import lacking
from sit_core.metrics.registry import METRICS, OF_WORDS
from sit_core.score.action import ACTION
from sit_core.score.config import ScoreConfig
from sit_core.store import Store

OPEN = "score form open"
_P = "score form "
"""Prefix of the keys of all widgets here."""
_ABOUT = {
    "accuracy": "accuracy: is the final answer the gold one",
    "contains-gold": "contains-gold: do the gold's words stand in the output, wherever",
    "rouge-l": "ROUGE-L: words that a step's text shares with the expected one",
    "bertscore": "BERTScore: likeness in meaning to the expected text, by an encoder",
    "verifiable": "verifiable: are IFEval's constraints followed, strictly",
    "verifiable-loose": "verifiable-loose: the same, loosely",
    "following": "following: was each step done, an estimate by rules",
}


@remembered(_P)
def score_form(store: Store, runs: list[str]) -> None:
    """Draw the form for these runs; starts the job."""
    form = ConfigForm(ScoreConfig, _P)
    with st.container(border=True):
        metrics = form.draw("metrics", options=list(METRICS), words=_ABOUT, help=None)
        if "rouge-l" in metrics:
            form.draw("tokenizer", width=380, help=None)
        if OF_WORDS.intersection(metrics):
            form.draw("words", width=380, help=None)
        if "bertscore" in metrics:
            if reason := lacking():
                message("warning", reason)
            form.row("encoder", "layers", "again", widths=(3, 1, 2))
        if "following" in metrics:
            form.draw("sentence_encoder")
        start_button(
            ACTION,
            form.config(runs=tuple(runs)),
            store,
            label=f"Score {len(runs)} run{'' if len(runs) == 1 else 's'}",
            prefix=_P,
            disabled=not runs,
            close=_close,
        )


def _close() -> None:
    st.session_state[OPEN] = False

"""The form that has runs scored, the command it runs, and the jobs that do it."""

import streamlit as st

from pages.shared.job_progress import job_card, watched
from pages.shared.message import errors_shown, message
from sit_core.errors import SitError
from sit_core.jobs import JobState, command_line, current_job, current_jobs, start_job
from sit_core.metrics.bertscore import DEFAULT_ENCODER, lacking
from sit_core.metrics.registry import METRICS
from sit_core.metrics.rouge_l import TOKENIZERS
from sit_core.score import ScoreConfig, title_of, words_of
from sit_core.score.config import USUAL
from sit_core.store import Store

OPEN = "score form open"
_P = "score form "
"""Prefix of the keys of all widgets here."""
_ABOUT = {
    "accuracy": "accuracy: is the final answer the gold one",
    "rouge-l": "ROUGE-L: words that a step's text shares with the expected one",
    "bertscore": "BERTScore: likeness in meaning to the expected text, by an encoder",
    "following": "following: was each step done, an estimate by rules",
}
_WORDS = {
    "unicode": "words of every script",
    "rouge_score": "as the package rouge_score: a-z and 0-9 only",
}


def score_form(store: Store, runs: list[str]) -> None:
    """Draw the form for these runs; starts the job."""
    with st.container(border=True):
        metrics = st.multiselect(
            "Metrics",
            list(METRICS),
            default=USUAL,
            key=f"{_P}metrics",
            format_func=lambda name: _ABOUT.get(name, name),
        )
        wanted = ScoreConfig(
            tuple(runs), tuple(metrics), **_rouge(metrics), **_bert(metrics), **_following(metrics)
        )
        words = words_of(wanted)
        with st.expander("The command it runs"):
            st.code(command_line(words), language=None, wrap_lines=True)
        said = st.container()
        with st.container(horizontal=True):
            n = len(runs)
            label = f"Score {n} run{'' if n == 1 else 's'}"
            started = st.button(label, type="primary", key=f"{_P}start", disabled=not n)
            if st.session_state.get(OPEN) and st.button("Close", type="tertiary", key=f"{_P}close"):
                st.session_state[OPEN] = False
                st.rerun()
    if started:
        with said, errors_shown():
            wanted.check(store)
            _refuse_the_same(store, words)
            start_job(store, words, title=title_of(wanted))
            st.session_state[OPEN] = False
            st.rerun()


def score_jobs(store: Store) -> None:
    """The scorings under way, or the last one if it did not come to its end."""
    jobs = [job for job in current_jobs(store) if job.command[:1] == ("score",)]
    shown = [job.id for job in jobs if job.active]
    if not shown and jobs and jobs[0].state != JobState.DONE:
        shown = [jobs[0].id]
    if shown:
        watched(lambda: [current_job(store, number) for number in shown], job_card)


def _rouge(metrics: list[str]) -> dict[str, str]:
    if "rouge-l" not in metrics:
        return {}
    chosen = st.selectbox(
        "ROUGE-L counts", list(TOKENIZERS), key=f"{_P}tokenizer", format_func=_WORDS.get, width=380
    )
    return {"tokenizer": chosen}


def _bert(metrics: list[str]) -> dict[str, object]:
    if "bertscore" not in metrics:
        return {}
    reason = lacking()
    if reason:
        message("warning", reason)
    left, right, again = st.columns([3, 1, 2], vertical_alignment="bottom")
    encoder = left.text_input(
        "Encoder of BERTScore: hub id or folder", DEFAULT_ENCODER, key=f"{_P}encoder"
    )
    layers = right.number_input(
        "Layer",
        1,
        None,
        None,
        key=f"{_P}layers",
        placeholder="as known",
        help="For an encoder of which bert-score does not know the best layer.",
    )
    anew = again.checkbox("Also what has a score already", key=f"{_P}again")
    return {"encoder": encoder.strip(), "layers": layers, "again": anew}


def _following(metrics: list[str]) -> dict[str, str]:
    if "following" not in metrics:
        return {}
    encoder = st.text_input(
        "Sentence encoder of following: hub id or folder",
        key=f"{_P}sentence encoder",
        placeholder="none",
        help="A multilingual one. It tells whether a text was translated where the translation is "
        "not known; without one, names, numbers and lengths do, and much stays unsure.",
    )
    return {"sentence_encoder": encoder.strip()}


def _refuse_the_same(store: Store, words: list[str]) -> None:
    for job in current_jobs(store):
        if job.active and list(job.command) == words:
            raise SitError(f"The job {job.id} does just that at the moment.")

"""One sample on trial: the prompt as it is sent, the raw reply, and what is read from it."""

import streamlit as st

from pages.shared.message import errors_shown, message
from pages.shared.plain_text import verbatim
from sit_core.judge import JudgeOptions, prompts_of, words_of
from sit_core.judge.trial import Trial, try_question
from sit_core.settings import settings
from sit_core.store import Store
from sit_core.store.judge_replies_writer import Answer

MOST = 50
_TRIED = "judge tried"
_SHOW = "judge trial shown"


def show_trial(store: Store, wanted: JudgeOptions) -> None:
    """Draw the prompt of one question, and ask it at the press of a button."""
    words = words_of(wanted)
    with st.expander("Try it on one sample"):
        number = st.number_input("Question", 1, MOST, 1, key="judge trial number", width=160)
        with st.container(horizontal=True):
            shown = st.button("Show the prompt", key="judge trial show")
            asked = st.button("Ask the model", key="judge trial ask")
        if shown or asked:
            st.session_state[_SHOW] = (words, number)
        if st.session_state.get(_SHOW) != (words, number):
            st.text("Nothing of a trial is stored.")
            return
        with errors_shown():
            wanted.check(store)
            found = prompts_of(store, wanted, number)
            if len(found) < number:
                message("info", f"There are {len(found)} questions.")
                return
            question = found[number - 1]
            if asked:
                settings().check_key_variable(wanted.model.key_env)
                with st.spinner("Asking …"):
                    trial = try_question(store, wanted, question)
                st.session_state[_TRIED] = (words, number, trial)
            st.text(f"About an output of {question.case.run}, step {question.ask.step}")
            verbatim(question.prompt, key="judge trial prompt", label="As it is sent", size=".9rem")
            tried = st.session_state.get(_TRIED)
            if tried is not None and tried[:2] == (words, number):
                _reply(tried[2])


def _reply(trial: Trial) -> None:
    verbatim(trial.reply, key="judge trial reply", label="The reply as it came")
    kind = "warning" if trial.answer.reason is not None else "done"
    message(kind, f"Read as: {said(trial.answer)}")
    used = trial.usage
    about = " (estimated)" if used.estimated else ""
    st.text(f"{used.prompt_tokens:,} tokens in, {used.tokens:,} out{about}")


def said(answer: Answer) -> str:
    """What was read from a reply, in words."""
    if answer.reason is not None:
        return f"unusable: {answer.reason}"
    if answer.preferred is not None:
        return {1.0: "this output is better", 0.0: "the other one is better"}.get(
            answer.preferred, "neither is better"
        )
    quality = "" if answer.quality is None else f", quality {answer.quality:g}"
    return f"{answer.verdict.value if answer.verdict else ''}{quality}"

"""The form that has outputs judged: which, by whom, at what cost; and the job that does it.

One sample on trial: the prompt as it is sent, the raw reply, and what is read from it.
"""

from typing import Any

import streamlit as st

from pages.shared.action_form import jobs_of
from pages.shared.archived import archived_switch, run_choices, study_choices
from pages.shared.keys import secrets_of
from pages.shared.message import errors_shown, message
from pages.shared.model_form import ENDPOINT, model_form, prices_form, said_before
from pages.shared.plain_text import verbatim
from pages.shared.remembered import remembered
from sit_core.config.fields import key_variables
from sit_core.config.yaml_file import to_yaml
from sit_core.errors import UsageError
from sit_core.jobs import command_line
from sit_core.judge.action import ACTION
from sit_core.judge.config import USUAL_JUDGE, JudgeConfig
from sit_core.judge.folder import Judge, judges, load_judge
from sit_core.judge.run import JudgeEstimate, estimate, prompts_of
from sit_core.judge.trial import JudgeTrial, try_question
from sit_core.models.config import ModelConfig
from sit_core.settings import settings
from sit_core.store import Store
from sit_core.store.jobs import list_jobs
from sit_core.store.judge_replies_writer import QuestionResult

OPEN = "judge form open"
_P = "judge form "
"""Prefix of the keys of all widgets here."""
_ESTIMATED = "judge estimated"


def begin_with(runs: list[str]) -> None:
    """Open the form with these runs chosen."""
    st.session_state[OPEN] = True
    st.session_state[f"{_P}study"] = None
    st.session_state[f"{_P}runs"] = list(dict.fromkeys(runs))


@remembered(_P)
def judge_form(store: Store) -> None:
    """Draw the form; starts the job."""
    with st.container(border=True):
        left, right = st.columns(2, gap="large")
        with left:
            outputs = _outputs(store)
            judge, against = _judge(store)
        with right:
            model = model_form(
                _P, label="The judge's model", first=ENDPOINT, before=_judge_before(store)
            )
            prices = prices_form(_P)
        if judge is None:
            return
        wanted = JudgeConfig(
            model=ModelConfig(**model), judge=judge.name, against=against, prices=prices, **outputs
        )
        words = ACTION.words(wanted)
        with st.expander("The command it runs"):
            st.code(command_line(words), language=None, wrap_lines=True)
        show_trial(store, wanted)
        said = st.container()
        _start(store, wanted, words, said)


def _start(store: Store, wanted: JudgeConfig, words: list[str], said: Any) -> None:
    """Estimate first; what was estimated can be started."""
    found: tuple[list[str], JudgeEstimate] | None = st.session_state.get(_ESTIMATED)
    known = found is not None and found[0] == words
    with st.container(horizontal=True):
        asked = st.button("Estimate", key=f"{_P}estimate", type="secondary" if known else "primary")
        pressed = known and st.button("Start judging", type="primary", key=f"{_P}start")
        if st.session_state.get(OPEN) and st.button("Close", type="tertiary", key=f"{_P}close"):
            st.session_state[OPEN] = False
            st.rerun()
    with said, errors_shown():
        if asked:
            settled = estimate(store, wanted)
            st.session_state[_ESTIMATED] = (words, settled)
            st.rerun()
        if known and found is not None:
            show_estimate(found[1], wanted)
        if pressed:
            ACTION.start(wanted, store, environ=secrets_of(key_variables(wanted)))
            st.session_state[OPEN] = False
            st.session_state.pop(_ESTIMATED, None)
            st.rerun()


def show_estimate(found: JudgeEstimate, wanted: JudgeConfig) -> None:
    """What it would take: calls, tokens, cost; what has a reply already costs nothing."""
    calls = found.questions - found.known
    lines = [
        f"{found.outputs:,} outputs, {found.questions:,} questions: {calls:,} calls of the model, "
        f"{found.known:,} known already and free.",
        f"About {found.prompt_tokens:,} tokens in, {found.most_tokens:,} out at most "
        "(estimated at four characters a token).",
    ]
    lines += [f"{n:,} outputs can't be asked about: {why}." for why, n in found.without.items()]
    if found.most_cost is None:
        lines.append("No prices were given, so the cost is not known.")
    else:
        lines.append(f"It costs {found.most_cost:.2f} at most (an estimate).")
        budget = wanted.prices.budget
        if budget is not None and budget < found.most_cost:
            lines.append(f"The budget of {budget:g} may stop it earlier; it can be resumed.")
    message("info", "\n".join(lines))


def _outputs(store: Store) -> dict[str, Any]:
    names = run_choices(store, st.session_state.get(f"{_P}runs", ()))
    if f"{_P}runs" in st.session_state:  # some may be gone since they were chosen
        still = [run for run in st.session_state[f"{_P}runs"] if run in names]
        st.session_state[f"{_P}runs"] = still
    studies = study_choices(store, [st.session_state.get(f"{_P}study") or ""])
    study = None
    if studies:
        study = st.selectbox(
            "Samples of the study",
            studies,
            index=None,
            key=f"{_P}study",
            placeholder="none: all outputs of the runs",
        )
    runs = st.multiselect(
        "Runs",
        names,
        key=f"{_P}runs",
        placeholder="All of the study" if study else "Choose the runs to judge",
    )
    archived_switch(store, "run", "judge")
    with st.container(horizontal=True):
        limit = st.number_input(
            "Examples at most", 1, None, None, key=f"{_P}limit", placeholder="all"
        )
        seed = st.number_input("Seed of the sample", 0, None, 0, key=f"{_P}seed")
    return {"study": study, "runs": tuple(runs), "limit": limit, "seed": seed}


def _judge(store: Store) -> tuple[Judge | None, str | None]:
    """The judge, and the run that it compares with."""
    found: dict[str, Judge] = {}
    for name in judges():
        try:
            found[name] = load_judge(name)
        except UsageError as error:
            message("warning", str(error))
    names = sorted(found, key=lambda name: name != USUAL_JUDGE)
    chosen = st.selectbox(
        "Judge",
        names,
        key=f"{_P}judge",
        format_func=lambda name: f"{name} · {found[name].kind.title}" if name in found else name,
    )
    if chosen is None:
        message("error", "There is no judge; data/judges is missing.")
        return None, None
    judge = found[chosen]
    st.text(judge.kind.describes)
    against = None
    if judge.kind.compares:
        against = st.selectbox(
            "Compare with the run",
            run_choices(store, [st.session_state.get(f"{_P}against") or ""]),
            index=None,
            key=f"{_P}against",
            placeholder="Choose the reference",
        )
    with st.expander(f"Its prompt and settings, version {judge.settings.version}"):
        verbatim(judge.prompt, key=f"{_P}prompt", label="Prompt", size=".9rem")
        verbatim(
            to_yaml(judge.settings, defaults=True),
            key=f"{_P}settings",
            label="Settings",
            size=".9rem",
        )
        st.text(f"{judge.folder or ''} · sha256 {judge.sha256[:16]} …")
        st.text(
            "A judge of your own is such a folder in SIT_HOME/judges; another prompt or setting is "
            "another judge."
        )
    return judge, against


def _judge_before(store: Store) -> dict[str, Any]:
    """The model of the last judging that was started here, whoever did."""
    commands = (job.command for job in list_jobs(store) if job.command[:1] == ("judge",))
    return next((said_before(words) for words in commands), {})


def judge_jobs(store: Store) -> None:
    """The judgings under way, or the last one if it did not come to its end."""
    jobs_of(store, ACTION.name)


MOST = 50
_TRIED = "judge tried"
_SHOW = "judge trial shown"


def show_trial(store: Store, wanted: JudgeConfig) -> None:
    """Draw the prompt of one question, and ask it at the press of a button."""
    words = ACTION.words(wanted)
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


def _reply(trial: JudgeTrial) -> None:
    verbatim(trial.reply, key="judge trial reply", label="The reply as it came")
    kind = "warning" if trial.answer.reason is not None else "done"
    message(kind, f"Read as: {said(trial.answer)}")
    used = trial.usage
    about = " (estimated)" if used.estimated else ""
    st.text(f"{used.prompt_tokens:,} tokens in, {used.tokens:,} out{about}")


def said(answer: QuestionResult) -> str:
    """What was read from a reply, in words."""
    if answer.reason is not None:
        return f"unusable: {answer.reason}"
    if answer.preferred is not None:
        return {1.0: "this output is better", 0.0: "the other one is better"}.get(
            answer.preferred, "neither is better"
        )
    quality = "" if answer.quality is None else f", quality {answer.quality:g}"
    return f"{answer.verdict.value if answer.verdict else ''}{quality}"

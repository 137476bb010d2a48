"""The form for a new run: model, wording, examples, settings; and the command that it runs."""

import streamlit as st

from pages.runs.examples import asked_examples, columns, first_look
from pages.shared.heading import heading
from pages.shared.keys import keys_for
from pages.shared.message import errors_shown, message
from pages.shared.model_form import model_form
from pages.shared.prompt_set import prompt_set_box
from pages.shared.remembered import remembered
from sit_core.cli.predict import title_of
from sit_core.errors import SitError
from sit_core.jobs import command_line, start_job
from sit_core.models.interface import APART, KEEP, THOUGHTS
from sit_core.names import clean_name
from sit_core.predict import PredictConfig, words_of
from sit_core.sources import InstructionTemplate, templates
from sit_core.store import Store
from sit_core.store.renaming import name_free
from sit_core.tasks import steps_named

OPEN = "new run open"
PREFIX = _P = "new run "
"""Prefix of the keys of all widgets here."""
_OWN, _ROWS = "My own wording", "Each example's own instruction"


@remembered(PREFIX)
def new_run(store: Store) -> None:
    """Draw the form; starts the job and opens the run."""
    heading("New run")
    left, right = st.columns(2, gap="large")
    with left:
        model = model_form(_P)
        wording = _wording()
    with right:
        examples = asked_examples(store)
        numbers = _numbers()
        name = st.text_input("Name of the run", key=f"{_P}name", max_chars=200)
        prompt_set, fault_of_set = prompt_set_box(
            f"{_P}prompt set", "the one whose prompts it shares, else named after the examples"
        )
    wanted = PredictConfig(
        run=clean_name(name), prompt_set=prompt_set, **model, **wording, **examples, **numbers
    )
    words = words_of(wanted)
    with st.expander("The command it runs"):
        st.code(command_line(words), language=None, wrap_lines=True)
    said = st.container()
    fault = first_look(store, wanted)
    if fault:
        with said:
            message("error", fault)
    with st.container(horizontal=True):
        started = st.button("Start the run", type="primary", key=f"{_P}start")
        if st.button("Close", type="tertiary", key=f"{_P}cancel"):
            _close()
            st.rerun()
    if started and not fault and not fault_of_set:
        with said, errors_shown():
            wanted.check()
            with store.read() as connection:
                taken = name_free(connection, "run", wanted.run)
            if taken:
                raise SitError(taken)
            start_job(
                store,
                words,
                title=title_of(wanted.run, wanted.model),
                run=wanted.run,
                environ=keys_for(words),
            )
            _close()
            st.query_params["run"] = wanted.run
            st.rerun()


def _close() -> None:
    for key in list(st.session_state):
        if str(key).startswith(_P):
            del st.session_state[key]


def _wording() -> dict[str, object]:
    known = templates()
    choices = [*known, _OWN, _ROWS]
    first = choices.index("repeat-answer") if "repeat-answer" in choices else 0
    chosen = st.selectbox("Instruction", choices, first, key=f"{_P}wording")
    if chosen == _ROWS:
        return {"steps": _steps("as each wording tells")}
    if chosen != _OWN:
        st.code(known[chosen].text, language=None, wrap_lines=True)
        return {"template": chosen, "steps": _steps(_told(known[chosen]))}
    text = st.text_area(
        "Wording",
        key=f"{_P}own",
        placeholder="First repeat the input, then {instruction}",
        help="{instruction} stands for the example's own instruction.",
    ).strip()
    return {"instruction": text, "steps": _steps(_told(InstructionTemplate(text)))}


def _told(template: InstructionTemplate) -> str:
    return ", ".join(step.task for step in template.steps()) or "not recognised"


def _steps(told: str) -> str | None:
    text = st.text_input("Steps", key=f"{_P}steps", placeholder=told).strip()
    if not text:
        return None
    try:
        steps_named(text.split(","))
    except SitError as error:
        message("error", str(error))
    return text


def _numbers() -> dict[str, object]:
    left, right = st.columns(2)
    with left:
        tokens = st.number_input("New tokens at most", 1, None, 256, key=f"{_P}tokens")
    with right:
        seed = st.number_input("Seed", 0, None, 0, key=f"{_P}seed")
    with st.expander("More settings"):
        temperature = st.number_input(
            "Temperature (0: the likeliest token each time)", 0.0, 5.0, 0.0, key=f"{_P}temperature"
        )
        top_p = st.number_input("Top p", 0.01, 1.0, 1.0, key=f"{_P}top p")
        top_k = st.number_input("Top k (0: no limit)", 0, None, 0, key=f"{_P}top k")
        prompt = st.text_input("Prompt format", "auto", key=f"{_P}format")
        thoughts = st.selectbox(
            "Thoughts of a reasoning model",
            THOUGHTS,
            key=f"{_P}thoughts",
            format_func={APART: "apart from the output", KEEP: "part of the output"}.__getitem__,
            help="Apart: shown folded, judged and scored by nobody.",
        )
        named = columns()
    return {
        "max_new_tokens": tokens,
        "seed": seed,
        "temperature": temperature,
        "top_p": top_p,
        "top_k": top_k,
        "prompt_format": prompt.strip() or "auto",
        "thoughts": thoughts,
        "map": named,
    }

"""The form for a new run: model, wording, examples, settings; and the command that it runs."""

import streamlit as st

from pages.runs.examples import asked_examples, columns, first_look
from pages.runs.given_text import given_text
from pages.shared.action_form import start_button
from pages.shared.config_form import ConfigForm
from pages.shared.heading import heading
from pages.shared.message import message
from pages.shared.model_form import model_form
from pages.shared.prompt_set import prompt_set_box
from pages.shared.remembered import remembered
from sit_core.errors import SitError
from sit_core.jobs import Job
from sit_core.names import clean_name
from sit_core.predict import PredictConfig, PredictModel
from sit_core.predict.action import ACTION
from sit_core.sources import InstructionTemplate, templates
from sit_core.store import Store
from sit_core.store.renaming import name_free
from sit_core.tasks import steps_named

OPEN = "new run open"
PREFIX = _P = "new run "
"""Prefix of the keys of all widgets here."""
_OWN, _ROWS = "My own wording", "Each example's own instruction"
_OF_SET = "the one whose prompts it shares, else named after the examples"


@remembered(PREFIX)
def new_run(store: Store) -> None:
    """Draw the form; starts the job and opens the run."""
    heading("New run")
    form = ConfigForm(PredictConfig, _P)
    model_settings = form.section("model")
    left, right = st.columns(2, gap="large")
    with left:
        model = model_form(_P)
        wording = _wording(form)
        given = given_text(form.section("given"), store)
    with right:
        examples = asked_examples(store)
        form.draw("limit")
        columns_named = _numbers(
            model_settings, continues=model.get("backend") == "openai" and given.begins_output
        )
        name = form.draw("run", max_chars=200)
        prompt_set, fault_of_set = prompt_set_box(form.key("prompt_set"), _OF_SET)
    config = form.config(
        model=PredictModel(**{**model, **model_settings.values}),
        examples=examples,
        given=given,
        map=columns_named,
        run=clean_name(name or ""),
        prompt_set=prompt_set,
        **wording,
    )

    def check() -> None:
        with store.read() as connection:
            taken = name_free(connection, "run", config.run)
        if taken:
            raise SitError(taken)

    def started(_job: Job) -> None:
        st.query_params["run"] = config.run

    start_button(
        ACTION,
        config,
        store,
        label="Start the run",
        prefix=_P,
        fault=lambda: first_look(store, config),
        blocked=fault_of_set,
        check=check,
        close=_close,
        started=started,
    )


def _close() -> None:
    for key in list(st.session_state):
        if str(key).startswith(_P):
            del st.session_state[key]


def _wording(form: ConfigForm[PredictConfig]) -> dict[str, object]:
    """The instruction, by name or as typed, and the steps."""
    known = templates()
    choices = [*known, _OWN, _ROWS]
    first = choices.index("repeat-answer") if "repeat-answer" in choices else 0
    chosen = st.selectbox("Instruction", choices, first, key=f"{_P}wording")
    if chosen == _ROWS:
        return {"steps": _steps(form, "as each wording tells")}
    if chosen != _OWN:
        st.code(known[chosen].text, language=None, wrap_lines=True)
        return {"template": chosen, "steps": _steps(form, _told(known[chosen]))}
    text = form.draw("instruction") or ""
    return {"instruction": text, "steps": _steps(form, _told(InstructionTemplate(text)))}


def _told(template: InstructionTemplate) -> str:
    return ", ".join(step.task for step in template.steps()) or "not recognised"


def _steps(form: ConfigForm[PredictConfig], told: str) -> str | None:
    text: str | None = form.draw("steps", placeholder=told)
    if text is not None:
        try:
            steps_named(text.split(","))
        except SitError as error:
            message("error", str(error))
    return text


def _numbers(form: ConfigForm[PredictModel], *, continues: bool) -> tuple[str, ...]:
    """Draw how outputs are generated; the columns that are named."""
    form.row("max_new_tokens", "seed")
    if continues:
        form.draw("continue_by")
    with st.expander("More settings"):
        for name in ("temperature", "top_p", "top_k", "prompt_format", "thoughts"):
            form.draw(name)
        return columns()

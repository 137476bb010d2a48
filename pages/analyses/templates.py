"""Below the analysis *Templates*: write a wording, try it on a run's questions, then score it."""

from dataclasses import fields

import streamlit as st

from pages.shared.action_form import jobs_of, start_button
from pages.shared.message import message
from pages.shared.model_form import model_form
from sit_core.analyses.templates import TemplatesConfig
from sit_core.errors import SitError
from sit_core.jobs import Job
from sit_core.names import MAX_NAME, clean_name
from sit_core.predict import PredictConfig, PredictModel
from sit_core.predict.action import ACTION as PREDICT
from sit_core.results.analyses import runs_of
from sit_core.results.run_factors import WORDING, RunFactors, run_factors
from sit_core.score.action import ACTION as SCORE
from sit_core.score.config import ScoreConfig
from sit_core.sources import InstructionTemplate
from sit_core.store import Store
from sit_core.store.browse import run_names
from sit_core.store.renaming import name_free
from sit_core.store.runs import RunSummary, list_runs
from sit_core.store.scores import scored_runs

PREFIX = "wording "
MADE_BY = "wordings"
"""Key of the session's state: the runs that were started here."""


def draw(store: Store, config: TemplatesConfig) -> None:
    """The form, the job under way, and what is still to be scored."""
    runs = {run.name: run for run in list_runs(store)}
    chosen = [name for name in runs_of(store, config) if name in runs]
    tried = [name for name in st.session_state.get(MADE_BY, []) if name in runs]
    with st.expander("Try a wording", expanded=bool(tried)):
        if chosen:
            _form(store, [runs[name] for name in chosen])
        jobs_of(store, "predict", "score")
        _after(store, config, [name for name in tried if runs[name].state == "complete"])


def _form(store: Store, runs: list[RunSummary]) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        name = st.selectbox(
            "Questions of the run",
            [run.name for run in runs],
            key=f"{PREFIX}questions",
            help="The wording is put in place of its instruction; questions and factors stay.",
        )
        run = next(one for one in runs if one.name == name)
        count = st.number_input(
            "Examples", 1, max(1, run.examples), min(20, max(1, run.examples)),
            key=f"{PREFIX}count {name}",
        )  # fmt: skip
        model = _model_of(run)
        own = "The run's own model and settings"
        if model is not None:
            same = st.checkbox(own, value=True, key=f"{PREFIX}same")
        if model is None or not same:
            model = PredictModel(**model_form(PREFIX))
    (factors,) = run_factors(store, [name])
    with right:
        text = st.text_area(
            "Wording",
            key=f"{PREFIX}text",
            placeholder="Copy the input. After that, give the answer.",
            help="{instruction} in it stands for what the run was asked.",
        )
        chain = "+".join(step.letter for step in InstructionTemplate(text).steps())
        if text.strip() and chain != factors.value("chain"):
            said = f"asks for {chain}" if chain else "names no known task"
            message("warning", f"It {said}; the run has the chain {factors.value('chain')}.")
        called = st.text_input(
            "Called", key=f"{PREFIX}called", placeholder=_next(store), max_chars=60
        )
    wording = clean_name(called) or _next(store)
    config = PredictConfig(
        model=model,
        instruction=text,
        examples=f"run:{name}",
        steps=None if chain else _steps(store, name),
        limit=int(count),
        run=clean_name(f"{name} · wording {wording}")[-MAX_NAME:],
        factors=_given(factors, wording),
    )

    def check() -> None:
        with store.read() as connection:
            if taken := name_free(connection, "run", config.run):
                raise SitError(taken)

    def started(_job: Job) -> None:
        st.session_state.setdefault(MADE_BY, []).append(config.run)

    start_button(
        PREDICT, config, store, label="Try it", prefix=PREFIX, disabled=not text.strip(),
        check=check, started=started,
    )  # fmt: skip


def _model_of(run: RunSummary) -> PredictModel | None:
    """The model that made a run; None for imported ones, and for endpoints, which need a key."""
    if run.model is None or run.settings.get("backend", "transformers") != "transformers":
        return None
    names = {field.name for field in fields(PredictModel)}
    known = {key: value for key, value in run.settings.items() if key in names}
    known = {key: tuple(v) if isinstance(v, list) else v for key, v in known.items()}
    return PredictModel(**{**known, "model": run.model, "adapter": run.adapter})


def _given(factors: RunFactors, wording: str) -> tuple[str, ...]:
    """The run's own factors, with the wording's name."""
    kept = {k: v for k, v in factors.values.items() if k not in factors.derived}
    return tuple(f"{key}={value}" for key, value in {**kept, WORDING: wording}.items())


def _steps(store: Store, run: str) -> str | None:
    """The tasks of the run's chain, where the wording does not tell."""
    from sit_core.store.run_contents import run_examples

    first = next(iter(run_examples(store, run)), None)
    tasks = [step.task for step in first.steps] if first else []
    return ",".join(tasks) or None


def _next(store: Store) -> str:
    """The next number that no wording is called by."""
    taken = {one.value(WORDING) for one in run_factors(store, run_names(store))}
    return next(str(n) for n in range(1, len(taken) + 2) if str(n) not in taken)


def _after(store: Store, config: TemplatesConfig, tried: list[str]) -> None:
    """What was tried: scored by a press, and put among the runs of the figure."""
    scored = scored_runs(store)
    if missing := [name for name in tried if name not in scored]:
        st.text(f"Not scored yet: {', '.join(missing)}")
        if st.button("Score by rules", key=f"{PREFIX}score"):
            SCORE.start(ScoreConfig(runs=tuple(missing)), store)
            st.rerun()
    absent = [name for name in tried if config.runs and name not in config.runs]
    if absent and st.button("Show them in the figure", key=f"{PREFIX}show"):
        st.query_params["run"] = [*config.runs, *absent]
        st.rerun()

"""One training: its job, its curves, its result with the ways onwards, all to do it again.

Curves of trainings, one or several; while one is under way only what is new is read.
"""

import json

import streamlit as st

from pages.shared import paths
from pages.shared.embedded_note import embedded_note
from pages.shared.heading import heading
from pages.shared.job_progress import job_card, watched
from pages.shared.message import errors_shown, message
from pages.shared.store import the_store
from sit_core.embedded import shipped
from sit_core.errors import SitError
from sit_core.figures.tables import curves_figure
from sit_core.jobs import Job, command_line, current_job, duration
from sit_core.sources import templates
from sit_core.store import Store
from sit_core.train.config import TrainingConfig, as_yaml, load_config
from sit_core.train.curves import Curves
from sit_core.train.folder import TrainingFolder, read_json
from sit_core.train.jobs import Training, delete_training, job_of, words_for

SAID = "training said"
"""Where the page's next run finds a sentence to show once."""


def one_training(store: Store, training: Training) -> None:
    """Draw it."""
    folder, job = training.folder, training.job
    heading(folder.name)
    try:
        config = load_config(folder.config)
    except SitError as error:
        message("error", str(error))
        return
    embedded_note([config.model.base])
    result = folder.result(config)
    done = (result / "training.json").is_file()
    if done:
        _result(folder, config)
    if job is not None:
        number = job.id
        watched(
            lambda: [current_job(store, number)],
            lambda one: job_card(one, log=False, link="job"),
        )
    live_curves([folder.name])
    with st.expander("The configuration and the command"):
        st.code(as_yaml(config, str(folder.config)), language="yaml", wrap_lines=True)
        st.code(command_line(words_for(folder.name)), language=None, wrap_lines=True)
        st.text("On several GPUs or machines the same by: accelerate launch --config_file …")
    if done:
        with st.expander("Where the result comes from"):
            known = json.dumps(read_json(result / "training.json"), indent=1, ensure_ascii=False)
            st.code(known, language="json", wrap_lines=True, height=400)
    if not (job is not None and job.active):
        _delete(store, folder.name)


def _result(folder: TrainingFolder, config: TrainingConfig) -> None:
    report = read_json(folder.report) or {}
    where = folder.result(config)
    words = "The result is there."
    if report:
        words = (
            f"The weights of update {report['best_step']:,} were kept: held-out loss "
            f"{report['held_out']:.4f} per output token."
        )
        if report["ended_early"]:
            words += f" It ended early, after {report['steps']:,} updates."
    message("done", words)
    with st.container(horizontal=True, vertical_alignment="center"):
        lora = config.method.kind == "lora"
        st.page_link(
            paths.RUNS,
            label="Run this adapter" if lora else "Run this model",
            icon=":material/play_arrow:",
            query_params={"new": "1", "model": f"home+{where.name}" if lora else str(where)},
        )
        if lora:
            st.page_link(
                paths.LIVE,
                label="Try it in Live",
                icon=":material/bolt:",
                query_params=_ask(where.name, config.model.base),
            )
        st.text(str(where))


def _ask(name: str, base: str) -> list[tuple[str, str]]:
    """What Live is filled with: the adapter, beside its base where that lies at hand."""
    models = [*([shipped.MICROLAB] if shipped.is_embedded(base) else []), f"home+{name}"]
    wording = templates().get("repeat-answer")
    asked = [("model", model) for model in models]
    return [*asked, *([("instruction", wording.text)] if wording else [])]


def _delete(store: Store, name: str) -> None:
    with st.popover("Delete the training", icon=":material/delete:", type="tertiary"):
        st.text("This deletes its curves and checkpoints. The trained adapter stays.")
        if st.button("Delete it", key=f"delete training {name}", type="primary"):
            with errors_shown():
                delete_training(store, name)
                st.session_state[SAID] = f"The training {name} is gone."
                st.query_params.pop("training", None)
                st.rerun()


EVERY = 2.0
_READ = "training curves"


def curves_of(name: str) -> Curves:
    """The curves of a training with all that has been written; read from where we were."""
    folder = TrainingFolder.of(name)
    kept: dict[str, Curves] = st.session_state.setdefault(_READ, {})
    key = str(folder.curves)
    if key not in kept:
        kept[key] = Curves(folder.curves)
    kept[key].read()
    return kept[key]


def live_curves(names: list[str]) -> None:
    """Draw the curves, again and again while one of the trainings is under way."""
    active = any(job is not None and job.active for job in _jobs(names))

    def part() -> None:
        with errors_shown(goes_on=not active):
            drawn()

    def drawn() -> None:
        found = {name: curves_of(name) for name in names}
        if len(names) == 1:
            _numbers(found[names[0]], _jobs(names)[0])
        if any(curves.loss or curves.held_out for curves in found.values()):
            st.plotly_chart(curves_figure(found), key=f"curves {len(names)}")
        elif active:
            st.text("Curves appear after the first update.")

    st.fragment(part, run_every=EVERY if active else None)()


def _jobs(names: list[str]) -> list[Job | None]:
    store = the_store()
    return [job_of(store, TrainingFolder.of(name)) for name in names]


def _numbers(curves: Curves, job: Job | None) -> None:
    """Where it stands, in figures."""
    if not curves.loss and not curves.held_out:
        return
    with st.container(horizontal=True):
        st.metric("Update", f"{curves.step:,} of {curves.steps or 0:,}")
        if curves.loss:
            st.metric("Loss", f"{curves.loss[-1][1]:.3f}")
        if curves.best is not None:
            step, loss = curves.best
            st.metric(f"Lowest held-out loss, after update {step:,}", f"{loss:.3f}")
        if curves.learning_rate:
            st.metric("Learning rate", f"{curves.learning_rate[-1][1]:.2e}")
        if curves.tokens_per_second is not None:
            st.metric("Tokens per second", f"{curves.tokens_per_second:,.0f}")
        if job is not None and job.active and job.seconds_left is not None:
            st.metric("Time left", duration(job.seconds_left))

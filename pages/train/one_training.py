"""One training: its job, its curves, its result with the ways onwards, all to do it again."""

import json

import streamlit as st

from pages.shared import paths
from pages.shared.embedded_note import embedded_note
from pages.shared.heading import heading
from pages.shared.job_progress import job_card, watched
from pages.shared.message import errors_shown, message
from pages.train.curves import live_curves
from sit_core.embedded import shipped
from sit_core.errors import SitError
from sit_core.jobs import command_line, current_job
from sit_core.sources import templates
from sit_core.store import Store
from sit_core.train.config import TrainingConfig, as_yaml, load_config
from sit_core.train.folder import TrainingFolder, read_json
from sit_core.train.jobs import Training, delete_training, words_for

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
        if config.method.kind == "lora":
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
        st.text("Its curves and checkpoints go. The adapter that came of it stays where it is.")
        if st.button("Delete it", key=f"delete training {name}", type="primary"):
            with errors_shown():
                delete_training(store, name)
                st.session_state[SAID] = f"The training {name} is gone."
                st.query_params.pop("training", None)
                st.rerun()

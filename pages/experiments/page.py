"""Experiments: the matrix of cells as it fills, what is left to do, and the tables."""

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from pages.analyses.show import show_figure, show_table
from pages.experiments.matrix import show_matrix
from pages.shared.embedded_note import embedded_note, show_methods
from pages.shared.heading import heading
from pages.shared.job_progress import job_card, watched
from pages.shared.keys import secrets_of
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header, tools_row
from pages.shared.report_button import report_popover
from pages.shared.store import the_store
from sit_core.config.yaml_file import read_yaml
from sit_core.errors import SitError
from sit_core.experiment import ExperimentConfig
from sit_core.experiment.action import ACTION, ExperimentRunConfig
from sit_core.experiment.cells import AskedExamples, key_variables_of
from sit_core.experiment.config import PEOPLE
from sit_core.experiment.files import (
    ExperimentFile,
    find_file,
    keep_file,
    kept_files,
    shipped_files,
)
from sit_core.experiment.plan import Plan, VerdictState, plan
from sit_core.experiment.report import ExperimentTables, report
from sit_core.jobs import JobState, command_line, current_job, current_jobs
from sit_core.names import clean_name, slug
from sit_core.registry import unknown
from sit_core.report.config import ReportConfig
from sit_core.results.analyses import ANALYSES
from sit_core.store import Store
from sit_core.store.output_values import values_version

P, CHOSEN, NOW = "experiment ", "experiment", "experiments now"
EVERY = 2.0  # seconds between two looks at the cells while they fill
LARGEST = 1_000_000  # bytes of an uploaded file


def pick() -> ExperimentFile | None:
    """The experiment; part of the address."""
    shipped = {name: find_file(name) for name in shipped_files()}
    texts = {one.text for one in shipped.values()}
    kept = {one.name: one for one in kept_files() if one.text not in texts}
    listed = [*kept, *shipped]
    asked = st.query_params.get("experiment", st.session_state.get(NOW))
    if asked is not None and asked not in listed:
        message("error", unknown("experiment", asked, listed))
    if CHOSEN not in st.session_state or asked not in (None, st.session_state.get(NOW)):
        st.session_state[CHOSEN] = asked if asked in listed else next(iter(listed), None)
    with tools_row():
        name = st.selectbox(
            "Experiment", listed, key=CHOSEN, label_visibility="collapsed", width=380
        )
        st.space("stretch")
        with st.popover("Another file", icon=":material/upload_file:"):
            taken = _upload()
    if taken is not None:
        del st.session_state[CHOSEN]
        st.query_params["experiment"] = taken
        st.rerun()
    if name is None:
        return None
    st.session_state[NOW] = name
    if st.query_params.get("experiment") != name:
        st.query_params["experiment"] = name
    return kept.get(name) or shipped[name]


def _upload() -> str | None:
    """Keep an uploaded file; the name of its experiment."""
    upload = st.file_uploader("An experiment as YAML", type=["yaml", "yml"], key=f"{P}file")
    if upload is None or not st.button("Take it", key=f"{P}take", type="primary"):
        return None
    with errors_shown():
        if upload.size > LARGEST:
            raise SitError("The file is too large for an experiment.")
        try:
            text = upload.getvalue().decode("utf-8")
        except UnicodeDecodeError:
            raise SitError("The file is no UTF-8 text.") from None
        config = read_yaml(ExperimentConfig, text, upload.name)
        try:
            keep_file(config, text)
        except OSError as error:
            raise SitError(f"The file can't be kept: {error.strerror}.") from None
        return clean_name(config.name)
    return None


@st.cache_resource(max_entries=8, ttl=60, show_spinner="Reading the examples …")
def asked_of(_store: Store, url: str, text: str) -> AskedExamples:
    """The examples of an experiment, read again after a minute, for their files may change."""
    return AskedExamples(_store)


@st.cache_data(max_entries=8, show_spinner="Counting …")
def planned(text: str, name: str, _state: str) -> Plan:
    """What is left, with tokens; made again when anything in the store has changed."""
    store = the_store()
    return plan(store, read_yaml(ExperimentConfig, text, name), asked_of(store, store.url, text))


@st.cache_data(max_entries=8, show_spinner="Counting …")
def tables_of(text: str, name: str, _state: str) -> ExperimentTables:
    """The tables; made again when anything in the store has changed that they may rest on."""
    return report(the_store(), read_yaml(ExperimentConfig, text, name))


def show_left(found: Plan) -> None:
    """What is there and what is left, in one line each."""
    complete = sum(cell.complete for cell in found.cells)
    said = f"{complete} of {len(found.cells)} cells complete"
    if found.calls:
        prompts = sum(cell.prompt_tokens for cell in found.cells)
        outputs = sum(cell.output_tokens for cell in found.cells)
        said += f" · {found.calls:,} calls left"
        said += f" · about {prompts:,} tokens of prompts, at most {outputs:,} of outputs"
        ways = dict.fromkeys(cell.tokens_by for cell in found.cells if cell.tokens_by)
        said += f" (by {' and '.join(ways)})"
    if found.cost is not None:
        said += f" · {found.cost:.4g} in the currency of the prices"
    scored = [
        f"{one.metric}: {one.fault or f'{one.scored:,} of {one.outputs:,} outputs scored'}"
        for one in found.metrics
    ]
    judged = [_said_of(one) for one in found.verdicts]
    st.text("\n".join([said, *([" · ".join([*scored, *judged])] if scored or judged else [])]))
    if found.not_named:
        names = ", ".join(found.not_named[:5])
        more = f" and {len(found.not_named) - 5} more" if len(found.not_named) > 5 else ""
        st.text(f"In the store, and not (any more) in the file: {names}{more}.")


def _said_of(one: VerdictState) -> str:
    if one.by == PEOPLE:
        studies = len(one.studies)
        return (
            f"people: {one.known:,} samples in {studies} {'study' if studies == 1 else 'studies'}"
        )
    return f"judge {one.who}: {one.fault or f'{one.known:,} replies there, {one.left:,} left'}"


def jobs_of(store: Store, config: ExperimentConfig) -> list[int]:
    """Jobs under way, or the last one of this experiment if it did not succeed."""
    jobs = [job for job in current_jobs(store) if job.command[:1] == (ACTION.name,)]
    if active := [job.id for job in jobs if job.active]:
        return active
    for job in jobs:
        if clean_name(config.name) in _names(job.command[2:]):
            return [] if job.state == JobState.DONE else [job.id]
    return []


def _names(files: Sequence[str]) -> list[str]:
    """The experiments of a job's files, as far as these are still there."""
    found = []
    for one in files:
        with suppress(SitError):
            found.append(clean_name(find_file(one).config().name))
    return found


def under_way(store: Store) -> bool:
    """Whether an experiment is being run."""
    return any(job.active and job.command[:1] == ("experiment",) for job in current_jobs(store))


def show_cells(store: Store, file: ExperimentFile, config: ExperimentConfig) -> None:
    """The matrix, drawn again and again while it fills."""
    active = under_way(store)

    def part() -> None:
        with errors_shown(goes_on=not active):
            asked = asked_of(store, store.url, file.text)
            show_matrix(plan(store, config, asked, tokens=False))

    st.fragment(part, run_every=EVERY if active else None)()


def show_tables(found: ExperimentTables) -> None:
    """Each with its figure; what is lacking is said."""
    for place, one in enumerate(found.tables):
        heading(one.title)
        if one.fault:
            message("info", one.fault)
        if one.incomplete:
            st.text(f"{len(one.incomplete)} of its {one.cells} cells lack outputs.")
        if one.table is None:
            continue
        key = f"{found.name} {place}"
        analysis = ANALYSES.get(one.analysis)
        show_figure(key, analysis, one.table)
        for number, table in enumerate(one.table.tables()):
            show_table(key, analysis, table, number)
        show_methods(method for table in one.table.tables() for method in table.methods())


def _unscored(found: Plan) -> bool:
    """Whether scores or verdicts are lacking."""
    scores = any(one.scored < one.outputs or one.fault for one in found.metrics)
    return scores or any(one.left or one.fault for one in found.verdicts)


def start(store: Store, file: ExperimentFile, config: ExperimentConfig, *, done: bool) -> None:
    """The button that starts the job, the command that it runs, and the file."""
    asked = ExperimentRunConfig((file.name,))
    said = st.container()
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Run what is missing",
            type="primary",
            icon=":material/play_arrow:",
            key=f"{P}start",
            disabled=under_way(store) or done,
            help="Nothing is missing." if done else None,
        )
        st.space("stretch")
        with st.popover("The file", icon=":material/description:", width="content"):
            st.code(command_line(ACTION.words(asked)), language=None, wrap_lines=True)
            st.code(file.text, language="yaml", wrap_lines=True)
            st.download_button(
                "Download",
                file.text,
                file_name=f"{slug(clean_name(config.name))}.yaml",
                mime="application/yaml",
                on_click="ignore",
                icon=":material/download:",
                key=f"{P}download",
            )
    if pressed:
        with said, errors_shown():
            ACTION.start(asked, store, environ=secrets_of(key_variables_of(config)))
            st.rerun()


def main() -> None:
    """Draw the page."""
    store, file = the_store(), pick()
    if file is None:
        message("info", "There are no experiments here; take a file of your own.")
        return
    config = file.config()
    if config.about:
        st.text(config.about)
    embedded_note([one.model.model for one in config.models])
    state = values_version(store)
    found = planned(file.text, file.name, state)
    show_left(found)
    show_cells(store, file, config)
    if numbers := jobs_of(store, config):
        watched(lambda: [current_job(store, number) for number in numbers], job_card)
    start(store, file, config, done=not found.calls and not _unscored(found))
    show_tables(tables_of(file.text, file.name, state))
    if any(cell.outputs for cell in found.cells):
        report_popover(store, ReportConfig(out="", experiment=file.name), f"{P}report ")


page_header("experiments")
with errors_shown():
    main()

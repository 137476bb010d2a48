"""A report from a page: the button that starts its job, and its folder as a ZIP afterwards."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st

from pages.shared import paths
from pages.shared.job_progress import job_card, watched
from pages.shared.message import errors_shown, message
from pages.shared.times import when
from sit_core.config.arguments import argv
from sit_core.jobs import Job, JobState, command_line, current_job, current_jobs
from sit_core.names import slug
from sit_core.report.action import ACTION
from sit_core.report.config import ReportConfig
from sit_core.report.zipped import is_report, zipped
from sit_core.settings import settings
from sit_core.store import Store


def report_popover(store: Store, config: ReportConfig, prefix: str) -> None:
    """Draw it.

    Args:
        store: where the job is kept.
        config: what the report is of; its folder is chosen here.
        prefix: of the widgets' keys.
    """
    with st.popover("Report", icon=":material/summarize:"):
        st.caption(
            "Tables, figures and methods as HTML, Markdown and LaTeX, with a bundle of outputs and "
            "verdicts from which anybody can count every number again: sit report --verify."
        )
        names = st.toggle(
            "Annotators keep their names",
            key=f"{prefix}names",
            help="Else they are called annotator 1, 2, … everywhere in it.",
        )
        asked = _placed(replace(config, names=names))
        jobs = [job for job in current_jobs(store) if tuple(job.command) == _words(asked)]
        active = bool(jobs) and jobs[0].active
        if st.button("Write the report", key=f"{prefix}start", type="primary", disabled=active):
            with errors_shown():
                ACTION.start(asked, store)
                st.rerun()
        if jobs and jobs[0].state != JobState.DONE:
            number = jobs[0].id
            watched(lambda: [current_job(store, number)], job_card)
        _download(Path(asked.out), jobs, prefix)
        with st.expander("The command it runs"):
            st.code(command_line(_words(replace(config, names=names, out="report"))), language=None)


def _download(folder: Path, jobs: Sequence[Job], prefix: str) -> None:
    if not is_report(folder):
        return
    if jobs and jobs[0].state == JobState.DONE and jobs[0].ended_at is not None:
        message("done", f"Written {when(jobs[0].ended_at)}.")
    st.download_button(
        "Download (ZIP)",
        lambda: zipped(folder),
        file_name=f"{folder.name.rpartition('-')[0]}.zip",
        mime="application/zip",
        on_click="ignore",
        icon=":material/download:",
        key=f"{prefix}download",
    )


def _placed(config: ReportConfig) -> ReportConfig:
    """With its folder: the same for the same question, so that it is written anew there."""
    digest = hashlib.sha256("\n".join(argv(replace(config, out="-"))).encode()).hexdigest()[:8]
    named = slug(config.study or config.experiment or "runs")
    return replace(config, out=str(settings().home / "reports" / f"{named}-{digest}"))


def _words(config: ReportConfig) -> tuple[str, ...]:
    return tuple(ACTION.words(config))


def comparison_link(
    runs: Sequence[str], asked: Mapping[str, str | Sequence[str]], label: str = "Compare further"
) -> None:
    """A link to the comparison of these runs on the page Analyses, by its address."""
    st.page_link(
        paths.ANALYSES,
        label=label,
        icon=":material/compare_arrows:",
        query_params={"analysis": "comparison", "run": list(runs), **asked},
        help="Any measure, several runs against one, corrected p, and the list of flips.",
    )

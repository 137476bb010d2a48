"""A job on a page: state, bar, log, the command it runs, and the buttons that stop or resume it.

Redrawn twice a second while a job is under way, and not at all otherwise. What jobs say (titles,
reasons, logs) may quote models and files: plain text only.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.shared import paths
from pages.shared.keys import keys_for
from pages.shared.message import errors_shown, message
from pages.shared.store import the_store
from pages.shared.times import when
from sit_core.errors import SitError
from sit_core.jobs import (
    Job,
    JobState,
    cancel_job,
    command_line,
    duration,
    log_path,
    log_size,
    log_tail,
    progress_words,
    resume_job,
)

EVERY = 0.5
KINDS = {
    JobState.DONE: "done",
    JobState.FAILED: "error",
    JobState.CANCELLED: "info",
    JobState.DEAD: "warning",
}
_SAID = "job said"


def watched(find: Callable[[], Sequence[Job]], draw: Callable[[Job], None]) -> None:
    """Draw jobs, again and again while one of them is under way; the whole page when none is more.

    Args:
        find: the jobs to draw.
        draw: draws one.
    """
    first = find()
    active = any(job.active for job in first)

    def part() -> None:
        with errors_shown(goes_on=not active):
            drawn()

    def drawn() -> None:
        jobs = find()
        if {j.id for j in jobs if j.active} != {j.id for j in first if j.active}:
            st.rerun()
        for job in jobs:
            draw(job)

    st.fragment(part, run_every=EVERY if active else None)()


def job_card(job: Job, *, log: bool = False, link: str = "") -> None:
    """One job with all that can be said and done about it.

    Args:
        job: as `current_jobs` gives it.
        log: whether its log is open.
        link: ``run`` or ``job``: with a way to the page Runs or Jobs.
    """
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"Job {job.id} · {job.state} · {job.title}", width="stretch")
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                _link(job, link)
                _button(job)
        if said := st.session_state.get(f"{_SAID} {job.id}"):
            message("error", said)
        if job.active:
            st.progress(job.share or 0.0, progress_words(job))
            if job.cancel_at is not None:
                st.text("It was asked to stop.")
            elif job.message:
                st.text(job.message)
        else:
            message(KINDS[job.state], job.reason or str(job.state))
            st.text(_times(job))
        _details(job, log)


def _link(job: Job, link: str) -> None:
    """The way from a job to its run, and back."""
    if link == "run" and job.run:
        where, icon, label = paths.RUNS, ":material/play_arrow:", "The run"
        st.page_link(where, label=label, icon=icon, query_params={"run": job.run})
    elif link == "job":
        where, icon, label = paths.JOBS, ":material/list_alt:", "The job"
        st.page_link(where, label=label, icon=icon, query_params={"job": str(job.id)})


def _times(job: Job) -> str:
    words = f"Started {when(job.created_at)}"
    if job.attempt > 1:
        words += f", attempt {job.attempt} {when(job.queued_at)}"
    if job.ended_at is not None:
        words += f", ended {when(job.ended_at)} after {duration(job.ended_at - job.queued_at)}"
    return words


def _details(job: Job, log: bool) -> None:
    left, right = st.columns(2)
    with left.expander("Command"):
        st.code(command_line(job.command), language=None, wrap_lines=True)
        st.text(f"in the folder {job.folder}, on {job.host}, process {job.pid or '(none)'}")
    with (st.container() if log else right).expander("Log", expanded=log):
        if not job.detached:
            st.text("Started from a terminal: its log was written there.")
            return
        # Of one that is under way the newest lines, without a need to scroll.
        tail = log_tail(job.id, 600 if job.active else 8000)
        if tail.strip():
            st.code(tail, language=None, wrap_lines=True, height=300 if len(tail) > 900 else None)
        else:
            st.text("Nothing was written so far.")
        st.text(f"{log_path(job.id)} · {log_size(job.id):,} bytes")


def _button(job: Job) -> None:
    """Cancel, or resume; keyed by attempt and state, so that a second click finds another."""
    key = f"{job.id} {job.attempt}"
    if job.active:
        st.button(
            "Cancel",
            key=f"cancel job {key}",
            icon=":material/stop_circle:",
            disabled=job.cancel_at is not None,
            on_click=_try,
            args=(job, lambda: cancel_job(the_store(), job.id)),
        )
    elif job.state != JobState.DONE:
        st.button(
            "Resume",
            key=f"resume job {key}",
            icon=":material/play_circle:",
            type="primary",
            on_click=_try,
            args=(job, lambda: resume_job(the_store(), job.id, keys_for(job.command))),
        )


def _try(job: Job, action: Callable[[], object]) -> None:
    try:
        action()
        st.session_state.pop(f"{_SAID} {job.id}", None)
    except SitError as error:
        st.session_state[f"{_SAID} {job.id}"] = str(error)

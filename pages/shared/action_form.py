"""What every action's form ends with: the command it runs, the button that starts it, its jobs."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.shared.job_progress import job_card, watched
from pages.shared.keys import secrets_of
from pages.shared.message import errors_shown, message
from sit_core.actions import Action
from sit_core.config.fields import key_variables
from sit_core.jobs import Job, JobState, command_line, current_job, current_jobs
from sit_core.store import Store


def start_button(
    action: Action[Any, Any],
    config: Any,
    store: Store,
    *,
    label: str,
    prefix: str,
    disabled: bool = False,
    fault: Callable[[], str] = lambda: "",
    blocked: bool = False,
    check: Callable[[], None] = lambda: None,
    close: Callable[[], None] | None = None,
    started: Callable[[Job], None] = lambda job: None,
) -> None:
    """Draw the command, the button and Close; starts the action's job and draws the page anew.

    Args:
        action: what is started.
        config: with what; may be off, which is said when it is started.
        store: where the job is kept.
        label: of the button.
        prefix: of the widgets' keys.
        disabled: whether nothing can be started.
        fault: what is wrong already, which keeps it from being started; asked, and said, below the
            command. It may draw.
        blocked: whether something else that is said already keeps it from being started.
        check: looks at what the action does not know, and raises a `SitError`.
        close: called when the form is closed; None: it has no Close.
        started: called with the job.
    """
    with st.expander("The command it runs"):
        st.code(command_line(action.words(config)), language=None, wrap_lines=True)
    said = st.container()
    wrong = fault()
    if wrong:
        with said:
            message("error", wrong)
    with st.container(horizontal=True):
        pressed = st.button(label, type="primary", key=f"{prefix}start", disabled=disabled)
        if close and st.button("Close", type="tertiary", key=f"{prefix}close"):
            close()
            st.rerun()
    if pressed and not wrong and not blocked:
        with said, errors_shown():
            action.check(config, store)
            check()
            job = action.start(config, store, environ=secrets_of(key_variables(config)))
            if close:
                close()
            started(job)
            st.rerun()


def jobs_of(store: Store, *names: str) -> None:
    """The jobs of these actions that are under way, or the last one if it did not succeed."""
    jobs = [job for job in current_jobs(store) if job.command[:1] and job.command[0] in names]
    shown = [job.id for job in jobs if job.active]
    if not shown and jobs and jobs[0].state != JobState.DONE:
        shown = [jobs[0].id]
    if shown:
        watched(lambda: [current_job(store, number) for number in shown], job_card)

"""Jobs: every long action, how far it is or why it ended; cancel and resume."""

import time
from collections import Counter

import streamlit as st

from pages.jobs.again import again
from pages.shared import paths
from pages.shared.embedded_note import embedded_note
from pages.shared.job_progress import job_card, watched
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from pages.shared.times import moments, time_column
from sit_core.jobs import Job, JobState, current_job, current_jobs

OPEN = "job"  # in the address: the number of the job that is open
STATES = "state"  # in the address: the states of the jobs in the table
SHOWN = 500  # jobs in the table
CARDS = 4  # of jobs under way, above it


def chosen_states(jobs: list[Job]) -> list[Job]:
    """Those in the states that are picked; all of them where none is."""
    counts = Counter(job.state for job in jobs)
    states = [str(state) for state in JobState if state in counts]
    if len(states) < 2:
        return jobs
    asked = [state for state in dict.fromkeys(st.query_params.get_all(STATES)) if state in states]
    if STATES not in st.session_state:
        st.session_state[STATES] = asked
    picked = st.pills(
        "State",
        states,
        selection_mode="multi",
        format_func=lambda state: f"{state} {counts[JobState(state)]:,}",
        key=STATES,
        label_visibility="collapsed",
    )
    if picked != asked:
        st.query_params[STATES] = picked
    return [job for job in jobs if job.state in picked] if picked else jobs


def minutes(job: Job) -> float | None:
    """How long its latest attempt took, or has been going on."""
    if job.ended_at is None and not job.active:
        return None
    return max(0.0, (job.ended_at or time.time()) - job.queued_at) / 60


def table(jobs: list[Job], opened: int | None) -> None:
    """The jobs; choosing a row opens one."""
    import pandas as pd

    numbers = [job.id for job in jobs]
    key = f"jobs {hash(tuple(numbers))}"

    def clicked() -> None:
        rows = st.session_state[key].selection.rows
        if rows and rows[0] < len(numbers):
            st.query_params[OPEN] = str(numbers[rows[0]])
        else:
            st.query_params.pop(OPEN, None)

    st.dataframe(
        pd.DataFrame(
            {
                "Job": numbers,
                "State": [str(job.state) for job in jobs],
                "Done": [job.share for job in jobs],
                "Title": [job.title for job in jobs],
                "Message": [job.reason or job.message for job in jobs],
                "Started": moments(job.queued_at for job in jobs),
                "Minutes": [minutes(job) for job in jobs],
                "Attempt": [job.attempt for job in jobs],
            }
        ),
        key=key,
        hide_index=True,
        on_select=clicked,
        selection_mode="single-row",
        selection_default={
            "selection": {"rows": [numbers.index(opened)] if opened in numbers else []}
        },
        column_config={
            "Job": st.column_config.NumberColumn(width=60),
            "State": st.column_config.TextColumn(width=85),
            "Done": st.column_config.ProgressColumn(
                format="percent", min_value=0, max_value=1, width=110
            ),
            "Title": st.column_config.TextColumn(width=300),
            "Message": st.column_config.TextColumn(width=420),
            "Started": time_column("Started", 190),
            "Minutes": st.column_config.NumberColumn(format="%.1f", width=75),
            "Attempt": st.column_config.NumberColumn(width=75),
        },
        placeholder="",
        alt="The jobs and their states; choosing a row opens one",
    )
    if len(jobs) >= SHOWN:
        st.text(f"The newest {SHOWN:,} jobs are shown.")


def models_of(jobs: list[Job]) -> list[str]:
    """The models that these jobs' commands name."""
    option = "--model="
    return [
        word.removeprefix(option) for job in jobs for word in job.command if word.startswith(option)
    ]


page_header("jobs")
with errors_shown():
    store = the_store()
    found = current_jobs(store, limit=SHOWN)
    if not found:
        message("info", "There are no jobs yet. A run of a model is one: make it on the page Runs.")
        st.page_link(paths.RUNS, label="Runs", icon=":material/play_arrow:")
        st.stop()
    asked = st.query_params.get(OPEN, "")
    opened = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    under_way = [job.id for job in found if job.active and job.id != opened]
    if opened is not None:
        watched(
            lambda: [current_job(store, opened)], lambda job: job_card(job, log=True, link="run")
        )
        again(store, current_job(store, opened))
    if under_way:
        watched(
            lambda: [current_job(store, number) for number in under_way[:CARDS]],
            lambda job: job_card(job, link="run"),
        )
        if len(under_way) > CARDS:
            st.text(f"… and {len(under_way) - CARDS:,} more under way, in the table.")
    if opened is None and not under_way:
        st.text("Nothing is running. Select a row to see its log or resume it.")
    table(chosen_states(found), opened)
    embedded_note(models_of(found))

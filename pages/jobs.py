"""Jobs: every long action, how far it is or why it ended; cancel and resume."""

from datetime import datetime

import streamlit as st

from pages.shared.embedded import embedded_note
from pages.shared.job_progress import job_card, watched
from pages.shared.message import errors_shown, message
from pages.shared.store import the_store
from sit_core.jobs import Job, current_job, current_jobs, log_size
from sit_core.store.jobs import list_jobs

OPEN = "job"  # in the address: the number of the job that is open


def table(jobs: list[Job], opened: int | None) -> None:
    """All jobs; choosing a row opens one."""
    import pandas as pd

    numbers = [job.id for job in jobs]
    key = f"jobs {numbers[0]} {len(numbers)}"

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
                "Title": [job.title for job in jobs],
                "Done": [job.done for job in jobs],
                "Of": [job.total for job in jobs],
                "Says": [job.reason or job.message for job in jobs],
                "Begun": [datetime.fromtimestamp(job.created_at) for job in jobs],
                "Attempt": [job.attempt for job in jobs],
                "Log, bytes": [log_size(job.id) for job in jobs],
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
            "Title": st.column_config.TextColumn(width=260),
            "Says": st.column_config.TextColumn(width=380),
            "Begun": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
        },
        alt="The jobs and their states; choosing a row opens one",
    )


def models_of(jobs: list[Job]) -> list[str]:
    """The models that these jobs' commands name."""
    option = "--model="
    return [
        word.removeprefix(option) for job in jobs for word in job.command if word.startswith(option)
    ]


with errors_shown():
    store = the_store()
    found = current_jobs(store)
    if not found:
        message("info", "There are no jobs yet. A run of a model is one: make it on the page Runs.")
        st.page_link("runs.py", label="Runs", icon=":material/play_arrow:")
        st.stop()
    asked = st.query_params.get(OPEN, "")
    opened = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    under_way = [job.id for job in found if job.active and job.id != opened]
    if opened is not None:
        watched(lambda: [current_job(store, opened)], lambda job: job_card(job, log=True))
    if under_way:
        watched(
            lambda: [current_job(store, number) for number in under_way],
            job_card,
        )
    if opened is None and not under_way:
        st.text("Nothing is under way. Choose a row to see its log, or to resume it.")
    table(list_jobs(store), opened)
    embedded_note(models_of(found))

"""Runs: make a model's outputs as a job, watch them come, and go on with what was stopped."""

import streamlit as st

from pages.runs.list_of_runs import list_of_runs
from pages.runs.new_run import OPEN, PREFIX, new_run
from pages.runs.one_run import SAID, one_run
from pages.runs.several_runs import several_runs
from pages.shared.archived import archived_shown, archived_switch
from pages.shared.embedded_note import embedded_note
from pages.shared.job_progress import job_card, watched
from pages.shared.message import errors_shown, message
from pages.shared.model_form import take_model
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from sit_core.jobs import current_job, current_jobs
from sit_core.registry import unknown
from sit_core.store.browse import run_names
from sit_core.store.renaming import archived_runs
from sit_core.store.runs import RunSummary, list_runs

CARDS = 4  # of runs under way, above the table


@st.cache_data(ttl=10, max_entries=4, show_spinner=False)
def runs_of(
    url: str, jobs: tuple[tuple[int, int, str], ...], names: tuple[str, ...]
) -> list[RunSummary]:
    """All runs: counting takes a second or two where there are many.

    The arguments say when they differ: another store, another state of a job, other names.
    """
    return list_runs(the_store(), archived=True)


page_header("runs")
with errors_shown():
    store = the_store()
    if SAID in st.session_state:
        runs_of.clear()
        message("done", st.session_state.pop(SAID))
    jobs = current_jobs(store)
    states = tuple((job.id, job.attempt, str(job.state)) for job in jobs)
    runs = runs_of(store.url, states, (*run_names(store), *archived_runs(store)))
    if "new" in st.query_params:  # a link to the form, perhaps with a model
        st.session_state[OPEN] = True
        if token := st.query_params.get("model"):
            take_model(PREFIX, token)
        st.query_params.clear()
    made_here = [run for run in runs if run.planned is not None]
    chosen = list(dict.fromkeys(st.query_params.get_all("run")))
    if st.session_state.get(OPEN) or not (made_here or jobs or chosen):
        new_run(store)
    elif st.button("New run", type="primary", icon=":material/add:", key="open a new run"):
        st.session_state[OPEN] = True
        st.rerun()
    opened = chosen[0] if len(chosen) == 1 else None
    under_way = [job.id for job in jobs if job.active and job.run and job.run != opened]
    if under_way:
        watched(
            lambda: [current_job(store, number) for number in under_way[:CARDS]],
            lambda job: job_card(job, link="job"),
        )
        if len(under_way) > CARDS:
            st.text(f"… and {len(under_way) - CARDS:,} more under way, on the page Jobs.")
    if len(chosen) > 1:
        several_runs(chosen, [run.name for run in runs])
    if opened is not None:
        known = {run.name: run for run in runs}
        if opened in known:
            one_run(store, known[opened])
        elif not any(job.run == opened for job in jobs):
            del st.query_params["run"]
            st.text(unknown("run", opened, list(known)))
        else:  # its job has not laid it out yet, or never could
            newest = next(job.id for job in jobs if job.run == opened)
            watched(
                lambda: [current_job(store, newest)],
                lambda job: job_card(job, log=True, link="job"),
            )
    listed = [run for run in runs if not run.archived or archived_shown("run")]
    if listed:
        list_of_runs(listed, jobs, chosen)
        embedded_note(run.model for run in listed if run.name != opened)
    archived_switch(store, "run", "runs")

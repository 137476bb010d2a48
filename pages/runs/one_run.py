"""One run: its job, what it is made of, what went wrong in it, and the ways onwards."""

import json

import streamlit as st

from pages.runs.onwards import onwards
from pages.runs.outputs_of_run import SAID, outputs_of
from pages.shared.embedded_note import embedded_note
from pages.shared.heading import heading
from pages.shared.job_progress import job_card, watched
from pages.shared.keys import keys_for
from pages.shared.message import errors_shown, message
from pages.shared.store import the_store
from sit_core.errors import SitError
from sit_core.jobs import current_job, resume_job
from sit_core.store import Store
from sit_core.store.jobs import Job, list_jobs
from sit_core.store.run_contents import error_reasons
from sit_core.store.runs import RunSummary, delete_run

SHOWN = 20
__all__ = ["SAID", "one_run"]


def one_run(store: Store, run: RunSummary) -> None:
    """Draw one run."""
    heading(run.name)
    embedded_note([run.model])
    onwards([run.name], complete=run.state == "complete")
    jobs = list_jobs(store, run=run.name, limit=1)
    if jobs:
        number = jobs[0].id
        watched(
            lambda: [current_job(store, number)],
            lambda job: job_card(job, log=job.active, link="job"),
        )
    outputs_of(store, run)
    if run.errors:
        _errors(store, run, jobs[0] if jobs else None)
    if run.planned is not None:
        with st.expander("What it was made of"):
            made_of = {"settings": run.settings, "provenance": run.provenance}
            text = json.dumps(made_of, indent=2, ensure_ascii=False)
            st.code(text, language=None, wrap_lines=True, height=400)
    if not (jobs and jobs[0].active):
        _delete(store, run)


def _delete(store: Store, run: RunSummary) -> None:
    with st.popover("Delete the run", icon=":material/delete:", type="tertiary"):
        st.text("Its outputs and scores go with it. What people or LLMs judged is never deleted.")
        if st.button("Delete it", key=f"delete run {run.name}", type="primary"):
            with errors_shown():
                st.session_state[SAID] = delete_run(store, run.name).sentence
                st.query_params.pop("run", None)
                st.rerun()


def _errors(store: Store, run: RunSummary, job: Job | None) -> None:
    message("warning", f"{run.errors:,} of {run.planned or 0:,} examples got no output.")
    st.dataframe(
        [{"row": row + 1, "reason": reason} for row, reason in error_reasons(store, run.name)],
        hide_index=True,
        key="run errors",
    )
    if run.errors > SHOWN:
        st.text(f"… and {run.errors - SHOWN:,} more.")
    if job is not None and not job.active and st.button("Try them again", key="retry errors"):
        try:
            resume_job(the_store(), job.id, keys_for(job.command))
        except SitError as error:
            message("error", str(error))
        else:
            st.rerun()

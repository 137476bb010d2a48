"""One run: its job, what it is made of, what went wrong in it, and the ways onwards.

How the calls of one run ended, and what its outputs hold that is no part of them.
"""

import json

import streamlit as st

from pages.results.links import INSPECT
from pages.runs.several_runs import onwards
from pages.shared.archived import formerly, rename_and_archive
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
from sit_core.store.renaming import former_names_of_runs
from sit_core.store.run_check import RunCheck, check_stored, repair
from sit_core.store.run_contents import error_reasons
from sit_core.store.runs import RunSummary, delete_run

SHOWN = 20
__all__ = ["SAID", "one_run"]


def one_run(store: Store, run: RunSummary) -> None:
    """Draw one run."""
    heading(run.name)
    formerly(former_names_of_runs(store).get(run.name, ()))
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
    with st.container(horizontal=True):
        rename_and_archive(store, "run", run.name, run.archived, SAID)
        if not (jobs and jobs[0].active):
            _delete(store, run)


def _delete(store: Store, run: RunSummary) -> None:
    with st.popover("Delete the run", icon=":material/delete:", type="tertiary"):
        st.text("This deletes its outputs and scores. What people or LLMs judged is never deleted.")
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


SAID = "runs said"
"""Where the page's next run finds a sentence to show once."""


def outputs_of(store: Store, run: RunSummary) -> None:
    """Draw the counts, what an endpoint refused, and the look through what is stored."""
    counts = (
        (run.cut, "cut by a limit", "cut"),
        (run.refused, "refused by the model or a filter", "refused"),
        (run.thoughts, "with thoughts apart", None),
    )
    found = [(f"{n:,} {what}", outcome) for n, what, outcome in counts if n]
    if found:
        said = ", ".join(words for words, _ in found)
        st.text(f"Of {run.outputs:,} outputs: {said}.")
    with st.container(horizontal=True):
        for words, outcome in found:
            if outcome is not None:
                st.page_link(
                    INSPECT,
                    label=f"Open the {words}",
                    query_params={"run": run.name, "outcome": outcome},
                )
    if run.set_aside:
        message(
            "info",
            f"{run.set_aside:,} verdicts were made on texts that these outputs had before; they "
            "are kept with those texts and counted nowhere.",
        )
    left_out = _left_out(run)
    if left_out:
        message(
            "info",
            f"The endpoint refuses {' and '.join(left_out)} for this model: not sent, so that the "
            "outputs are those of its own setting.",
        )
    with st.popover("Check the outputs", icon=":material/search:", type="tertiary"):
        st.text("Looks for stored texts that are no outputs, and outputs that hold thoughts.")
        key = f"checked {run.name}"
        if st.button("Look through them", key=f"check run {run.name}"):
            with errors_shown():
                (st.session_state[key],) = check_stored(store, [run.name])
        if key in st.session_state:
            _found(store, run, st.session_state[key])


def _found(store: Store, run: RunSummary, found: RunCheck) -> None:
    st.text(
        f"{found.outputs:,} outputs: {found.thoughts:,} hold thoughts, {found.failed:,} are none."
    )
    if found.not_known:
        st.text(f"Of {found.not_known:,} it was not kept how their calls ended.")
    if found.first:
        st.dataframe(
            [{"row": one.row + 1, "reason": one.reason} for one in found.first],
            hide_index=True,
            key=f"found in {run.name}",
        )
    for label, there, how in (
        ("Split the thoughts off", found.thoughts, {"split": True}),
        ("Free what failed", found.failed - found.in_studies, {"free": True}),
    ):
        if there and st.button(label, key=f"{label} {run.name}"):
            with errors_shown():
                st.session_state[SAID] = repair(store, [run.name], **how).sentence
                del st.session_state[f"checked {run.name}"]
                st.rerun()
    if found.thoughts or found.failed:
        st.text("Verdicts and scores on a text that changes are kept with it and counted no more.")


def _left_out(run: RunSummary) -> list[str]:
    attempts = run.provenance.get("attempts") or [{}]
    return list((attempts[-1].get("model") or {}).get("left_out", ()))

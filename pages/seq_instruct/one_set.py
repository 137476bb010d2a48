"""One set of instructions: its job, what became of it, its instructions, its files."""

import streamlit as st

from pages.seq_instruct.address import View
from pages.seq_instruct.chosen import chosen_places, filters, listed
from pages.seq_instruct.files import show_files
from pages.seq_instruct.kinds import show_kinds
from pages.seq_instruct.numbers import show_lengths, show_outcomes, show_usage
from pages.seq_instruct.tree import show_instruction
from pages.shared.heading import heading
from pages.shared.job_progress import job_card, watched
from pages.shared.message import message
from sit_core.jobs import Job, current_job
from sit_core.seq_instruct.instruction_set import InstructionSet
from sit_core.store import Store

TABS = ("What became of them", "Lengths", "Kinds", "Tokens and cost", "Files and configuration")
TAB = "seq-instruct tab"
"""Key of the tabs: which one is open."""


def one_set(store: Store, one: InstructionSet, job: Job | None, view: View) -> None:
    """Draw it."""
    heading(one.name)
    if job is not None and (job.active or not one.complete):
        _job(store, one, job)
    if not one.seeds:
        if job is None or not job.active:
            message("info", "Nothing was read yet; the set waits for somebody to go on with it.")
        show_files(store, one, job)
        return
    iterations = [0, *one.iterations]
    iteration = iterations[-1] if view.iteration is None else view.iteration
    if iteration not in iterations:
        message("info", f"There is nothing of iteration {iteration} yet.")
        iteration = iterations[-1]
    if view.instruction is None:
        _figures(store, one, job, iteration, view)
    else:
        with st.expander("Figures, files and configuration"):
            _figures(store, one, job, iteration, view)
    filters(one, iteration, view)
    found = chosen_places(one, iteration, view)
    listed(one, iteration, found, view)
    if view.instruction is not None:
        show_instruction(one, found, view)


def _job(store: Store, one: InstructionSet, job: Job) -> None:
    """The job's card; the page is drawn anew when a wave is done."""
    number, drawn = job.id, _extent(one)

    def find() -> list[Job]:
        found = current_job(store, number)
        if found.active and _extent(one) != drawn:
            st.rerun()
        return [found]

    watched(find, lambda found: job_card(found, link="job"))


def _extent(one: InstructionSet) -> tuple[int, ...]:
    """How large the files are that say what is in each iteration."""
    files = [one.folder.index(i) for i in range(one.config.iterations + 1)]
    return tuple(file.stat().st_size if file.exists() else 0 for file in files)


def _figures(
    store: Store, one: InstructionSet, job: Job | None, iteration: int, view: View
) -> None:
    # Only the open one is computed: the kinds of 100,000 instructions take seconds.
    became, long, kinds, used, files = st.tabs(list(TABS), key=TAB, on_change="rerun")
    if became.open:
        with became:
            show_outcomes(one, view)
    if long.open:
        with long:
            show_lengths(one)
    if kinds.open:
        with kinds:
            show_kinds(one, iteration, view)
    if used.open:
        with used:
            show_usage(one)
    if files.open:
        with files:
            show_files(store, one, job)

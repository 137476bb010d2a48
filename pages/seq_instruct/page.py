"""Seq-Instruct: a writer makes single-task instructions sequential; look at all that it did."""

import streamlit as st

from pages.seq_instruct.address import the_view
from pages.seq_instruct.files import SAID
from pages.seq_instruct.form import OPEN
from pages.seq_instruct.list_of_sets import list_of_sets, the_sets
from pages.seq_instruct.new_set import new_set
from pages.seq_instruct.one_set import one_set
from pages.seq_instruct.prompts import show_prompts
from pages.shared.job_progress import job_card, watched
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from sit_core.jobs import current_job
from sit_core.registry import unknown
from sit_core.seq_instruct.instruction_set import InstructionSet
from sit_core.seq_instruct.jobs import job_of
from sit_core.store import Store

CARDS = 4
PROMPTS = "prompts"


def sets_view(store: Store, sets: list[InstructionSet]) -> None:
    """The form or the button that opens it, what is under way, the open set, the list."""
    view = the_view()
    if st.session_state.get(OPEN) or not sets:
        if not sets:
            st.text(
                "There are no sets of instructions yet. Seq-Instruct takes instructions that ask "
                "for one task and has a writer make sequences of them, iteration by iteration."
            )
        new_set(store)
    jobs = {one.name: job_of(store, one.name) for one in sets}
    under_way = [
        job.id for name, job in jobs.items() if job is not None and job.active and name != view.set
    ][:CARDS]
    if under_way:
        watched(
            lambda: [current_job(store, number) for number in under_way],
            lambda job: job_card(job, link="job"),
        )
    opened = next((one for one in sets if one.name == view.set), None)
    if opened is not None:
        one_set(store, opened, jobs[opened.name], view)
    elif view.set is not None:
        message("info", unknown("set", view.set, [one.name for one in sets]))
    if sets:
        list_of_sets(sets, jobs, view)


def buttons(sets: list[InstructionSet], prompts: bool) -> None:
    """The ways to the form and to the prompts."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if prompts:
            if st.button("Sets of instructions", icon=":material/arrow_back:", key="to the sets"):
                st.query_params.clear()
                st.rerun()
            return
        if sets and not st.session_state.get(OPEN):
            new = st.button("New set", type="primary", icon=":material/add:", key="open new set")
            if new:
                st.session_state[OPEN] = True
                st.query_params.clear()
                st.rerun()
        if st.button("Prompts, and try on one", icon=":material/edit_note:", key="to the prompts"):
            st.query_params.from_dict({"view": PROMPTS})
            st.rerun()


page_header("seq_instruct")
with errors_shown():
    store = the_store()
    sets = the_sets()
    prompts = st.query_params.get("view") == PROMPTS
    if SAID in st.session_state:
        message("done", st.session_state.pop(SAID))
    buttons(sets, prompts)
    if prompts:
        show_prompts()
    else:
        sets_view(store, sets)

"""The form for a new study: what it needs is filled in as far as the runs tell."""

from collections.abc import Sequence

import streamlit as st

from pages.shared.archived import archived_switch, run_choices
from pages.shared.guidelines import draw_guidelines
from pages.shared.heading import heading
from pages.shared.message import message
from pages.shared.remembered import remembered
from sit_core.errors import SitError
from sit_core.records import Step
from sit_core.registry import unknown
from sit_core.store import Store
from sit_core.store.prompt_sets import sets_differ, sets_said
from sit_core.store.studies import (
    StudyPlan,
    check_plan,
    create_study,
    shared_examples,
    sharing,
    study_steps,
)
from sit_core.tasks import TASKS, question_for, steps_named
from sit_core.tasks.guidelines import default_guidelines

OPEN = "new study open"
RUNS = "new_study_runs"
"""Runs that another page (Import) puts forward."""
_STEPS, _GUIDELINES = "new study steps", "new study guidelines"
_OWN = "new study own "
"""Prefix: whether the user wrote this text themselves, so that nothing overwrites it."""


@remembered("new study ", ("blind", "order", "people", "minutes"))
def new_study(store: Store) -> None:
    """Draw the form; makes the study and opens it."""
    heading("New study")
    left, right = st.columns([2, 3], gap="large")
    with left:
        name = st.text_input("Name", key="new study name", max_chars=200)
        chosen = _runs(store)
        steps, steps_fault = _steps(store, chosen)
        sample, seed, people, minutes = _numbers(store, chosen)
        blind = st.checkbox("Hide the run's name from the annotators", True, key="new study blind")
        order = st.checkbox(
            "Also ask whether the steps were done in the order asked", key="new study order"
        )
    with right:
        guidelines = _guidelines(steps, order)
    plan = StudyPlan(
        name=name.strip(),
        runs=chosen,
        sample=sample,
        seed=seed,
        steps=steps,
        guidelines=guidelines,
        blind=blind,
        ask_order=order,
        annotators=people,
        claim_minutes=minutes,
    )
    with left:
        said = st.container()
        with st.container(horizontal=True):
            made = st.button("Make the study", type="primary", key="make the study")
            if st.button("Cancel", type="tertiary", key="cancel the study"):
                _close()
                st.rerun()
        if made:
            with said:
                _make(store, plan, steps_fault)


def _close() -> None:
    for key in list(st.session_state):
        if str(key).startswith("new study"):
            del st.session_state[key]


def _make(store: Store, plan: StudyPlan, fault: str) -> None:
    try:
        if fault:
            check_plan(store, plan)  # what else is wrong, to say it all at once
            raise SitError(fault)
        study = create_study(store, plan)
    except SitError as error:
        said = str(error)
        message("error", said if not fault or fault == said else f"{fault}\n{said}")
        return
    _close()
    st.query_params["study"] = study.name
    st.session_state["studies said"] = "The study is made."
    st.rerun()


def _runs(store: Store) -> list[str]:
    proposed = st.session_state.pop(RUNS, None)
    known = run_choices(store, proposed or st.session_state.get("new study runs", ()))
    if proposed:
        st.session_state["new study runs"] = [run for run in proposed if run in known]
        for run in proposed:
            if run not in known:
                message("error", unknown("run", run, known))
    chosen = st.multiselect(
        "Runs", known, key="new study runs", placeholder="Choose runs", wrap=True
    )
    archived_switch(store, "run", "new study")
    if chosen:
        found = sharing(store, chosen)
        if found.shared:
            said = sets_differ(store, chosen) or sets_said(store, chosen)
            st.text("\n".join([*([said] if said else []), *found.sentences]))
        else:
            message("warning", "They have no example in common; choose runs over the same ones.")
            differ = sets_differ(store, chosen)
            st.text("\n".join([*([differ] if differ else []), *found.sentences[1:]]))
    return chosen


def _own(key: str) -> None:
    st.session_state[_OWN + key] = True


def _steps(store: Store, chosen: Sequence[str]) -> tuple[tuple[Step, ...], str]:
    """The steps to judge, and what is wrong with them."""
    hint = ""
    if not st.session_state.get(_OWN + _STEPS):
        st.session_state[_STEPS] = ""
        if chosen:
            try:
                found = study_steps(store, chosen)
                st.session_state[_STEPS] = ", ".join(
                    s.task if s.task in TASKS else f"{s.task}={s.letter}" for s in found
                )
            except SitError:
                hint = "These examples don't tell their steps, or have different ones."
    st.text_input(
        "Steps to judge, in order",
        key=_STEPS,
        on_change=_own,
        args=(_STEPS,),
        placeholder="repeat, answer",
        help=f"Known: {', '.join(TASKS)}. A step of your own with its letter: summarise=S",
    )
    written = [part.strip() for part in st.session_state[_STEPS].split(",") if part.strip()]
    try:
        steps = steps_named(written)
    except SitError as error:
        message("error", str(error))
        return (Step("answer", "A"),), str(error)
    if steps:
        st.text("\n".join(f"{step.letter} · {question_for(step)}" for step in steps))
    elif chosen:
        message("info", f"{hint} Name the steps to judge.".strip())
    return steps, ""


def _numbers(store: Store, chosen: Sequence[str]) -> tuple[int | None, int, int, float]:
    first, second = st.columns(2)
    with first:
        shared = shared_examples(store, chosen) if chosen else 0
        sample = st.number_input(
            "Examples per run",
            1,
            None,
            None,
            key="new study sample",
            placeholder=f"all {shared:,}" if shared else "all",
        )
        people = st.number_input("Annotators per sample", 1, 100, 1, key="new study people")
    with second:
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="new study seed")
        minutes = st.number_input(
            "Minutes to judge a sample",
            1.0,
            None,
            30.0,
            step=5.0,
            format="%g",
            key="new study minutes",
            help="A sample that is opened but not judged in this time goes to another annotator.",
        )
    if sample or shared:
        n = sample or shared
        st.text(f"{n:,} × {len(chosen)} runs × {people} = {n * len(chosen) * people:,} judgments")
    return sample, seed, people, minutes


def _guidelines(steps: Sequence[Step], order: bool) -> str:
    writing, reading = st.tabs(["Guidelines", "Preview"])
    if not st.session_state.get(_OWN + _GUIDELINES):
        st.session_state[_GUIDELINES] = default_guidelines(steps, order)
    with writing:
        text = st.text_area(
            "What counts as done, in Markdown; it stands beside every sample",
            key=_GUIDELINES,
            height=560,
            on_change=_own,
            args=(_GUIDELINES,),
        )
    with reading, st.container(height=600, border=False):
        draw_guidelines(text)
    return text

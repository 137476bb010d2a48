"""Augment: make sequential training data, look at it before and after, download or push it."""

import shlex

import streamlit as st

from pages.augment.form import OPEN, P, mixture_form
from pages.augment.one_mixture import one_mixture, show_changes
from pages.shared.heading import heading
from pages.shared.job_progress import job_card, watched
from pages.shared.message import errors_shown
from pages.shared.page_header import page_header
from pages.shared.remembered import remembered
from pages.shared.store import the_store
from sit_core.augment.mixtures import StoredMixture, lay_down, mixtures, name_of, words_for
from sit_core.config.yaml_file import to_yaml
from sit_core.jobs import Job, current_job, current_jobs, start_job
from sit_core.names import clean_name
from sit_core.registry import unknown
from sit_core.store import Store

CARDS = 4


@remembered(P)
def new_mixture(store: Store) -> None:
    """The form, the change that it makes, and the button that makes the file."""
    heading("New mixture")
    config = mixture_form()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = clean_name(
            st.text_input("Name of the mixture", key=f"{P}name", max_chars=80, width=420)
        )
        start = st.button(
            "Make the mixture", type="primary", key=f"{P}start", disabled=config is None
        )
        if st.button("Close", type="tertiary", key=f"{P}close"):
            close()
            st.rerun()
    if config is None:
        return
    if start:
        with errors_shown():
            lay_down(name, config)
            start_job(store, words_for(name), title=f"Sequences for {name}")
            close()
            st.query_params["mixture"] = name
            st.rerun()
    with st.expander("The configuration and the command"):
        st.code(to_yaml(config), language="yaml", wrap_lines=True)
        st.code(shlex.join(["sit", *words_for(name or "NAME")]), language=None, wrap_lines=True)
    with errors_shown():
        show_changes(config, "new")


def close() -> None:
    """Forget the form."""
    for key in list(st.session_state):
        if str(key).startswith(P):
            del st.session_state[key]


def list_of_mixtures(made: list[StoredMixture], opened: str | None) -> None:
    """The table; choosing a line opens it."""
    key = f"mixtures {len(made)}"

    def clicked() -> None:
        rows = st.session_state[key].selection.rows
        if rows:
            st.query_params["mixture"] = made[rows[0]].name
        else:
            st.query_params.pop("mixture", None)

    names = [mixture.name for mixture in made]
    st.dataframe(
        [
            {
                "Mixture": mixture.name,
                "Rows": mixture.made["train"]["rows"],
                "Held out": (mixture.made.get("held_out") or {}).get("rows", 0),
                "Sequential": mixture.made["sequential"],
                "Chains": ", ".join(mixture.made["chains"]),
                "Seed": mixture.config.seed,
                "For": "evaluation" if mixture.config.use == "unseen" else "training",
            }
            for mixture in made
        ],
        key=key,
        hide_index=True,
        on_select=clicked,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [names.index(opened)] if opened in names else []}},
        alt="The mixtures that were made; choosing one opens it",
    )


def unfinished(jobs: list[Job], made: list[StoredMixture], opened: str | None) -> list[int]:
    """Jobs under way, and the newest of the mixture that is open and was not made."""
    there = {mixture.name for mixture in made}
    found = [job.id for job in jobs if job.active]
    own = [job.id for job in jobs if opened not in there and name_of(job.command) == opened]
    return list(dict.fromkeys([*own[:1], *found]))[:CARDS]


page_header("augment")
with errors_shown():
    store = the_store()
    jobs = [job for job in current_jobs(store) if name_of(job.command)]
    made = mixtures()
    opened = st.query_params.get("mixture")
    if st.session_state.get(OPEN) or not (made or jobs):
        new_mixture(store)
    elif st.button("New mixture", type="primary", icon=":material/add:", key="open new mixture"):
        st.session_state[OPEN] = True
        st.query_params.pop("mixture", None)
        st.rerun()
    numbers = unfinished(jobs, made, opened)
    if numbers:
        watched(
            lambda: [current_job(store, number) for number in numbers],
            lambda job: job_card(job, link="job"),
        )
    if opened is not None:
        chosen = next((mixture for mixture in made if mixture.name == opened), None)
        if chosen is not None:
            one_mixture(chosen)
        elif not numbers:
            st.text(unknown("mixture", opened, [mixture.name for mixture in made]))
    if made:
        list_of_mixtures(made, opened)

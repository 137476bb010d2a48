"""Train: an adapter from a file of instructions; look at the rows first, watch it, compare runs."""

import streamlit as st

from pages.shared.heading import heading
from pages.shared.job_progress import job_card, watched
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.remembered import remembered
from pages.shared.store import the_store
from pages.train.form import OPEN, P, take_link, training_form
from pages.train.list_of_trainings import list_of_trainings
from pages.train.measured import row_lengths
from pages.train.one_training import SAID, live_curves, one_training
from sit_core.jobs import command_line, current_job
from sit_core.names import clean_name
from sit_core.registry import unknown
from sit_core.store import Store
from sit_core.train import as_yaml
from sit_core.train.config import name_fault
from sit_core.train.folder import TrainingFolder
from sit_core.train.jobs import Training, start, trainings, words_for

CARDS = 4


@remembered(P)
def new_training(store: Store) -> None:
    """The form, the rows' lengths, and the button that starts the job."""
    heading("New training")
    config = training_form()
    lengths = None
    if config is not None:
        lengths = row_lengths(config)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name of the training", key=f"{P}name", max_chars=100, width=420)
        name = clean_name(name)
        refused = lengths is None or (lengths.cut > 0 and config.data.too_long == "refuse")
        started = st.button(
            "Start training", type="primary", key=f"{P}start", disabled=config is None or refused
        )
        if st.button("Close", type="tertiary", key=f"{P}close"):
            close()
            st.rerun()
    if config is None:
        return
    if started:
        if fault := name_fault(name):
            message("error", fault)
        else:
            with errors_shown():
                start(store, config)
                close()
                st.query_params["training"] = name
                st.rerun()
    with st.expander("The configuration and the command"):
        path = TrainingFolder.of(config.name).config
        st.code(as_yaml(config, str(path)), language="yaml", wrap_lines=True)
        st.code(command_line(words_for(config.name)), language=None, wrap_lines=True)


def close() -> None:
    """Forget the form."""
    for key in list(st.session_state):
        if str(key).startswith(P):
            del st.session_state[key]


def open_ones(store: Store, chosen: list[str], found: list[Training]) -> None:
    """What the address names: one training, or several to compare."""
    known = {one.folder.name: one for one in found}
    for name in chosen:
        if name not in known:
            st.text(unknown("training", name, list(known)))
    there = [name for name in chosen if name in known]
    if len(there) == 1:
        one_training(store, known[there[0]])
    elif there:
        heading(f"{len(there)} trainings compared")
        live_curves(there)


page_header("train")
with errors_shown():
    store = the_store()
    if SAID in st.session_state:
        message("done", st.session_state.pop(SAID))
    found = trainings(store)
    chosen = list(dict.fromkeys(st.query_params.get_all("training")))
    take_link()
    if st.session_state.get(OPEN) or not found:
        new_training(store)
    elif st.button("New training", type="primary", icon=":material/add:", key="open new training"):
        st.session_state[OPEN] = True
        st.query_params.pop("training", None)
        st.rerun()
    under_way = [
        one.job.id
        for one in found
        if one.job is not None and one.job.active and [one.folder.name] != chosen
    ][:CARDS]
    if under_way:
        watched(
            lambda: [current_job(store, number) for number in under_way],
            lambda job: job_card(job, link="job"),
        )
    open_ones(store, chosen, found)
    if found:
        list_of_trainings(found, chosen)

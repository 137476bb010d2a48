"""Scores: put metrics to runs as a job, and read what they come to, run beside run."""

import streamlit as st

from pages.scores.form import OPEN, score_form
from pages.scores.table import cached_scores, show_scores
from pages.shared import paths
from pages.shared.action_form import jobs_of
from pages.shared.archived import archived_switch, run_choices
from pages.shared.embedded_note import embedded_note_of
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.report_button import comparison_link
from pages.shared.store import the_store
from sit_core.registry import unknown
from sit_core.results.output_values import FOLLOWING
from sit_core.store.browse import run_names
from sit_core.store.prompt_sets import sets_said
from sit_core.store.scores import scored_runs, scores_version
from sit_core.store.studies import sharing

SHOWN = 12  # scored runs are shown where the address names none
PICKED = "scores runs"
OWN = "scores own prompts"


def pick_runs(names: list[str], scored: list[str]) -> list[str]:
    """The runs to show and to score; part of the address."""
    asked = st.query_params.get_all("run")
    state = st.session_state
    if PICKED not in state or (asked and asked != state.get("scores address")):
        state[PICKED] = [run for run in dict.fromkeys(asked) if run in names]
        if not asked:
            state[PICKED] = scored[:SHOWN]
    for run in asked:
        if run not in names:
            message("error", unknown("run", run, names))
    state[PICKED] = [run for run in state[PICKED] if run in names]
    chosen: list[str] = st.multiselect(
        "Runs", names, key=PICKED, placeholder="Choose runs, in the order of the table"
    )
    if chosen != asked:
        st.query_params["run"] = chosen
    state["scores address"] = chosen
    return chosen


def own_prompts() -> bool:
    """Whether each run is shown on all its prompts, not on those that all have; in the address."""
    state = st.session_state
    if OWN not in state:
        state[OWN] = st.query_params.get("prompts") == "own"
    chosen = st.toggle(
        "Each run on all its own prompts",
        key=OWN,
        help="Else runs of one prompt set are compared on the prompts that all of them have.",
    )
    if chosen:
        st.query_params["prompts"] = "own"
    else:
        st.query_params.pop("prompts", None)
    return chosen


page_header("scores")
with errors_shown():
    store = the_store()
    if st.query_params.pop("new", None):
        st.session_state[OPEN] = True
    names = run_names(store)
    if not names:
        message("info", "There is nothing to score yet. Import outputs, or make a run.")
        st.page_link(paths.IMPORT_OUTPUTS, label="Import outputs", icon=":material/upload_file:")
        st.page_link(paths.RUNS, label="Runs", icon=":material/play_arrow:")
        st.stop()
    now = scores_version(store)
    offered = run_choices(store, st.query_params.get_all("run"))
    chosen = pick_runs(offered, [run for run in scored_runs(store) if run in offered])
    archived_switch(store, "run", "scores")
    own = own_prompts() if len(chosen) > 1 else False
    table = cached_scores(tuple(chosen), store.url, now, own)
    if st.session_state.get(OPEN) or not table.rows:
        score_form(store, chosen)
    elif st.button("Score these runs", type="primary", icon=":material/add:", key="open score"):
        st.session_state[OPEN] = True
        st.rerun()
    jobs_of(store, "score")
    embedded_note_of(chosen)
    if table.rows:
        if said := sets_said(store, chosen):
            st.text(said)
        if len(chosen) > 1:
            if table.shared is not None:  # else nothing is left out
                st.text("\n".join(sharing(store, chosen).sentences))
            st.text(table.about_prompts)
        show_scores(table)
        metrics = list(dict.fromkeys(row.metric for row in table.rows if row.metric != FOLLOWING))
        if len(chosen) > 1 and metrics:
            comparison_link(chosen, {"metric": metrics}, "Compare these runs")
    elif chosen:
        st.text("These runs have no scores yet.")
    for sentence in table.said_of_runs:
        st.text(sentence)

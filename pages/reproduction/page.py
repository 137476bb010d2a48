"""Reproduction: the paper's tables for the embedded models, the paper's own numbers below."""

import streamlit as st

from pages.reproduction.claims import cached_claims, show_claims
from pages.reproduction.tables import cached, offer_to_store, show_directions, show_table
from pages.shared.embedded_note import embedded_note
from pages.shared.message import errors_shown
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from sit_core.reproduction.claims import read_plan, seeds_there
from sit_core.reproduction.outputs import FOLDER, read_index
from sit_core.store.browse import run_names

page_header("reproduction")
with errors_shown():
    index = read_index(FOLDER)
    found = cached(str(index["models"]))
    embedded_note(["microlab"])
    show_claims(cached_claims(str(seeds_there(read_plan()))))
    st.subheader("The paper's tables, by the base that knows instructions")
    st.caption(
        "What these adapters can show: that a chain they were not trained on is followed. What "
        "they can't: what IT teaches (their base has learned the single instructions, so IT "
        "changes nothing) and any gain in accuracy (it stands at 100 % before)."
    )
    asked = found.about["questions"]
    st.text(
        f"{asked['count']} held-out questions (seed {asked['seed']}), greedy; adapters of training "
        f"seed {found.about['training_seeds'][0]}."
    )
    offer_to_store()
    there = frozenset(run_names(the_store()))
    show_directions(found.directions)
    for table in found.tables:
        show_table(table, there)
    st.caption(f"The paper: {found.about['paper']}.")

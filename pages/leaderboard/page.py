"""Leaderboard: systems by how much they follow, how well, how long; tested against each other."""

import streamlit as st

from pages.leaderboard import add_results as adding
from pages.leaderboard import charts, systems, table
from pages.leaderboard import compare as pair
from pages.leaderboard import exports as check
from pages.leaderboard.address import take_address, write_address
from pages.leaderboard.options import chosen_board
from pages.shared import paths
from pages.shared.embedded_note import embedded_note_of, show_methods
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.store import the_store
from sit_core.results.leaderboard.build import Leaderboard, leaderboard_version
from sit_core.store import Store
from sit_core.store.overview import places_of_runs
from sit_core.store.renaming import archived_runs


def empty() -> None:
    """What to do where no system has been judged and nothing was reported."""
    message(
        "info",
        "There is no system yet. A run appears here once an LLM judge has judged it: import "
        "outputs or make a run, then have them judged. SeqEval below does all of this in one job.",
    )
    with st.container(horizontal=True):
        for where, label, icon in (
            (paths.IMPORT_OUTPUTS, "Import outputs", "upload_file"),
            (paths.RUNS, "Runs", "play_arrow"),
            (paths.JUDGE, "Judge", "gavel"),
        ):
            st.page_link(where, label=label, icon=f":material/{icon}:")


def show(store: Store, board: Leaderboard) -> None:
    """The table and all that hangs on it."""
    places = places_of_runs(store)
    rows = table.show_table(board, places)
    say_left_out(store, board)
    charts.show_charts(board, rows, places)
    two, figures, notes = st.tabs(["Two systems", "Every figure", "How it was counted"])
    with two:
        pair.show_pair(store, board, leaderboard_version(store))
    with figures:
        table.show_figures(board, rows)
    with notes:
        for note in board.notes:
            if note not in board.left_out:
                st.text(note)
        for column in board.columns:
            st.text(f"{column.label}: {column.about}")
        show_methods(figure.method for row in rows for figure in row.figures.values())
        check.show_check(store, board)
    embedded_note_of(row.run for row in rows if row.run is not None)


def say_left_out(store: Store, board: Leaderboard) -> None:
    """What is not in the table and why; archived runs with the way to them."""
    for sentence in board.left_out:
        st.text(sentence)
    if archived_runs(store):
        st.page_link(paths.RUNS, label="Archived runs", icon=":material/archive:")


def main() -> None:
    """Draw the page."""
    store = the_store()
    take_address()
    # Places that are always there: a tab stays open when something above it comes or goes.
    said, asked, jobs, shown = (st.container() for _ in range(4))
    with said:
        adding.say()
    with asked:
        board = chosen_board(store)
    with jobs:
        adding.running_jobs(store)
    with shown:
        if board.rows:
            show(store, board)
        else:
            empty()
            say_left_out(store, board)
    write_address()
    st.subheader("Add and name systems")
    names, run, benchmarks, others = st.tabs(
        ["Names and data", "SeqEval of a model", "Benchmarks", "Others' results"]
    )
    with names:
        systems.show_systems(store, board)
    with run:
        adding.seqeval_form(store, board)
    with benchmarks:
        adding.benchmark_form(store, board)
    with others:
        adding.others_form(store)


page_header("leaderboard")
with errors_shown():
    main()

"""The kinds of instruction of an iteration: sunburst, table, the way to the instructions."""

import pandas as pd
import streamlit as st

from pages.seq_instruct.address import View, choose, visit
from sit_core.figures.instructions import kinds_figure, petal_of
from sit_core.metrics.verb_noun import kind_reader
from sit_core.metrics.verb_noun.readers import HOW_TO_ADD
from sit_core.results.seq_instruct import set_kinds
from sit_core.results.verb_noun import NOUNS_SHOWN, OTHER, VERBS_SHOWN, KindTable, petals
from sit_core.seq_instruct.instruction_set import InstructionSet

LISTED = 500


@st.cache_data(show_spinner="Reading the instructions", max_entries=30)
def kind_table(
    _one: InstructionSet, name: str, stamp: int, iteration: int, reader: str
) -> KindTable:
    """The kinds of an iteration, counted once per state of its file."""
    return set_kinds(_one, iteration, kind_reader(reader.split()[0]))


def kinds_now(one: InstructionSet, iteration: int) -> KindTable:
    """The kinds of what an iteration made, by whoever can find them here."""
    done = len(one.index(iteration))
    stamp = one.index(iteration).position + done
    return kind_table(one, str(one.folder.path), stamp, iteration, kind_reader().name)


def places_of_kind(one: InstructionSet, iteration: int, view: View) -> list[int]:
    """The instructions that have the view's verb and noun."""
    table = kinds_now(one, iteration)
    if view.noun == OTHER:
        named = {p.noun for p in petals(table) if p.verb == view.verb and not p.inner}
        ids = [
            name
            for row in table.rows
            if row.verb == view.verb and (row.noun is None or row.noun not in named)
            for name in row.ids
        ]
    else:
        ids = table.ids_of(view.verb or "", view.noun or None, any_noun=view.noun is None)
    return sorted({int(name) for name in ids})


def show_kinds(one: InstructionSet, iteration: int, view: View) -> None:
    """Draw the sunburst of what an iteration made (0: of the seeds)."""
    table = kinds_now(one, iteration)
    if not table.rows:
        st.text(
            "No instruction was made in this iteration."
            if not table.instructions
            else "None of these instructions has a kind: no verb that tells what to do was found."
        )
        return
    of = "the seeds" if iteration == 0 else f"what iteration {iteration} made"
    shown = sum(piece.n for piece in petals(table) if piece.inner)
    rule = table.reader == "rule"
    how = (
        "a simple rule: the first verb that tells what to do, and the head of the words behind it"
        if rule
        else f"{table.reader}: the root verb and its direct object"
    )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _sunburst(table, iteration, view)
    with right:
        with_kind = table.instructions - table.without
        st.text(
            f"Of {of}: {with_kind:,} of {table.instructions:,} instructions have a kind, "
            f"{table.clauses:,} clauses; the {VERBS_SHOWN} commonest verbs with {NOUNS_SHOWN} "
            f"nouns each hold {shown:,} of these."
        )
        for reason, ids in table.unparsed.items():
            st.text(f"{len(ids):,} without: {reason}.")
        _table(table, iteration, view)
    st.caption(
        f"Found by {how}. An instruction of one task has one kind, its first clause's; of a "
        "sequence every clause that tells what to do has its own. A click on a piece (or a line) "
        "lists its instructions." + (f" {HOW_TO_ADD}" if rule else "")
    )


def _sunburst(table: KindTable, iteration: int, view: View) -> None:
    event = st.plotly_chart(
        kinds_figure(table),
        on_select="rerun",
        selection_mode="points",
        key=f"kinds {view.set} {iteration} {visit()}",
        config={"displayModeBar": False},
        alt=f"Sunburst: the {VERBS_SHOWN} commonest verbs, and of each its commonest nouns",
    )
    for point in event.selection.points:
        kind = petal_of(point.get("id"))
        if kind is not None:
            verb, noun, whole = kind
            _open(view, iteration, verb, None if whole else noun or "")


def _open(view: View, iteration: int, verb: str, noun: str | None) -> None:
    choose(view, iteration=iteration, verb=verb, noun=noun)
    st.rerun()


def _table(table: KindTable, iteration: int, view: View) -> None:
    rows = table.rows[:LISTED]
    n = table.instructions - table.without
    event = st.dataframe(
        pd.DataFrame(
            {
                "Verb": [row.verb for row in rows],
                "Noun": [row.noun or "–" for row in rows],
                "Clauses": [row.n for row in rows],
                "Instructions": [len(row.ids) for row in rows],
                "%": [100 * len(row.ids) / n for row in rows],
            }
        ),
        key=f"kind table {view.set} {iteration} {visit()}",
        hide_index=True,
        row_height=30,
        height=37 + 30 * min(11, len(rows)),
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "%": st.column_config.NumberColumn(format="%.1f", width=60),
            "Noun": st.column_config.TextColumn(width=130),
            "Clauses": st.column_config.NumberColumn(width=70),
            "Instructions": st.column_config.NumberColumn(width=90),
        },
        alt="Kinds of instruction, the commonest first; choosing a line lists its instructions",
    )
    for index in event.selection.rows:
        _open(view, iteration, rows[index].verb, rows[index].noun or "")

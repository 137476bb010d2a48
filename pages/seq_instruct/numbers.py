"""What became of a set, in numbers and figures; each number opens its instructions.

What a set used: calls, tokens and money, per stage.
"""

import pandas as pd
import streamlit as st

from pages.seq_instruct.address import View, choose, visit
from pages.shared.embedded_note import show_methods
from sit_core.figures.instructions import instruction_lengths_figure, outcomes_figure
from sit_core.results.seq_instruct import OUTCOMES, OutcomeRow, lengths, outcomes, reasons
from sit_core.seq_instruct.config import RULES
from sit_core.seq_instruct.instruction_set import InstructionSet
from sit_core.seq_instruct.stages import STAGES
from sit_core.statistics.interval import WILSON


def show_outcomes(one: InstructionSet, view: View) -> None:
    """Outcomes per iteration as bars and as a table, and the reasons of what came to nothing."""
    rows = outcomes(one)
    if not rows:
        st.text("No iteration has anything yet.")
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _bars(rows, view)
    with right:
        _reasons(one, view)
    _table(rows, view)


def _bars(rows: list[OutcomeRow], view: View) -> None:
    event = st.plotly_chart(
        outcomes_figure(rows),
        on_select="rerun",
        selection_mode="points",
        key=f"outcomes {view.set} {visit()}",
        config={"displayModeBar": False},
        alt="What became of the instructions in each iteration, stacked",
    )
    for point in event.selection.points:
        given = point["customdata"]  # a list, or {"0": …, "1": …}
        iteration, outcome = given.values() if isinstance(given, dict) else given
        choose(view, iteration=iteration, outcome=outcome)
        st.rerun()


def _table(rows: list[OutcomeRow], view: View) -> None:
    iterations = sorted({row.iteration for row in rows})
    there = [name for name in OUTCOMES if any(row.outcome == name for row in rows)]
    cells = {(row.iteration, row.outcome): row for row in rows}
    titles = {OUTCOMES[name]: name for name in there}
    event = st.dataframe(
        pd.DataFrame(
            [
                {
                    "Iteration": str(iteration),
                    "n": next(row.of for row in rows if row.iteration == iteration),
                    **{
                        OUTCOMES[name]: cells[iteration, name].shown
                        if (iteration, name) in cells
                        else "0"
                        for name in there
                    },
                }
                for iteration in iterations
            ]
        ),
        key=f"outcome table {view.set} {visit()}",
        hide_index=True,
        row_height=30,
        on_select="rerun",
        selection_mode="single-cell",
        column_config={
            "Iteration": st.column_config.TextColumn(width=70, pinned=True),
            "n": st.column_config.NumberColumn(width=60),
        },
        alt="Instructions by iteration and outcome: count, share, 95 % interval",
    )
    st.caption(
        "Count, share of n and its 95 % interval. A click on a bar or a cell lists the "
        "instructions."
    )
    show_methods([WILSON])
    for index, column in event.selection.cells:
        outcome = titles.get(column)
        choose(view, iteration=iterations[index], outcome=outcome)
        st.rerun()


def _reasons(one: InstructionSet, view: View) -> None:
    rows = reasons(one)
    if not rows:
        st.text("Nothing failed, and no gate rejected anything.")
        return
    event = st.dataframe(
        pd.DataFrame(
            {
                "Iteration": [str(row.iteration) for row in rows],
                "Outcome": [OUTCOMES[row.outcome] for row in rows],
                "Reason": [row.reason for row in rows],
                "n": [row.n for row in rows],
                "%": [100 * row.n / row.of for row in rows],
            }
        ),
        key=f"reasons {view.set} {visit()}",
        hide_index=True,
        row_height=30,
        height="auto" if len(rows) <= 8 else 37 + 30 * 8,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Iteration": st.column_config.TextColumn(width=70),
            "Reason": st.column_config.TextColumn(width=200),
            "n": st.column_config.NumberColumn(width=50),
            "%": st.column_config.NumberColumn(width=60, format="%.1f"),
        },
        alt="Why instructions were refused by a gate or failed; choosing a line lists them",
    )
    st.caption("Why instructions were dropped. Select a line to list them.")
    for index in event.selection.rows:
        row = rows[index]
        choose(view, iteration=row.iteration, outcome=row.outcome, reason=row.reason)
        st.rerun()


def show_lengths(one: InstructionSet) -> None:
    """How long instructions and responses are, per iteration."""
    for place, what in zip(st.columns(2), ("instruction", "response"), strict=True):
        rows = lengths(one, what)
        with place:
            if not rows:
                st.text(f"There are no {what}s yet.")
                continue
            st.text(f"Length of the {what}s, in words")
            st.plotly_chart(
                instruction_lengths_figure(rows),
                key=f"lengths {what} {one.name}",
                config={"displayModeBar": False},
                alt=f"Lengths of the {what}s in words: a box per iteration",
            )
            st.dataframe(
                pd.DataFrame(
                    {
                        "": ["seeds" if r.iteration == 0 else str(r.iteration) for r in rows],
                        "n": [row.n for row in rows],
                        "mean": [row.mean for row in rows],
                        "median": [row.median for row in rows],
                        "longest": [row.longest for row in rows],
                    }
                ),
                hide_index=True,
                row_height=30,
                column_config={
                    "mean": st.column_config.NumberColumn(format="%.1f"),
                    "median": st.column_config.NumberColumn(format="%.1f"),
                },
                key=f"lengths table {what}",
                alt=f"Lengths of the {what}s in words, per iteration",
            )
    st.caption(
        "In words, as they go into the next iteration: an instruction that was held, refused or "
        "failed counts as it stands. Responses that there are none of don't count."
    )


def show_usage(one: InstructionSet) -> None:
    """A line per stage, with what came of the wave that is under way."""
    usage = one.usage()
    rows = [
        {
            "Stage": stage,
            "Writer": RULES if one.config.writer_of(stage) == RULES else _model(one, stage),
            "Calls": used.calls,
            "Prompt tokens": used.prompt_tokens,
            "Output tokens": used.tokens,
            "Of these calls estimated": used.estimated,
            "Cost": used.cost(one.config.prices_of(stage)),
        }
        for stage in STAGES
        if (used := usage.get(stage)) is not None
    ]
    if not rows:
        st.text("No replies yet.")
        return
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        row_height=30,
        column_config={"Cost": st.column_config.NumberColumn(format="%.4f")},
        key=f"usage of {one.name}",
        alt="Calls, tokens and cost per stage",
    )
    budget = one.config.prices.budget
    st.text(
        f"Cost together {one.cost():.4f}, by the prices of the configuration"
        + (f", of a budget of {budget:g}." if budget is not None else ".")
    )


def _model(one: InstructionSet, stage: str) -> str:
    writer = one.config.writer_of(stage)
    return writer if isinstance(writer, str) else writer.model

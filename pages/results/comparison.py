"""Two runs on their shared samples, and the samples on which they differ."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.results import cached
from pages.results.address import AT, FIRST, SECOND, offered, usual
from pages.results.links import SHOWN, samples_link
from pages.shared.embedded_note import show_methods
from pages.shared.message import message
from pages.shared.report_button import comparison_link
from sit_core.records import JudgeKind
from sit_core.results.following import FollowingTable
from sit_core.results.table_query import TableQuery


def show_comparison(table: FollowingTable, question: TableQuery, state: str) -> None:
    """Draw the comparison; a sentence where there is only one run."""
    runs = list(dict.fromkeys(row.run for row in table.rows))
    if len(runs) < 2:
        st.text("There is only one run.")
        return
    if question.combine == "each":
        message("info", "A comparison needs one verdict per sample: choose the majority or a name.")
        return
    left, right = st.columns(2)
    offered(FIRST, "run", runs)
    first = left.selectbox("Run A", runs, key=FIRST)
    others = [run for run in runs if run != first]
    if st.session_state.get(SECOND) == first:  # it was chosen as A just now
        del st.session_state[SECOND]
    offered(SECOND, "run", others)
    second = right.selectbox("Run B", others, key=SECOND)
    usual(a=runs[0], b=others[0])
    asked = replace(question, runs=(first, second))
    rows = cached.comparison(asked, state).rows
    st.dataframe(
        pd.DataFrame(
            {
                "step": row.letter,
                "both": row.both,
                "only A": row.only_first,
                "only B": row.only_second,
                "neither": row.neither,
                "n": row.n,
                "A": row.first_rate,
                "B": row.second_rate,
                "A − B": row.difference,
                "low": row.low,
                "high": row.high,
                "p": row.p,
                "McNemar": row.p_mcnemar,
                "left out": row.left_out,
            }
            for row in rows
        ),
        hide_index=True,
        column_config={
            **{
                name: st.column_config.NumberColumn(title, format="percent")
                for name, title in (
                    *((name, name) for name in ("A", "B", "A − B")),
                    ("low", "95 % from"),
                    ("high", "to"),
                )
            },
            "p": st.column_config.NumberColumn("p", format="%.3g"),
            "McNemar": st.column_config.NumberColumn("p (McNemar, exact)", format="%.3g"),
        },
        alt="Paired counts of the two runs with their difference, its interval and p",
    )
    st.caption(
        "Of the samples decided in both runs; those that are unsure or not judged in one of them "
        "are left out. A is better than B, or B than A, where 0 lies outside the interval; p says "
        "the same. McNemar's exact p stands beside it and decides nothing."
    )
    show_methods(row.method for row in rows)
    comparison_link(runs, _as_asked(question, first))
    _differences(asked, {row.step: row.letter for row in rows}, state)


def _as_asked(question: TableQuery, baseline: str) -> dict[str, str]:
    """The question as the analysis's address has it; what is as usual is left out."""
    asked = {"baseline": baseline, "study": question.study, "annotator": question.annotator}
    asked["by"] = None if question.by == JudgeKind.HUMAN else question.by.value
    asked["partly"] = None if question.partly == "done" else question.partly
    return {name: value for name, value in asked.items() if value is not None}


def _differences(question: TableQuery, letters: dict[str, str], state: str) -> None:
    steps = list(letters)
    default = steps.index("chain") if "chain" in steps else 0
    offered(AT, "step", steps)
    usual(at=steps[default])
    step = st.selectbox(
        "Samples on which they differ at",
        steps,
        index=default,
        format_func=letters.__getitem__,
        key=AT,
    )
    found = cached.differences(question, step, state)
    if not found:
        message("info", "They don't differ on any sample at this step.")
        return
    st.dataframe(
        pd.DataFrame(
            {
                "done by": "A" if d.first_done else "B",
                "input": d.input or d.instruction,
                "output of A": samples_link("A", study=question.study, sample=d.first),
                "output of B": samples_link("B", study=question.study, sample=d.second),
                "side by side": samples_link(
                    "A | B", study=question.study, sample=d.first, **{"with": question.runs[1]}
                ),
            }
            for d in found
        ),
        hide_index=True,
        column_config={
            "input": st.column_config.TextColumn("input", width="large"),
            **{
                name: st.column_config.LinkColumn(name, display_text=SHOWN, width="small")
                for name in ("output of A", "output of B", "side by side")
            },
        },
        key="differences table",
        alt="Samples on which the two runs differ, with links to the texts",
    )

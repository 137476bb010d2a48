"""The following rates as a dense table, as counts that are links, and as a chart."""

import html

import pandas as pd
import streamlit as st

from pages.results.links import SHOWN, open_samples, samples_link, visit
from pages.shared.embedded_note import show_methods
from pages.shared.theme import colour
from sit_core.figures.following import following_figure
from sit_core.figures.style import WHOLE, step_kind, step_mark
from sit_core.records import IN_ORDER
from sit_core.results.following import FollowingTable
from sit_core.results.table_query import TableQuery
from sit_core.store.verdict_state import CHAIN


def samples_of(
    question: TableQuery, run: str | None, step: str, verdict: str | None = None
) -> dict:
    """The address of the samples that a figure counts; of all runs where none is named."""
    one_each = question.annotator is not None or question.combine == "majority"
    return {
        "study": question.study,
        "run": run,
        "step": step,
        "verdict": verdict,
        "annotator": question.annotator,
        "by": question.by.value if verdict and one_each else None,
        "partly": None if question.partly == "done" else "no",
    }


def show_table(table: FollowingTable, question: TableQuery) -> None:
    """A row per run; a click on a rate opens its samples."""
    rows = table.wide()
    config = {
        name: st.column_config.TextColumn(name, width="medium" if name != "not judged" else "small")
        for name in rows[0]
    }
    config["run"] = st.column_config.TextColumn("run", width="large")
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config=config,
        on_select="rerun",
        selection_mode="single-cell",
        key=f"rates table {visit()}",
        alt="Following rate of each run and step with its 95 % interval and n",
    )
    st.caption(
        "Share of the decided samples (n) in which the step was done, with its 95 % interval. A "
        "click on a figure opens just these n samples."
    )
    show_methods(row.method for row in table.rows)
    if question.combine == "each" and question.annotator is None:
        st.caption(
            "Each judgment counts by itself here: the figures are numbers of judgments, and a "
            "click opens the samples they are about, which may be fewer. A sample is *not judged* "
            "there only while nobody has judged it."
        )
    for index, column in event.selection.cells:
        run = rows[index]["run"]
        steps = {row.letter: row.step for row in table.rows if row.run == run}
        if column in steps:
            open_samples(**samples_of(question, run, steps[column], "decided"))
        if column == "not judged":
            step = table.counted_step(run)
            open_samples(**samples_of(question, run, step, "missing"))


def show_counts(table: FollowingTable, question: TableQuery) -> None:
    """How many samples are done, not done and so on, as links."""
    titles = {"done": "done", "not-done": "not done", "unsure": "unsure", "missing": "not judged"}
    rows = []
    for row in table.rows:
        numbers = {
            "done": row.followed,
            "not-done": row.not_followed,
            "unsure": row.unsure,
            "missing": row.missing,
        }
        cells = {
            verdict: samples_link(str(n), **samples_of(question, row.run, row.step, verdict))
            for verdict, n in numbers.items()
        }
        rows.append({"run": row.run, "step": row.letter, **cells, "rate": row.shown})
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "run": st.column_config.TextColumn("run", width="large", pinned=True),
            **{
                verdict: st.column_config.LinkColumn(
                    titles[verdict], display_text=SHOWN, width="small", alignment="right"
                )
                for verdict in titles
            },
        },
        key="counts table",
        alt="How many samples of each run and step are done, not done, unsure, not judged",
    )


def show_chart(table: FollowingTable, question: TableQuery) -> None:
    """Dots with intervals; a click on one opens its samples."""
    steps = {row.letter: row.step for row in table.rows}
    legend = "".join(_legend(at, *step) for at, step in enumerate(steps.items()))
    st.html(f'<div style="{_LEGEND}"><b>Following by step</b>{legend}</div>')
    event = st.plotly_chart(
        following_figure(table),
        on_select="rerun",
        selection_mode="points",
        key=f"rates chart {visit()} {st.context.theme.type}",
        config={"displayModeBar": False},
        alt="Following rates with 95 % intervals, a line per run and step",
    )
    for point in event.selection.points:
        given = point["customdata"]  # a list, or {"0": …, "1": …}
        run, step = given.values() if isinstance(given, dict) else given
        open_samples(**samples_of(question, run, step, "decided"))


_LEGEND = "display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;align-items:center;font-size:.95rem"
_COLOURS = {"R": "blue", "A": "orange", WHOLE: "green", "T": "violet"}
_SIGNS = {"circle": "●", "square": "■", "diamond": "◆", "triangle-up": "▲", "cross": "✚"}


def _legend(position: int, letter: str, step: str) -> str:
    """One step: its mark and colour, its letter, and what it is."""
    kind = step_kind(letter, position)
    ink = colour(f"{_COLOURS[kind]}TextColor") if kind in _COLOURS else "inherit"
    sign = _SIGNS.get(step_mark(letter, position), "✖")
    words = {CHAIN: "all steps", IN_ORDER: ""}.get(step, step.replace("_", " "))
    return (
        f'<span style="white-space:nowrap"><span aria-hidden="true" style="color:{ink}">{sign}'
        f'</span> <b style="color:{ink}">{html.escape(letter)}</b> {html.escape(words)}</span>'
    )

"""The following rates as a dense table, as counts that are links, and as a chart."""

import pandas as pd
import streamlit as st

from pages.results.links import SHOWN, open_samples, samples_link, visit
from pages.shared.embedded_note import show_methods
from sit_core.figures.tables import following_figure
from sit_core.results.following import FollowingTable
from sit_core.results.table_query import TableQuery


def show_rates(table: FollowingTable, question: TableQuery) -> None:
    """Draw the table and the chart; a click on a rate or a bar opens its samples."""
    _wide(table, question)
    rates, counts = st.tabs(["Chart", "Counts"])
    with rates:
        _chart(table, question)
    with counts:
        _counts(table, question)


def _samples(question: TableQuery, run: str, step: str, verdict: str | None = None) -> dict:
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


def _wide(table: FollowingTable, question: TableQuery) -> None:
    rows = table.wide()
    config = {
        name: st.column_config.TextColumn(name, width="medium" if name != "not judged" else "small")
        for name in rows[0]
    }
    config["run"] = st.column_config.TextColumn("run", pinned=True, width="large")
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
            open_samples(**_samples(question, run, steps[column], "decided"))
        if column == "not judged":
            step = table.counted_step(run)
            open_samples(**_samples(question, run, step, "missing"))


def _counts(table: FollowingTable, question: TableQuery) -> None:
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
            verdict: samples_link(str(n), **_samples(question, row.run, row.step, verdict))
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


def _chart(table: FollowingTable, question: TableQuery) -> None:
    event = st.plotly_chart(
        following_figure(table),
        on_select="rerun",
        selection_mode="points",
        key=f"rates chart {visit()}",
        config={"displaylogo": False},
        alt="Following rates with 95 % intervals, a group of bars per run",
    )
    for point in event.selection.points:
        given = point["customdata"]  # a list, or {"0": …, "1": …}
        run, step = given.values() if isinstance(given, dict) else given
        open_samples(**_samples(question, run, step, "decided"))

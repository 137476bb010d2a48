"""A judge against people, or against another judge: percent, κ, confusion; cells are links."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.results.links import SHOWN, agreement_columns, samples_link
from pages.shared.archived import study_choices
from pages.shared.embedded_note import show_methods, show_undefined
from pages.shared.message import message
from pages.shared.store import the_store
from sit_core.results.judge_agreement import BothRow, JudgeAgreement, judge_agreement
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from sit_core.store.llm_judgments import LlmJudge

_TITLES = {"done": "done", "not-done": "not done", "unsure": "unsure"}
_RUNS = "the outputs of the runs above"


@st.cache_data(max_entries=50, show_spinner="Counting …")
def _agreement(
    url: str, now: str, question: TableQuery, judge: str, against: str | None
) -> JudgeAgreement:
    return judge_agreement(the_store(), question, judge, against=against)


def show_agreement(
    store: Store, now: str, judge: LlmJudge, runs: tuple[str, ...], others: list[LlmJudge]
) -> None:
    """Draw the choice of whom to compare with, the figures and the confusion."""
    st.subheader("Agreement")
    studies = study_choices(store)
    names = [other.name for other in others if other.name != judge.name and other.judged]
    whom = ["people", *names] if studies else names
    if not whom:
        message(
            "info",
            "There is nobody to compare with: no study whose samples people have judged, and no "
            "other LLM judge.",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        against = st.selectbox("With", whom, key="judge against", width=380)
        scopes = studies if against == "people" else [_RUNS, *studies]
        scope = st.selectbox(
            "On", scopes, key=f"judge agreement on {against == 'people'}", width=380
        )
    chosen = tuple(run for run in runs or judge.runs)
    question = TableQuery(scope) if scope != _RUNS else TableQuery(runs=chosen)
    other = None if against == "people" else against
    table = _agreement(store.url, now, question, judge.name, other)
    if not table.rows:
        st.text("No sample has verdicts of both.")
        return
    _figures(table, chosen)
    _confusion(table, chosen)


def _samples(
    table: JudgeAgreement, row: BothRow, runs: tuple[str, ...], **more: Any
) -> dict[str, Any]:
    of = table.question
    found: dict[str, Any] = {
        "study": of.study,
        "run": row.run or (None if of.study else list(runs)),
        "step": row.step,
        "llm": table.judge,
        **more,
    }
    return found


def _figures(table: JudgeAgreement, runs: tuple[str, ...]) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "run": row.run or "all runs",
                "step": row.letter,
                "n": row.samples,
                "agree": row.percent,
                "agree from": row.percent_low,
                "agree to": row.percent_high,
                "κ": row.kappa,
                "low": row.low,
                "high": row.high,
                "differ": samples_link(
                    str(row.samples - row.equal),
                    **_samples(table, row, runs, says="differs", against=table.against),
                ),
            }
            for row in table.rows
        ),
        hide_index=True,
        column_config={
            "run": st.column_config.TextColumn("run", pinned=True, width=380),
            **agreement_columns(),
        },
        key="judge agreement",
        alt="Agreement of the two judges at each step, with links to where they differ",
    )
    st.caption(
        "Over the samples with verdicts of both; of several people the majority counts. Done, not "
        "done and unsure are three answers."
    )
    show_undefined((f"{row.run or 'all runs'}, {row.letter}", row.undefined) for row in table.rows)
    show_methods(m for row in table.rows for m in (row.percent_method, row.method))


def _confusion(table: JudgeAgreement, runs: tuple[str, ...]) -> None:
    who = "people" if table.against is None else "the other judge"
    rows = [
        {
            "run": row.run or "all runs",
            "step": row.letter,
            who: _TITLES[first],
            **{
                second: _cell(table, row, runs, first, second, n) for second, n in of_second.items()
            },
        }
        for row in table.rows
        for first, of_second in row.cells.items()
        if any(of_second.values())
    ]
    with st.expander(f"What {who} say against what this judge says", expanded=True):
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            column_config={
                "run": st.column_config.TextColumn("run", pinned=True, width=380),
                **{
                    name: st.column_config.LinkColumn(
                        f"this judge: {title}", display_text=SHOWN, alignment="right"
                    )
                    for name, title in _TITLES.items()
                },
            },
            key="judge confusion",
            alt="How many samples the two judge so, with links to them",
        )


def _cell(
    table: JudgeAgreement, row: BothRow, runs: tuple[str, ...], first: str, second: str, n: int
) -> str:
    """A count and its samples: those where the first says this and the judge says that."""
    of = _samples(table, row, runs, says=second, against=table.against)
    return samples_link(str(n), **of, **{"other-says": first})

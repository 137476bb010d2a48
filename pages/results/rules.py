"""Rules beside people: that their rates are an estimate, and how well the two agree."""

import pandas as pd
import streamlit as st

from pages.results import cached
from pages.results.links import SHOWN, agreement_columns, samples_link
from pages.shared.embedded_note import show_methods, show_undefined
from pages.shared.message import message
from sit_core.records import JudgeKind
from sit_core.results.judge_agreement import RuleAgreement
from sit_core.results.table_query import TableQuery

_TITLES = {"done": "done", "not-done": "not done", "unsure": "unsure"}


def say_estimate(question: TableQuery) -> None:
    """That rates by rules or LLMs are no verdicts of people; nothing for people."""
    if question.by == JudgeKind.LLM:
        who = f"the LLM judge {question.annotator}" if question.annotator else "LLM judges"
        message(
            "info",
            f"These rates are what {who} said, not people's verdicts. How well LLM judges agree "
            "with people stands on the page Judge.",
        )
    if question.by == JudgeKind.RULE:
        message(
            "info",
            "These rates are an estimate by rules, not people's verdicts. How well it agrees with "
            "people stands below.",
        )


def show_rule_agreement(question: TableQuery, state: str) -> None:
    """Draw the agreement of rules with people; nothing where rules said nothing."""
    if not any(j.kind == JudgeKind.RULE for j in cached.judges(TableQuery(question.study), state)):
        return
    if question.by == JudgeKind.LLM:
        return
    table = cached.rule_agreement(question, state)
    st.subheader("Agreement of the rules' estimate with people")
    if not table.rows:
        st.text("No sample has verdicts of both people and rules yet.")
        return
    _figures(table)
    with st.expander("What people say against what the rules say"):
        _confusion(table)


def _samples(table: RuleAgreement, step: str, **more: str | None) -> dict[str, str | None]:
    of = table.question
    return {
        "study": of.study,
        "step": step,
        "annotator": of.annotator,
        "partly": None if of.partly == "done" else "no",
        **more,
    }


def _figures(table: RuleAgreement) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "step": row.letter,
                "n": row.samples,
                "agree": row.percent,
                "agree from": row.percent_low,
                "agree to": row.percent_high,
                "κ": row.kappa,
                "low": row.low,
                "high": row.high,
                "differ": samples_link(
                    str(row.samples - row.equal), **_samples(table, row.step, rule="differs")
                ),
            }
            for row in table.rows
        ),
        hide_index=True,
        column_config=agreement_columns(),
        key="rule agreement",
        alt="Agreement of rules and people at each step, with links to where they differ",
    )
    who = "one of them" if table.question.annotator else "the majority"
    st.caption(
        f"Over the samples with verdicts of both; of several people {who} counts. Done, not done "
        "and unsure are three answers."
    )
    show_undefined((row.letter, row.undefined) for row in table.rows)
    show_methods(m for row in table.rows for m in (row.percent_method, row.method))


def _confusion(table: RuleAgreement) -> None:
    rows = [
        {
            "step": row.letter,
            "people": _TITLES[people],
            **{
                rules: samples_link(
                    str(n),
                    **_samples(table, row.step, verdict=people, rule=rules),
                    by=None if table.question.annotator else "human",
                )
                for rules, n in of_rules.items()
            },
        }
        for row in table.rows
        for people, of_rules in row.cells.items()
        if any(of_rules.values())
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            name: st.column_config.LinkColumn(
                f"rules: {title}", display_text=SHOWN, alignment="right"
            )
            for name, title in _TITLES.items()
        },
        key="rule confusion",
        alt="How many samples people and rules judge so, with links to them",
    )

"""What a set used: calls, tokens and money, per stage."""

import pandas as pd
import streamlit as st

from sit_core.seq_instruct import RULES, STAGES, InstructionSet


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
        st.text("No reply came yet.")
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

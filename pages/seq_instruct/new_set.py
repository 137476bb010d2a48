"""A new set: the form, what it will cost, the exact command, and the button that starts the job."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.seq_instruct.form import P, set_form
from pages.shared.heading import heading
from pages.shared.message import errors_shown, message
from pages.shared.remembered import remembered
from sit_core.config.yaml_file import read_yaml, to_yaml
from sit_core.errors import SitError
from sit_core.jobs import command_line
from sit_core.models.usage import Prices
from sit_core.names import clean_name
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.estimate import Estimate, estimate
from sit_core.seq_instruct.jobs import start_set, words_for
from sit_core.seq_instruct.prompts import read_prompts
from sit_core.seq_instruct.user_prompts import changed, copy_for
from sit_core.store import Store


@remembered(P)
def new_set(store: Store) -> None:
    """Draw it."""
    heading("New set of instructions")
    config = set_form()
    if config is not None:
        show_estimate(config)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = clean_name(st.text_input("Name of the set", key=f"{P}name", max_chars=80, width=420))
        started = st.button(
            "Make the set", type="primary", key=f"{P}start", disabled=config is None
        )
        if st.button("Close", type="tertiary", key=f"{P}close"):
            close()
            st.rerun()
    if config is None:
        return
    if started:
        with errors_shown():
            if config.prompts is not None and changed():
                config = replace(config, prompts=copy_for(name))
            start_set(store, name, config)
            close()
            st.query_params.from_dict({"set": name})
            st.rerun()
    with st.expander("The configuration and the command"):
        words = words_for(name or "NAME")
        st.code(to_yaml(config, head=command_line(words)), language="yaml", wrap_lines=True)
        st.code(
            command_line([*words, "--config=FILE"]),
            language=None,
            wrap_lines=True,
        )
        st.text(
            "The page keeps the YAML in the set's folder and runs the command without --config; "
            "with it the same is made from a terminal."
        )


def close() -> None:
    """Forget the form."""
    for key in list(st.session_state):
        if str(key).startswith(P):
            del st.session_state[key]


@st.cache_data(ttl=600, max_entries=16, show_spinner="Reading the examples, to say what it costs")
def _estimated(text: str, prompts: str) -> Estimate:
    return estimate(read_yaml(SeqInstructConfig, text))


def show_estimate(config: SeqInstructConfig) -> None:
    """Calls, tokens and cost before anything is asked for."""
    try:
        found = _estimated(to_yaml(config), read_prompts(config.prompts).sha256())
    except SitError as error:
        message("error", str(error))
        return
    every = found.to_dict()
    if not found.calls:
        st.text(
            f"{found.instructions:,} instructions, {config.iterations} iterations by rules: no "
            "model is called, and it costs nothing."
        )
        return
    said = (
        f"{found.instructions:,} instructions, {config.iterations} iterations: at most "
        f"{found.calls:,} calls, about {every['prompt_tokens']:,} tokens sent and "
        f"{every['tokens']:,} written"
    )
    priced = any(config.prices_of(name) != Prices() for name in found.stages)
    said += f", cost {found.cost:.2f}." if priced else "; without prices no cost can be said."
    budget = config.prices.budget
    over = budget is not None and found.cost > budget
    message(
        "warning" if over else "info",
        said
        + (f" That is more than the budget of {budget:g}: it will stop there." if over else ""),
    )
    with st.expander("The estimate, stage by stage"):
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "Stage": name,
                        "Calls": one.calls,
                        "Tokens sent": one.prompt_tokens,
                        "Tokens written": one.tokens,
                        "Cost": one.cost,
                    }
                    for name, one in found.stages.items()
                ]
            ),
            hide_index=True,
            row_height=30,
            width="content",
            column_config={"Cost": st.column_config.NumberColumn(format="%.2f")},
            key=f"{P}estimate",
            alt="Calls, tokens and cost, stage by stage, as estimated",
        )
        st.text(
            "As if no instruction were held and every first attempt were of use. Tokens are "
            "estimated: of prompts from their texts, of replies from what is usual."
        )

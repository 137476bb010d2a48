"""How the calls of one run ended, and what its outputs hold that is no part of them."""

import streamlit as st

from pages.results.links import INSPECT
from pages.shared.message import errors_shown, message
from sit_core.store import Store
from sit_core.store.run_check import RunCheck, check_stored, repair
from sit_core.store.runs import RunSummary

SAID = "runs said"
"""Where the page's next run finds a sentence to show once."""


def outputs_of(store: Store, run: RunSummary) -> None:
    """Draw the counts, what an endpoint refused, and the look through what is stored."""
    counts = (
        (run.cut, "cut by a limit", "cut"),
        (run.refused, "refused by the model or a filter", "refused"),
        (run.thoughts, "with thoughts apart", None),
    )
    found = [(f"{n:,} {what}", outcome) for n, what, outcome in counts if n]
    if found:
        said = ", ".join(words for words, _ in found)
        st.text(f"Of {run.outputs:,} outputs: {said}.")
    with st.container(horizontal=True):
        for words, outcome in found:
            if outcome is not None:
                st.page_link(
                    INSPECT,
                    label=f"Open the {words}",
                    query_params={"run": run.name, "outcome": outcome},
                )
    if run.set_aside:
        message(
            "info",
            f"{run.set_aside:,} verdicts were made on texts that these outputs had before; they "
            "are kept with those texts and counted nowhere.",
        )
    left_out = _left_out(run)
    if left_out:
        message(
            "info",
            f"The endpoint refuses {' and '.join(left_out)} for this model: not sent, so that the "
            "outputs are those of its own setting.",
        )
    with st.popover("Check the outputs", icon=":material/search:", type="tertiary"):
        st.text("Looks for stored outputs that are none, or that hold a model's thoughts.")
        key = f"checked {run.name}"
        if st.button("Look through them", key=f"check run {run.name}"):
            with errors_shown():
                (st.session_state[key],) = check_stored(store, [run.name])
        if key in st.session_state:
            _found(store, run, st.session_state[key])


def _found(store: Store, run: RunSummary, found: RunCheck) -> None:
    st.text(
        f"{found.outputs:,} outputs: {found.thoughts:,} hold thoughts, {found.failed:,} are none."
    )
    if found.not_known:
        st.text(f"Of {found.not_known:,} it was not kept how their calls ended.")
    if found.first:
        st.dataframe(
            [{"row": one.row + 1, "reason": one.reason} for one in found.first],
            hide_index=True,
            key=f"found in {run.name}",
        )
    for label, there, how in (
        ("Split the thoughts off", found.thoughts, {"split": True}),
        ("Free what failed", found.failed - found.in_studies, {"free": True}),
    ):
        if there and st.button(label, key=f"{label} {run.name}"):
            with errors_shown():
                st.session_state[SAID] = repair(store, [run.name], **how).sentence
                del st.session_state[f"checked {run.name}"]
                st.rerun()
    if found.thoughts or found.failed:
        st.text("Verdicts and scores on a text that changes are kept with it and counted no more.")


def _left_out(run: RunSummary) -> list[str]:
    attempts = run.provenance.get("attempts") or [{}]
    return list((attempts[-1].get("model") or {}).get("left_out", ()))

"""The rows' lengths in tokens, measured on a thread of its own, and whose end would be cut."""

import streamlit as st

from pages.shared.background import Background
from pages.shared.message import message
from sit_core.errors import SitError
from sit_core.figures.tables import token_lengths_figure
from sit_core.train import TrainingConfig
from sit_core.train.jobs import TokenSizes, measure
from sit_core.train.lengths import Lengths

_WORK, _OF = "training measuring", "training measured"
CONTEXT = {
    "system": "a system message, which the model reads",
    "history": "earlier turns, which the model reads and does not learn",
}
MOST = 4
"""So many measurements are kept in the session."""


def row_lengths(config: TrainingConfig) -> Lengths | None:
    """Draw the histogram; the figures under the limit that is set, None while they aren't known."""
    key = _key(config)
    kept: dict[object, Background] = st.session_state.setdefault(_WORK, {})
    if key not in kept:
        for other in [k for k, work in kept.items() if work.running]:
            kept.pop(other).cancel()  # begun anew where somebody comes back to it
        kept[key] = Background(lambda report, cancelled: _measure(config, report, cancelled))
        while len(kept) > MOST:
            kept.pop(next(iter(kept)))
    work = kept[key]
    if work.running:
        _progress(work)
        return None
    if work.error is not None:
        if not isinstance(work.error, SitError):
            del kept[key]
            raise work.error
        message("error", str(work.error))
        st.button("Measure again", key="measure again", on_click=kept.pop, args=(key, None))
        return None
    return _drawn(work.result, config)


def _key(config: TrainingConfig) -> object:
    data = config.data
    return (
        config.seed,
        config.model,
        data.train,
        data.limit,
        data.held_out,
        data.held_out_share,
    )


def _measure(config: TrainingConfig, report: object, cancelled: object) -> TokenSizes:
    def told(_done: object, _total: object = None, text: str = "") -> None:
        if cancelled():
            raise SitError("Measuring was stopped.")
        report(text, 0.0)

    return measure(config, told)


def _drawn(sizes: TokenSizes, config: TrainingConfig) -> Lengths:
    longest = config.data.max_length
    found = sizes.train.under(longest)
    held = sizes.held_out.under(longest)
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        st.plotly_chart(token_lengths_figure(found), key="token lengths")
    with right:
        with st.container(horizontal=True):
            st.metric("Rows to train on", f"{_used(found, held, config):,}")
            st.metric("Held out", f"{held.used(config.data.too_long):,}")
            st.metric("Would lose their end", f"{found.cut:,} ({found.cut_share:.1%})")
        st.text(
            f"Half of the rows have at most {found.median:,} tokens, the longest "
            f"{found.longest:,}; {found.output_tokens:,} tokens of outputs are learned."
        )
        for reason, rows in sizes.known["left_out"].items():
            st.text(f"{rows:,} rows are left out: {reason}.")
        for reason, rows in sizes.known["held_out_left_out"].items():
            st.text(f"{rows:,} rows that were to be held out are left out: {reason}.")
        for what, rows in sizes.known["context"].items():
            if rows:
                st.text(f"{rows:,} rows come with {CONTEXT[what]}.")
        if shared := sizes.known["questions_on_both_sides"]:
            message("warning", f"{shared:,} held-out questions are also trained on.")
        _said(found, held, sizes.context, config)
    return found


def _used(found: Lengths, held: Lengths, config: TrainingConfig) -> int:
    """Rows that will be trained on; none while longer held-out rows keep it from beginning."""
    choice = config.data.too_long
    return found.used(choice) if held.used(choice) or not held.rows else 0


def _said(found: Lengths, held: Lengths, context: int | None, config: TrainingConfig) -> None:
    choice = config.data.too_long
    worst = found if found.cut else held
    if worst.cut and choice == "refuse":
        message(
            "error",
            f"{worst.cut:,} of {worst.rows:,} rows are longer than {worst.max_length:,} tokens: "
            "the end of their output, which is their final step, and the sign to stop would be "
            f"cut off. Allow more tokens (the longest row has {worst.longest:,}), or say what "
            "becomes of longer rows.",
        )
    elif worst.cut and choice == "drop":
        message("info", f"{found.cut:,} rows (and {held.cut:,} held out) are left out.")
    elif worst.cut:
        message("warning", f"{found.cut:,} rows are trained on without their final step's end.")
    if context is not None and found.longest > context < config.data.max_length:
        message("error", f"The model can read {context:,} tokens at most.")


@st.fragment(run_every=0.5)
def _progress(work: Background) -> None:
    if not work.running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"Measuring the rows: {work.text or 'loading the tokenizer'}")
        st.button("Stop", key="stop measuring", disabled=work.stopping, on_click=work.cancel)

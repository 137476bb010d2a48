"""Examples before and after, side by side, what was added marked."""

import streamlit as st

from pages.shared.message import message
from pages.shared.plain_text import verbatim
from sit_core.augment import MixtureConfig, Preview, label, preview
from sit_core.augment.example import target_of
from sit_core.config.parse import read_yaml, to_yaml

SHOWN = 50


@st.cache_data(ttl=120, max_entries=16, show_spinner="Reading the first examples")
def _first(text: str) -> Preview:
    return preview(read_yaml(MixtureConfig, text), SHOWN)


def show_changes(config: MixtureConfig, key: str) -> None:
    """One change at a time, with a way to the next.

    Raises:
        SitError: the data can't be read.
    """
    found = _first(to_yaml(config))
    if found.problems:
        rest = len(found.problems) - 3
        said = "\n".join(map(str, found.problems[:3])) + (
            f"\n… and {rest} more" if rest > 0 else ""
        )
        message("warning" if config.bad_rows == "skip" else "error", said)
    if not found.changes:
        reasons = "; ".join(f"{n:,}: {why}" for why, n in found.unchanged.most_common(4))
        message(
            "info",
            f"None of the first {found.looked_at:,} rows becomes a sequence ({reasons}).",
        )
        return
    n = len(found.changes)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.number_input(
            f"Example (of the first {n})", 1, n, 1, key=f"{key} example", width=200
        )
        left = "; ".join(f"{many:,}: {why}" for why, many in found.unchanged.most_common(3))
        st.text(f"Of {found.looked_at:,} rows read{f', unchanged {left}' if left else ''}.")
    change = found.changes[int(place) - 1]
    before, after = st.columns(2, gap="medium")
    with before:
        st.text("Before")
        verbatim(change.before.instruction, key=f"{key} b1", label="Instruction", height="9rem")
        verbatim(change.before.input, key=f"{key} b2", label="Input", height="12rem")
        verbatim(target_of(change.before), key=f"{key} b3", label="Output")
    with after:
        st.text(f"After: {label(change.after.steps)}")
        verbatim(
            change.after.instruction,
            key=f"{key} a1",
            segments=change.instruction_segments(),
            label="Instruction",
            height="9rem",
        )
        verbatim(change.after.input, key=f"{key} a2", label="Input", height="12rem")
        verbatim(change.output, key=f"{key} a3", segments=change.output_segments(), label="Output")

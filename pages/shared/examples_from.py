"""Where single-task examples come from: an upload, the micro lab, a path or name, the hub."""

from typing import Any

import streamlit as st

from pages.shared.message import errors_shown
from pages.shared.upload import kept
from sit_core.embedded import shipped
from sit_core.settings import settings
from sit_core.sources import EXAMPLE_SOURCES
from sit_core.sources.file_formats import suffixes

_MICROLAB, _FILE, _NAMED, _HUB = "Micro lab", "A file", "A path, or a data set by name", "Hub"


def examples_from(prefix: str) -> str | dict[str, Any]:
    """Draw the choice.

    Args:
        prefix: of the widgets' keys.

    Returns:
        The source as configurations name it, with its columns where they were named; empty where
        nothing is chosen yet.
    """
    kind = st.selectbox("Examples", [_FILE, _MICROLAB, _NAMED, _HUB], key=f"{prefix}kind")
    if kind == _MICROLAB:
        st.text(shipped.NOTE)
        sort = st.selectbox("Questions", ["answer", "spanish", "german"], key=f"{prefix}sort")
        count = st.number_input("How many", 1, 100_000, 1000, key=f"{prefix}count")
        return f"microlab:{sort}:{count}"
    if kind == _HUB:
        name = st.text_input(
            "Data set", key=f"{prefix}hub", placeholder="ID, ID:SPLIT, ID:SPLIT:CONFIG"
        )
        return _with_columns(prefix, f"hub:{name.strip()}") if name.strip() else ""
    if kind == _NAMED:
        text = st.text_input(
            "SOURCE[:FILE]",
            key=f"{prefix}path",
            placeholder="alpaca.json, xquad:es, gsm8k:train.jsonl, …",
            help="A path on the machine that runs the app, or one of "
            + ", ".join(EXAMPLE_SOURCES)
            + ", each with :FILE, or alone: from the hub.",
        )
        return _with_columns(prefix, text.strip()) if text.strip() else ""
    upload = st.file_uploader(
        "Instruction, input, output: JSONL, a JSON list, CSV or Parquet",
        type=[suffix.lstrip(".") for suffix in suffixes()],
        max_upload_size=settings().max_upload_mb,
        key=f"{prefix}file",
    )
    if upload is None:
        return ""
    with errors_shown():
        return _with_columns(prefix, str(kept(upload)))
    return ""


def _with_columns(prefix: str, source: str) -> str | dict[str, Any]:
    """The source, with columns named where their names do not tell."""
    with st.expander("Columns"):
        boxes = st.columns(3)
        named = {
            field: boxes[i]
            .text_input(
                field.capitalize(), key=f"{prefix}column {field}", placeholder="by its name"
            )
            .strip()
            for i, field in enumerate(("instruction", "input", "reference"))
        }
    chosen = {field: column for field, column in named.items() if column}
    return {"source": source, "map": chosen} if chosen else source

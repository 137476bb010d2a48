"""The rules against careful readings in a file: figures, confusion, links to what differs."""

import pandas as pd
import streamlit as st

from pages.results.links import SHOWN, samples_link
from pages.shared.embedded_note import show_methods
from pages.shared.message import message
from pages.shared.store import the_store
from sit_core.errors import SitError
from sit_core.results.gold_agreement import GoldAgreement, gold_agreement
from sit_core.results.gold_file import gold_verdicts

_FORM = (
    "A JSON list, or one JSON object per line: `row` (from 0), `prediction` or `example`; and the "
    'verdicts by step, e.g. `{"row": 0, "agreed": {"T": "yes", "A": "no", "order": "na"}}`.'
)


def show_gold(runs: list[str]) -> None:
    """Draw the part: a place for files, and what they say.

    Args:
        runs: names of the runs that a file without names can be about.
    """
    with st.expander("The rules against careful readings in a file"):
        st.caption(_FORM)
        files = st.file_uploader(
            "Readings (JSON, JSONL)", accept_multiple_files=True, key="gold files"
        )
        by_name = "the run that is called like the file"
        run = st.selectbox("They are about", [by_name, *runs], key="gold run")
        if not files:
            return
        try:
            read = [(file.name, gold_verdicts(_text(file.name, file.getvalue()), file.name))
                    for file in files]  # fmt: skip
            found = gold_agreement(the_store(), read, None if run == by_name else run)
        except SitError as error:
            message("error", str(error))
            return
        _figures(found)
        _differing(found)


def _text(name: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SitError(f"{name} is no UTF-8 text.") from None


def _figures(found: GoldAgreement) -> None:
    rows = found.to_dict()["rows"]
    st.dataframe(
        pd.DataFrame(
            {
                "file": row["file"] or "all",
                "step": row["step"],
                "n": row["n"],
                "agree": row["agree"],
                "κ": row["kappa"],
                "low": row["low"],
                "high": row["high"],
                "unsure": row["unsure"],
                "no reading": row["no_reading"],
                "differ": len(row["differing"]),
                "reading/rule": ", ".join(
                    f"{cell['reading']}/{cell['rule']} {cell['n']}" for cell in row["cells"]
                ),
            }
            for row in rows
        ),
        hide_index=True,
        column_config={
            "agree": st.column_config.NumberColumn("agree", format="percent"),
            "κ": st.column_config.NumberColumn("Cohen's κ", format="%.2f"),
            "low": st.column_config.NumberColumn("95 % from", format="%.2f"),
            "high": st.column_config.NumberColumn("to", format="%.2f"),
        },
        key="gold figures",
        alt="Agreement of the rules with careful readings, per file and step",
    )
    st.caption(
        f"By {found.to_dict()['rules']}, made anew from the outputs. κ is of done (yes or partly) "
        "against not done; outputs that either side calls unsure are counted apart."
    )
    for name, count in found.unmatched.items():
        st.text(f"{name}: {count:,} readings are about no output in the store.")
    show_methods(row["method"] for row in rows)


def _differing(found: GoldAgreement) -> None:
    links = [
        {"file": row.file, "step": row.step, "output": samples_link(one, sample=one)}
        for row in found.rows
        if row.file is not None
        for one in row.differing
    ]
    if links:
        st.dataframe(
            pd.DataFrame(links),
            hide_index=True,
            column_config={
                "output": st.column_config.LinkColumn("they differ on", display_text=SHOWN)
            },
            key="gold differing",
            alt="Outputs on which the rules and the readings differ, with links to them",
        )

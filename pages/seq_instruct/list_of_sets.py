"""All sets of instructions; choosing one opens it."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from pages.seq_instruct.address import View
from sit_core.jobs import Job
from sit_core.seq_instruct import RULES, STAGES, InstructionSet


def list_of_sets(
    sets: Sequence[InstructionSet], jobs: Mapping[str, Job | None], view: View
) -> None:
    """Draw the table, the open one selected."""
    names = [one.name for one in sets]
    key = f"sets {len(names)} {names[0]}"

    def clicked() -> None:
        rows = st.session_state[key].selection.rows
        st.query_params.from_dict({"set": names[rows[0]]} if rows else {})

    st.dataframe(
        pd.DataFrame([_row(one, jobs.get(one.name)) for one in sets]),
        key=key,
        hide_index=True,
        row_height=30,
        on_select=clicked,
        selection_mode="single-row",
        selection_default={
            "selection": {"rows": [names.index(view.set)] if view.set in names else []}
        },
        alt="The sets of instructions; choosing one opens it",
    )


def _row(one: InstructionSet, job: Job | None) -> dict[str, object]:
    iterations = one.iterations
    last = one.index(iterations[-1]).by_state() if iterations else {}
    made = sum(one.index(i).by_state().get("made", 0) for i in iterations)
    return {
        "Set": one.name,
        "Instructions": one.seeds,
        "Iterations": f"{len(iterations)} of {one.config.iterations}",
        "State": _state(one, job),
        "Made, over all": made,
        "Held in the last": last.get("held", 0),
        "Failed in the last": last.get("failed", 0),
        "Refused in the last": last.get("gated", 0),
        "Writers": ", ".join(dict.fromkeys(_writer(one, stage) for stage in STAGES)),
        "Seed": one.config.seed,
    }


def _state(one: InstructionSet, job: Job | None) -> str:
    if job is not None and job.active:
        return "under way"
    if one.complete:
        return "complete"
    return "laid down" if job is None else f"not complete, job {job.state}"


def _writer(one: InstructionSet, stage: str) -> str:
    writer = one.config.writer_of(stage)
    return RULES if isinstance(writer, str) else writer.model

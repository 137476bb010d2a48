"""All sets of instructions; choosing one opens it.

The stored sets, kept for a visitor, so that of a growing one only what is new is read.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from pages.seq_instruct.address import View
from sit_core.jobs import Job
from sit_core.seq_instruct.config import RULES
from sit_core.seq_instruct.instruction_set import InstructionSet, instruction_sets
from sit_core.seq_instruct.stages import STAGES


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


_READ = "seq-instruct sets"


def the_sets() -> list[InstructionSet]:
    """All sets, the newest first, with all that was written to them."""
    before: dict[tuple[str, int], InstructionSet] = st.session_state.get(_READ, {})
    now = {}
    for found in instruction_sets():
        # A set that was deleted and made again has other files under the same name.
        seeds = found.folder.seeds
        key = (str(found.folder.path), seeds.stat().st_ino if seeds.exists() else 0)
        known = before.get(key)
        if known is not None and known.config == found.config:
            known.refresh()
            now[key] = known
        else:
            now[key] = found
    st.session_state[_READ] = now
    return list(now.values())

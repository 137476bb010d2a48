"""All runs, made here or imported, with their states; choosing one opens it, or several."""

from collections.abc import Sequence

import streamlit as st

from pages.shared.times import moments, time_column
from sit_core.store.jobs import Job
from sit_core.store.live_samples import LIVE
from sit_core.store.runs import RunSummary


def list_of_runs(runs: Sequence[RunSummary], jobs: Sequence[Job], opened: Sequence[str]) -> None:
    """Draw the table, the open runs selected."""
    import pandas as pd

    names = [run.name for run in runs]
    newest = {job.run: job for job in reversed(jobs) if job.run}
    key = f"runs {len(names)} {names[0]}"

    def clicked() -> None:
        rows = st.session_state[key].selection.rows
        st.query_params["run"] = [names[row] for row in rows if row < len(names)]

    st.dataframe(
        pd.DataFrame(
            {
                "Run": names,
                "State": [_state(run, newest.get(run.name)) for run in runs],
                "Outputs": [run.outputs for run in runs],
                "Planned": [run.planned for run in runs],
                "Errors": [run.errors if run.planned is not None else None for run in runs],
                "Empty": [run.empty for run in runs],
                "Cut": [run.cut for run in runs],
                "Refused": [run.refused for run in runs],
                "Chain": [", ".join(run.chains) or "not known" for run in runs],
                "Model": [run.model or ", ".join(run.files) for run in runs],
                "Adapter": [run.adapter or "" for run in runs],
                "Made": moments(run.created_at for run in runs),
            }
        ),
        key=key,
        hide_index=True,
        on_select=clicked,
        selection_mode="multi-row",
        selection_default={
            "selection": {"rows": [names.index(run) for run in opened if run in names]}
        },
        column_config={
            "Run": st.column_config.TextColumn(width=340),
            "Made": time_column("Made"),
        },
        placeholder="",
        alt="The runs and their states; choosing one opens it, or several together",
    )


def _state(run: RunSummary, job: Job | None) -> str:
    return _how_far(run, job) + (", archived" if run.archived else "")


def _how_far(run: RunSummary, job: Job | None) -> str:
    if run.planned is None:
        return "live" if run.provenance.get(LIVE) else "imported"
    if run.state == "complete":
        return "complete"
    return f"unfinished ({job.state})" if job is not None else "unfinished"

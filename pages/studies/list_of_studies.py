"""The list of studies with their progress; a click opens one and puts it into the address."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.shared.times import moments, time_column
from sit_core.store.studies import Study
from sit_core.store.study_progress import StudyProgress


def list_of_studies(
    studies: Sequence[Study], progress: Mapping[str, StudyProgress], opened: str | None
) -> None:
    """Draw the list, the open study selected."""
    import pandas as pd

    names = [study.name for study in studies]
    key = f"studies {len(names)} {st.session_state.get('studies changed', 0)}"

    def clicked() -> None:
        rows = st.session_state[key].selection.rows
        if rows and rows[0] < len(names):
            st.query_params["study"] = names[rows[0]]
        else:
            st.query_params.pop("study", None)

    of = [progress[name] for name in names]
    table = pd.DataFrame(
        {
            "Study": [study.name + " (archived)" * study.archived for study in studies],
            "Steps": [study.chain for study in studies],
            "Progress": [p.share for p in of],
            "Judged": [f"{p.done:,} of {p.slots:,}" for p in of],
            "People": [p.people for p in of],
            "Per sample": [study.annotators for study in studies],
            "Examples": [study.sample for study in studies],
            "Runs": [", ".join(study.runs) for study in studies],
            "Made": moments(study.created_at for study in studies),
        }
    )
    st.dataframe(
        table,
        key=key,
        hide_index=True,
        height="auto" if len(names) <= 8 else 37 + 30 * 8,
        row_height=30,
        on_select=clicked,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [names.index(opened)] if opened in names else []}},
        alt="The studies and how far they are; choosing a row opens one",
        column_config={
            "Study": st.column_config.TextColumn(width=260),
            "Progress": st.column_config.ProgressColumn(
                format="percent", min_value=0, max_value=1, width=130
            ),
            "Judged": st.column_config.TextColumn(width=110),
            "Runs": st.column_config.TextColumn(width=320),
            "Made": time_column("Made"),
        },
    )

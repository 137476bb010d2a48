"""One study on the Studies page: what it is made of, ways on, its guidelines, its end."""

import streamlit as st

from pages.shared import paths
from pages.shared.archived import formerly, rename_and_archive
from pages.shared.embedded_note import embedded_note_of
from pages.shared.guidelines import draw_guidelines
from pages.shared.heading import heading
from pages.shared.message import errors_shown, message
from pages.shared.times import when
from pages.studies.practice import practice
from sit_core.errors import SitError
from sit_core.store import Store
from sit_core.store.guideline_versions import (
    UNKNOWN,
    GuidelineVersion,
    guideline_versions,
    verdicts_without_version,
)
from sit_core.store.prompt_sets import sets_differ, sets_said
from sit_core.store.renaming import former_names_of_studies
from sit_core.store.studies import Study, delete_study, set_guidelines
from sit_core.store.study_progress import StudyProgress
from sit_core.tasks import question_for


def one_study(store: Store, study: Study, progress: StudyProgress) -> None:
    """Draw one study."""
    heading(study.name)
    formerly(former_names_of_studies(store).get(study.name, ()))
    embedded_note_of(study.runs)
    link = {"study": study.name}
    with st.container(horizontal=True):
        st.page_link(
            paths.ANNOTATE, label="Annotate", icon=":material/rate_review:", query_params=link
        )
        st.page_link(
            paths.RESULTS, label="Results", icon=":material/table_chart:", query_params=link
        )
        st.page_link(
            paths.INSPECT_OUTPUTS, label="Inspect", icon=":material/search:", query_params=link
        )
    st.progress(
        progress.share,
        f"{progress.done:,} of {progress.slots:,} judgments given, by {progress.people:,} "
        f"{'person' if progress.people == 1 else 'people'}",
    )
    facts, rules = st.columns([2, 3], gap="large")
    with facts:
        _facts(store, study, progress)
        with st.container(horizontal=True):
            rename_and_archive(store, "study", study.name, study.archived, "studies said")
            if progress.done == 0:
                _delete(store, study)
    with rules:
        _guidelines(store, study)


def _facts(store: Store, study: Study, progress: StudyProgress) -> None:
    questions = [f"{step.letter} · {question_for(step)}" for step in study.steps]
    if study.ask_order:
        questions.append("Were the steps done in the order asked?")
    st.caption("What annotators are asked")
    st.text("\n".join(questions))
    st.caption("Runs")
    st.text("\n".join(study.runs))
    if said := sets_differ(store, study.runs) or sets_said(store, study.runs):
        st.text(said)
    st.caption("Sample")
    st.text(
        f"{study.sample:,} examples (seed {study.seed}) × {len(study.runs)} "
        f"run{'s' * (len(study.runs) != 1)} = "
        f"{progress.samples:,} samples, each judged by {study.annotators}\n"
        + ("The run's name is hidden from the annotators.\n" if study.blind else "")
        + f"A sample not judged within {study.claim_minutes:g} minutes is given to somebody else."
    )


def _guidelines(store: Store, study: Study) -> None:
    versions = guideline_versions(store, [study.name])
    reading, writing, practising = st.tabs(["Guidelines", "Edit", "Practice"])
    with reading, st.container(height=420, border=False):
        draw_guidelines(study.guidelines)
    with reading:
        _versions(store, study, versions)
    with practising:
        practice(store, study)
    with writing:
        text = st.text_area(
            "Guidelines, in Markdown", study.guidelines, height=340, key=f"guidelines {study.id}"
        )
        if st.button("Save the guidelines", key=f"save guidelines {study.id}"):
            try:
                set_guidelines(store, study.name, text)
            except SitError as error:
                message("error", str(error))
            else:
                st.session_state["studies said"] = "The guidelines are saved."
                st.rerun()


def _versions(store: Store, study: Study, versions: list[GuidelineVersion]) -> None:
    """Which wording holds, and what was judged under each."""
    unknown = verdicts_without_version(store, study.name)
    with st.expander(f"Version {study.guidelines_version} of the guidelines"):
        for one in reversed(versions):
            number = f"{one.verdicts:,} verdict{'s' * (one.verdicts != 1)}"
            st.text(f"Version {one.version}, since {when(one.created_at)}: {number} under it.")
            if one.version != study.guidelines_version:
                with st.popover(f"Read version {one.version}"):
                    draw_guidelines(one.text)
        if unknown:
            st.text(f"{unknown:,} verdicts: {UNKNOWN}.")


def _delete(store: Store, study: Study) -> None:
    with st.popover("Delete the study", icon=":material/delete:", type="tertiary"):
        st.text("This deletes the study, not its runs. Nobody has judged in it yet.")
        if st.button("Delete it", key=f"delete {study.id}", type="primary"):
            with errors_shown():
                delete_study(store, study.name)
                st.query_params.pop("study", None)
                st.session_state["studies said"] = f"The study {study.name!r} is deleted."
                st.rerun()

"""The import under way and its result: bar, stop button, figures, problems, the way onwards."""

import io
from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.shared import paths
from pages.shared.background import Background
from pages.shared.message import message
from pages.shared.store import the_store
from sit_core.errors import SitError
from sit_core.settings import settings
from sit_core.sources import ImportFile, Limits, SourceFile
from sit_core.store.runs import ImportReport, import_predictions

JOB, PLANS, ATTEMPT, ROUND = "import_job", "import_plans", "import_attempt", "import_round"


def limits() -> Limits:
    """How large a field may be here."""
    return Limits(settings().max_field_bytes)


def source_of(upload: UploadedFile) -> SourceFile:
    """The uploaded bytes as a file that can be opened again and again; nothing goes to disk."""
    data = upload.getvalue()
    name = upload.name.replace("\\", "/").rsplit("/", 1)[-1]
    return SourceFile(name.encode("utf-8", "replace").decode(), lambda: io.BytesIO(data))


def attempt() -> int:
    """The number of the next import in this session; part of the buttons' keys.

    So the second of two clicks finds no button any more, and starts nothing.
    """
    return st.session_state.setdefault(ATTEMPT, 0)


def start(plans: Sequence[ImportFile], keep_good: bool = False) -> None:
    """Start the import on its thread and draw the page anew."""
    store, at_most = the_store(), limits()
    st.session_state[ATTEMPT] = attempt() + 1
    st.session_state[PLANS] = plans
    st.session_state[JOB] = Background(
        lambda report, cancelled: import_predictions(
            store,
            plans,
            keep_good=keep_good,
            progress=lambda rows, share: report(f"{rows:,} rows", share),
            cancelled=cancelled,
            limits=at_most,
        )
    )
    st.rerun()


def stored(job: Background) -> bool:
    """Whether the import has ended with everything in the store."""
    return job.result is not None and job.result.stored


def forget_files() -> None:
    """Let go of the result and of the uploaded files."""
    for name in (JOB, PLANS, "import_looks", "import_beside"):
        st.session_state.pop(name, None)
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


@st.fragment(run_every=0.5)
def progress() -> None:
    """The bar and the stop button, while the import runs."""
    job = st.session_state.get(JOB)
    if job is None or not job.running:
        st.rerun()
    st.progress(job.share, f"Importing: {job.text or 'checking the files'}")
    st.button("Stop", key="import_stop", disabled=job.stopping, on_click=job.cancel)


def result() -> None:
    """What came of the import, and where to go from here."""
    job = st.session_state[JOB]
    if job.error is not None:
        if not isinstance(job.error, SitError):
            del st.session_state[JOB]
            raise job.error
        message("warning", str(job.error))
        return
    report: ImportReport = job.result
    _figures(report)
    _problems(report)
    _columns(report)
    names = list(report.runs)
    with st.container(horizontal=True):
        if report.stored:
            if st.button("Make a study of these runs", type="primary", key="import_study"):
                forget_files()
                st.session_state["new_study_runs"] = names
                st.switch_page(paths.STUDIES)
            st.button("Import more", key="import_more", on_click=forget_files)
        elif report.good + report.known and st.button(
            f"Import the good rows ({report.good:,})",
            type="primary",
            key=f"import_good_{attempt()}",
        ):
            start(st.session_state[PLANS], keep_good=True)


def _figures(report: ImportReport) -> None:
    for column, (label, number) in zip(
        st.columns(4),
        [
            ("Imported", report.imported),
            ("Known already", report.known),
            ("Refused", report.refused),
            ("Empty outputs among the new", report.empty if report.stored else 0),
        ],
        strict=True,
    ):
        column.metric(label, f"{number:,}")
    if not report.stored:
        message("error", "Some rows can't be imported, so nothing was stored.")
    elif report.imported:
        shown = ", ".join(report.runs[:20]) + (" …" if len(report.runs) > 20 else "")
        message("done", f"Stored: {shown}")
    else:
        message("info", "All of it was in the store already.")
    for note in (*report.prompt_set_lines, *report.lines):
        message("info", note)


def _columns(report: ImportReport) -> None:
    """What was made of each file's columns and values, named as the files have them."""
    said = [(summary.file, summary.sentences()) for summary in report.files]
    if not any(sentences for _, sentences in said):
        return
    for summary in report.files:
        for what, models in summary.mixed.items():
            message("warning", f"{summary.file}: {models:,} {what}.")
    told = any(summary.changes or summary.notes for summary in report.files)
    with st.expander("Columns and values as they were read", expanded=told):
        for name, sentences in said:
            st.text("\n".join([name, *(f"    {sentence}" for sentence in sentences)]))


def _problems(report: ImportReport) -> None:
    if not report.problems:
        return
    st.dataframe(
        [{"file": p.file, "line": p.line, "reason": p.reason} for p in report.problems],
        hide_index=True,
        key="import_problems",
    )
    more = report.refused - len(report.problems)
    if more:
        message("info", f"… and {more:,} more.")

"""Import: files of model outputs become runs in the store, with everything guessed correctable."""

from dataclasses import replace

import streamlit as st

from pages.import_outputs.beside import files_beside
from pages.import_outputs.job import JOB, ROUND, attempt, progress, result, start, stored
from pages.import_outputs.one_file import one_file
from pages.shared.archived import archived_shown, archived_switch
from pages.shared.message import errors_shown, message
from pages.shared.page_header import page_header
from pages.shared.prompt_set import prompt_set_box
from pages.shared.store import the_store
from pages.shared.times import time_column
from sit_core.settings import settings
from sit_core.store.renaming import archived_runs
from sit_core.store.runs import list_runs
from sit_core.times import moment

EXAMPLE = """\
{"instruction": "First repeat the input, then answer.", "input": "2 + 3?", "output": "2 + 3?\\n5"}
{"instruction": "First repeat the input, then answer.", "input": "9 - 1?", "output": ""}"""


def choose(locked: bool) -> None:
    """The files, what was guessed of them, and the button that imports them.

    Drawn while an import runs as well (then ``locked``): widgets that are not drawn are forgotten.
    """
    uploads = st.file_uploader(
        "Files of model outputs: JSONL, a JSON list, CSV, Parquet, or another tool's",
        accept_multiple_files=True,
        max_upload_size=settings().max_upload_mb,
        key=f"import_files_{st.session_state.get(ROUND, 0)}",
    )
    if not uploads:
        st.markdown(
            "One row per output: its *instruction*, its *output*, and if there are any its "
            "*input*, the gold answer (*target*) and the *steps*. Columns of other names are fine; "
            "what they are is guessed and can be corrected here. Two lines of a JSONL file (an "
            "empty output is an output: the model said nothing):"
        )
        st.code(EXAMPLE, language=None, wrap_lines=True)
        return
    top = st.container()  # the button stays in sight however many files follow
    others, fault_beside = files_beside()
    prompt_set, fault_of_set = prompt_set_box(
        f"import_prompt_set_{st.session_state.get(ROUND, 0)}",
        "the one whose prompts the runs share, else named after the file",
    )
    planned = [one_file(upload, i == 0, others) for i, upload in enumerate(uploads)]
    plans = [replace(plan, prompt_set=prompt_set) for plan, _ in planned]
    names = [plan.run for plan in plans if not plan.mapping.run]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        with top:
            message("error", f"Two files have the run name {twice[0]!r}; give one another name.")
    if top.button(
        f"Import {len(plans)} file{'s' if len(plans) > 1 else ''}",
        type="primary",
        key=f"import_start_{attempt()}",
        disabled=locked
        or bool(twice)
        or fault_beside
        or fault_of_set
        or any(fault for _, fault in planned),
    ):
        start(plans)


@st.cache_data(ttl=10, max_entries=4, show_spinner=False)
def run_rows(
    url: str, imports: int, archived: tuple[str, ...], shown: bool
) -> list[dict[str, object]]:
    """The lines of the table of runs: counting takes a second or two where there are many.

    The arguments say when they may differ: another store, one more import, runs
    archived or no longer so, or these shown too.
    """
    return [
        {
            "run": run.name + " (archived)" * run.archived,
            "chain": ", ".join(run.chains) or "not known",
            "outputs": run.outputs,
            "empty outputs": run.empty,
            "examples": run.examples,
            "imported": moment(run.created_at),
            "file": ", ".join(run.files),
        }
        for run in list_runs(the_store(), archived=shown)
    ]


def table_of_runs() -> None:
    """What the store holds."""
    store = the_store()
    archived = tuple(archived_runs(store))
    rows = run_rows(store.url, attempt(), archived, archived_shown("run"))
    if rows or archived:
        st.subheader("Runs in the store")
    if rows:
        when = time_column("imported")
        st.dataframe(
            rows, hide_index=True, key="import_runs_table", column_config={"imported": when}
        )
    archived_switch(store, "run", "import")


page_header("import")
with errors_shown():
    job = st.session_state.get(JOB)
    running = job is not None and job.running
    with st.container():
        if running:
            progress()
        elif job is not None:
            result()
    if job is None or running or not stored(job):
        choose(locked=running)
    if not running:
        table_of_runs()

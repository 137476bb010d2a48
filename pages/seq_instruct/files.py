"""A set's training files, its configuration and command; going on with it, and its end."""

import json
import re
import tempfile
from dataclasses import replace
from pathlib import Path

import streamlit as st

from pages.seq_instruct.form import FAILED
from pages.shared import paths
from pages.shared.message import errors_shown, message
from sit_core.augment.manifest import sources_said
from sit_core.augment.rows import ROW_FORMATS
from sit_core.config.yaml_file import to_yaml
from sit_core.jobs import Job, command_line
from sit_core.models.usage import Prices
from sit_core.seq_instruct.config import MOST_ITERATIONS
from sit_core.seq_instruct.export import export_set, known_of
from sit_core.seq_instruct.instruction_set import InstructionSet
from sit_core.seq_instruct.jobs import delete_set, start_set, words_for
from sit_core.store import Store

LARGE = 200 * 1024 * 1024
"""Larger files are made in the set's folder: a browser's download is held in memory."""
SAID = "seq-instruct said"
"""Where the page's next run finds a sentence to show once."""


def show_files(store: Store, one: InstructionSet, job: Job | None) -> None:
    """Draw downloads, going on, the YAML, and deleting."""
    if one.iterations:
        _training_file(one)
    if not (job is not None and job.active):
        with st.container(horizontal=True):
            _go_on(store, one)
            _delete(store, one.name)
    st.text("The configuration and the command")
    words = command_line(words_for(one.name))
    st.code(to_yaml(one.config, head=words), language="yaml", wrap_lines=True)
    st.code(words, language=None, wrap_lines=True)
    if said := sources_said(known_of(one.folder)):
        with st.expander("Columns and values of the sources as they were read", expanded=True):
            st.text("\n".join(said))
    if one.folder.known.exists():
        with st.expander("What it was made from: hashes of sources, prompts, models"):
            st.code(_known(one), language="json", wrap_lines=True, height=300)
    made = [one.folder.export(i) for i in one.iterations if one.folder.export(i).exists()]
    st.text("\n".join(map(str, [one.folder.path, *made])))


def _known(one: InstructionSet) -> str:
    text = one.folder.known.read_text(encoding="utf-8")
    try:
        return json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    except ValueError:
        return text


def _training_file(one: InstructionSet) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        iteration = st.selectbox(
            "Training file of iteration",
            one.iterations,
            len(one.iterations) - 1,
            key=f"export iteration {one.name}",
            width=180,
        )
        form = st.selectbox("Format", list(ROW_FORMATS), key="export format", width=150)
        failed = st.selectbox(
            "Refused and failed ones",
            list(FAILED),
            list(FAILED).index(one.config.failed),
            key="export failed",
            format_func=FAILED.get,
            width=270,
        )
        st.page_link(
            paths.TRAIN,
            label="Train on this",
            icon=":material/model_training:",
            query_params={"set": one.name, "iteration": str(iteration)},
        )
        size = one.folder.records(iteration).stat().st_size
        if size > LARGE:
            if st.button("Write it into the set's folder", key="export write"):
                with errors_shown():
                    made = export_set(one.name, iteration=iteration, form=form, failed=failed)
                    message("done", f"{made.made['rows']:,} rows are in {made.path}.")
            return

        def data() -> bytes:
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "train.jsonl"
                export_set(one.name, iteration=iteration, out=out, form=form, failed=failed)
                return out.read_bytes()

        name = re.sub(r"[^\w.-]+", "-", f"{one.name}.{iteration}.{form}")
        st.download_button(
            "Download the training file",
            data,
            file_name=f"{name}.jsonl",
            mime="application/x-ndjson",
            on_click="ignore",
            icon=":material/download:",
            key="export download",
        )


def _go_on(store: Store, one: InstructionSet) -> None:
    with st.popover("Go on", icon=":material/play_circle:", type="tertiary"):
        st.text("With more iterations or a larger budget; existing instructions stay.")
        least = max(1, len(one.iterations))
        iterations = st.number_input(
            "Iterations",
            least,
            MOST_ITERATIONS,
            max(least, one.config.iterations),
            key=f"go on iterations {one.name}",
        )
        prices = one.config.prices
        budget = prices.budget
        if budget is not None:
            budget = st.number_input("Budget", 0.0, None, budget, key=f"go on budget {one.name}")
        if st.button("Go on with it", key=f"go on {one.name}", type="primary"):
            with errors_shown():
                wanted = replace(
                    one.config,
                    iterations=int(iterations),
                    prices=Prices(prices.input, prices.output, budget),
                )
                start_set(store, one.name, wanted)
                st.rerun()


def _delete(store: Store, name: str) -> None:
    with st.popover("Delete the set", icon=":material/delete:", type="tertiary"):
        st.text("This deletes the set with all its replies and training files.")
        if st.button("Delete it", key=f"delete set {name}", type="primary"):
            with errors_shown():
                delete_set(store, name)
                st.session_state[SAID] = f"The set {name} is gone."
                st.query_params.clear()
                st.rerun()

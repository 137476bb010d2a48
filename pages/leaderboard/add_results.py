"""What puts systems and figures on the board: SeqEval and benchmarks as jobs, files of others."""

from pathlib import Path

import streamlit as st

from pages.shared.action_form import jobs_of, start_button
from pages.shared.message import errors_shown, message
from pages.shared.model_form import ENDPOINT, model_form, prices_form
from pages.shared.upload import kept
from sit_core.benchmark.action import ACTION as BENCHMARK
from sit_core.benchmark.config import BenchmarkConfig
from sit_core.benchmark.lm_eval import lacking
from sit_core.benchmark.lm_eval_results import read_files
from sit_core.benchmark.save import figures_of, keep, known_models, models_of
from sit_core.errors import SitError, UsageError
from sit_core.models.config import ModelConfig
from sit_core.names import clean_name
from sit_core.results.leaderboard.build import Leaderboard
from sit_core.results.leaderboard.import_file import read_reported
from sit_core.seqeval.action import ACTION as SEQEVAL
from sit_core.seqeval.config import SeqevalConfig
from sit_core.store import Store
from sit_core.store.systems import put_reported

SAID = "board said"
"""Where the page's next run finds a sentence to show once; above the tabs, which may be others."""
_S, _B = "board seqeval ", "board benchmark "


def say() -> None:
    """What came of the last button, once."""
    if st.session_state.get(SAID):
        message("done", st.session_state.pop(SAID))


def running_jobs(store: Store) -> None:
    """The evaluations under way, or the last one if it did not come to its end."""
    jobs_of(store, SEQEVAL.name, BENCHMARK.name)


def seqeval_form(store: Store, board: Leaderboard) -> None:
    """A model's outputs for SeqEval's prompts, judged and put on the board, in one job."""
    left, middle, right = st.columns(3, gap="large")
    with left:
        name = st.text_input("Name of the system", key=f"{_S}name", max_chars=200)
        model = model_form(_S)
    with middle:
        prompts = st.text_input(
            "Prompts",
            key=f"{_S}prompts",
            placeholder="the micro world's",
            help="A file of SeqEval's shape, or any source of examples. Empty: the small set that "
            "comes with the program.",
        )
        limit = st.number_input(
            "Only the first", 1, None, None, key=f"{_S}limit", placeholder="all"
        )
        tokens = st.number_input("New tokens at most", 1, None, 512, key=f"{_S}tokens")
        ours = [row.run for row in board.rows if row.run is not None]
        against = st.selectbox(
            "Also compare with", ours, index=None, key=f"{_S}against", placeholder="nobody"
        )
    with right:
        judged = model_form(f"{_S}judge ", label="Judge's model", first=ENDPOINT, adapter=False)
        prices = prices_form(_S)
    try:
        wanted = SeqevalConfig(
            name=name.strip(),
            model=ModelConfig(**model, max_new_tokens=tokens),
            limit=limit,
            judge_model=ModelConfig(**judged),
            against=against,
            prices=prices,
            **({"prompts": prompts.strip()} if prompts.strip() else {}),
        )
    except SitError as error:
        message("error", str(error))
        return
    start_button(SEQEVAL, wanted, store, label="Evaluate", prefix=_S)


def benchmark_form(store: Store, board: Leaderboard) -> None:
    """Standard benchmarks as a job, and the results of past runs of lm-eval."""
    names = [row.system for row in board.rows]
    # Two fields: a menu that takes new names forgets what was typed when it is left.
    with st.container(horizontal=True):
        chosen = st.selectbox(
            "System",
            names,
            index=None,
            key=f"{_B}system",
            placeholder="Choose one",
            width=360,
        )
        new = st.text_input(
            "Or a new one", key=f"{_B}new system", placeholder="Its name", max_chars=200, width=360
        )
    system = clean_name(new) or chosen
    run, read = st.columns(2, gap="large")
    with read:
        _read_results(store, system)
    with run:
        st.text("Run lm-eval")
        reason = lacking()
        if reason:
            message("warning", reason)
        model = model_form(_B)
        tasks = st.text_input("Tasks", key=f"{_B}tasks", placeholder="gsm8k, mmlu")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            shots = st.number_input(
                "Examples in the prompt", 0, None, None, key=f"{_B}shots", placeholder="the task's"
            )
            limit = st.number_input(
                "Only the first", 1, None, None, key=f"{_B}limit", placeholder="all"
            )
            chat = st.checkbox("Chat format", key=f"{_B}chat")
        tokenizer = None
        if model.get("backend") == "openai":
            text = st.text_input(
                "Tokenizer",
                key=f"{_B}tokenizer",
                placeholder="none: a hub id or folder",
                help="Tasks that compare likelihoods (MMLU) need the model's tokenizer.",
            )
            tokenizer = text.strip() or None
        st.text(
            "Tasks that run code which the model writes (HumanEval, MBPP) are started on the "
            "command line, with --run-code."
        )
        wanted = BenchmarkConfig(
            system=(system or "").strip(),
            tasks=tuple(dict.fromkeys(part.strip() for part in tasks.split(",") if part.strip())),
            shots=shots,
            limit=limit,
            chat=chat,
            tokenizer=tokenizer,
            **model,
        )
        start_button(
            BENCHMARK,
            wanted,
            store,
            label="Run the benchmarks",
            prefix=_B,
            disabled=bool(reason),
        )


def _read_results(store: Store, system: str | None) -> None:
    st.text("Read results of lm-eval")
    uploads = st.file_uploader(
        "Result files", type=["json"], accept_multiple_files=True, key=f"{_B}files"
    )
    parts = st.checkbox("Also each part of a group (MMLU's 57)", key=f"{_B}parts")
    model = _whose([kept(upload) for upload in uploads or ()], parts)
    if st.button("Read them", key=f"{_B}read", disabled=not uploads):
        with errors_shown():
            if not system:
                raise UsageError("Say whose results these are: choose a system, or type a name.")
            found = read_files([kept(upload) for upload in uploads or ()], subtasks=parts)
            reading = figures_of(found, system, model, known_models(store, system))
            keep(store, system, reading.results)
            n = len(reading.results)
            said = [f"{n} figure{'' if n == 1 else 's'} of {system}.", *reading.problems]
            said.insert(1, f"The files name the model {', '.join(models_of(reading))}.")
            lost = sum(file.subtasks for file in reading.files)
            said += [f"{lost} parts of groups were left out."] if lost else []
            said += [
                f"{count} without a value: {why}."
                for file in reading.files
                for why, count in file.without.items()
            ]
            st.session_state[SAID] = "\n".join(said)
            st.rerun()


def _whose(files: list[Path], parts: bool) -> str | None:
    """The model whose figures are meant, where the files name several."""
    try:
        models = models_of(read_files(files, subtasks=parts)) if files else []
    except SitError:
        return None  # it is told when they are read
    if len(models) < 2:
        return None
    return st.selectbox(
        "The files name several models; read those of",
        models,
        index=None,
        key=f"{_B}of",
        placeholder="the one that the system is called after",
    )


def others_form(store: Store) -> None:
    """Results that others reported, from a file."""
    st.text(
        "A leaderboard as it is exported below, as CSV or JSON: a line per system with the columns "
        "system, base_model, training_data, and figures such as following_llm, following_llm.n, "
        "quality (shares from 0 to 1). They are marked as reported by others, and not tested."
    )
    upload = st.file_uploader("File", type=["csv", "json"], key="board others file", width=480)
    source = st.text_input(
        "Where they come from", key="board others source", placeholder="paper or page", width=480
    )
    good = st.checkbox("Keep the good lines although others are refused", key="board others good")
    if st.button("Import", key="board others import", disabled=upload is None):
        with errors_shown():
            assert upload is not None
            found = read_reported(kept(upload), source.strip() or None)
            problems = found.problems
            if problems.count and not good:
                raise SitError("\n".join(["Nothing was stored.", *map(str, problems.shown)]))
            new, changed, known = put_reported(store, found.systems)
            lines = [f"{new} new, {changed} changed, {known} known, {problems.count} refused."]
            st.session_state[SAID] = "\n".join([*lines, *map(str, problems.shown)])
            st.rerun()

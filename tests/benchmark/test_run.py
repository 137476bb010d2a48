"""Benchmarks run in a process of their own; the real lm-eval does, where it is installed."""

import importlib.util
import json
import os
from pathlib import Path

import pytest

from sit_core.benchmark.action import ACTION
from sit_core.benchmark.config import BenchmarkConfig
from sit_core.benchmark.lm_eval import VERSION, lacking
from sit_core.benchmark.run import run_benchmarks
from sit_core.cli import main
from sit_core.errors import SitError, UsageError
from sit_core.jobs import JobState, cancel_job, current_job, resume_job, start_job
from sit_core.settings import settings
from sit_core.store import Store, open_store
from sit_core.store.benchmarks import read_benchmarks
from tests.benchmark.pretend import pretend
from tests.jobs.conftest import ended, kill_nine, until
from tests.models.bad_server import BadServer, answer

REAL = importlib.util.find_spec("lm_eval") is not None or bool(os.environ.get("SIT_LM_EVAL"))
ENDPOINT = BenchmarkConfig(
    "served", "mine", ("gsm8k",), backend="openai", base_url="http://127.0.0.1:9/v1"
)


@pytest.fixture
def saw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pretended harness is what is found; this file holds what it was called with."""
    folder = pretend(tmp_path / "packages")
    monkeypatch.delenv("SIT_LM_EVAL", raising=False)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PRETEND", "work")
    monkeypatch.setenv("PRETEND_SAW", str(tmp_path / "saw"))
    importlib.invalidate_caches()
    return tmp_path / "saw"


def silent(*args: object) -> None:
    """Told how far it is."""


def test_results_are_kept_and_progress_is_told(sqlite_store, saw, monkeypatch) -> None:
    monkeypatch.setenv("OWN_API_KEY", "sesame")
    told: list[tuple] = []
    options = BenchmarkConfig(
        "served", "mine", ("gsm8k",), backend="openai", base_url="http://127.0.0.1:9/v1/",
        key_env="OWN_API_KEY", chat=True, limit=7, shots=0,
    )  # fmt: skip
    run_benchmarks(sqlite_store, options, report=lambda *args: told.append(args))
    (row,) = read_benchmarks(sqlite_store)
    assert (row.system, row.result.task, row.result.value) == ("mine", "gsm8k", 0.5)
    assert (2, 4, "Running generate_until requests") in told
    called = json.loads(saw.read_text())
    words = called["words"]
    assert called["key"] == "sesame"
    assert "sesame" not in str(words)
    arguments = json.loads(words[words.index("--model_args") + 1])
    assert arguments["base_url"] == "http://127.0.0.1:9/v1/chat/completions"
    assert words[words.index("--limit") + 1] == "7"
    assert words[words.index("--num_fewshot") + 1] == "0"
    assert "--apply_chat_template" in words
    assert "--confirm_run_unsafe_code" not in words
    assert not any("trust" in word for word in words)


def test_no_other_key_goes_to_an_endpoint(sqlite_store, saw, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "not for them")
    run_benchmarks(sqlite_store, ENDPOINT, report=silent)
    assert json.loads(saw.read_text())["key"] == "none"


def test_no_code_of_a_repository_is_allowed_whatever_the_environment_says(
    sqlite_store, saw, monkeypatch
) -> None:
    monkeypatch.setenv("HF_DATASETS_TRUST_REMOTE_CODE", "1")
    run_benchmarks(sqlite_store, ENDPOINT, report=silent)
    called = json.loads(saw.read_text())
    assert called["code"] == {"HF_DATASETS_TRUST_REMOTE_CODE": "0"}
    assert not any("trust" in word.lower() for word in called["words"])


@pytest.mark.parametrize(("told", "said"), [("fail", "Tasks not found: gsm9k"), ("silent", "no r")])
def test_a_failure_is_one_sentence(sqlite_store, saw, monkeypatch, told, said) -> None:
    monkeypatch.setenv("PRETEND", told)
    with pytest.raises(SitError, match=said):
        run_benchmarks(sqlite_store, ENDPOINT, report=silent)
    assert read_benchmarks(sqlite_store) == []


@pytest.mark.slow
def test_cancelled_it_ends_and_resumed_it_goes_on_and_tidies_up(saw, monkeypatch) -> None:
    store = open_store()
    monkeypatch.setenv("PRETEND", "wait")
    job = start_job(store, ACTION.words(ENDPOINT), title="t")
    waiting = Path(f"{saw}.waiting")
    until(waiting.exists)
    cancel_job(store, job.id, wait=30)
    assert current_job(store, job.id).state == JobState.CANCELLED
    assert not Path(f"/proc/{waiting.read_text()}").exists()
    replies = list(settings().home.glob("benchmarks/*/replies*"))
    assert [path.read_text() for path in replies] == ["half"]
    first = json.loads(saw.read_text())["words"]
    monkeypatch.setenv("PRETEND", "work")
    resume_job(store, job.id)
    assert ended(store, job).state == JobState.DONE
    assert json.loads(saw.read_text())["words"] == first
    assert not list(settings().home.glob("benchmarks/*/replies*"))
    assert len(read_benchmarks(store)) == 1
    store.close()


def test_without_lm_eval_the_command_that_installs_it_is_said(monkeypatch, sqlite_store) -> None:
    monkeypatch.delenv("SIT_LM_EVAL", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert f'pip install "lm-eval[api]=={VERSION}"' in (lacking() or "")
    with pytest.raises(SitError, match="pip install"):
        run_benchmarks(sqlite_store, ENDPOINT, report=silent)
    assert f"lm-eval[api]=={VERSION}" in Path("pyproject.toml").read_text()


def test_all_that_is_wrong_is_said_at_once(sqlite_store: Store) -> None:
    with pytest.raises(UsageError) as caught:
        ACTION.check(
            BenchmarkConfig("m", "", ("../evil.yaml", "a/b"), shots=-1, limit=0), sqlite_store
        )
    said = str(caught.value)
    assert all(
        word in said
        for word in ("needs a name", "../evil.yaml", "a/b", "shots: Expected at least 0", "limit")
    )


def test_the_words_ask_for_exactly_this(saw, monkeypatch, capsys) -> None:
    options = BenchmarkConfig(
        "-m", "a,b", ("gsm8k", "mmlu*"), backend="openai", base_url="http://127.0.0.1:9/v1",
        shots=2, run_code=True, subtasks=True,
    )  # fmt: skip
    with pytest.raises(SystemExit) as caught:
        main([*ACTION.words(options), "--json"])
    assert caught.value.code == 0
    out = json.loads(capsys.readouterr().out)
    assert out["system"] == "a,b"
    assert out["results"][0]["value"] == 0.5
    words = json.loads(saw.read_text())["words"]
    assert words[words.index("--tasks") + 1] == "gsm8k,mmlu*"
    assert "--confirm_run_unsafe_code" in words


def test_past_results_are_read_by_the_command(tmp_path, capsys) -> None:
    file = tmp_path / "results_1.json"
    file.write_text(json.dumps({"results": {"mmlu": {"acc,none": 0.5, "f1,none": "N/A"}}}))
    with pytest.raises(SystemExit) as caught:
        main(["benchmark", "--results", str(file), "--system", "Theirs"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert "Without a value: 1 (no number)" in out
    store = open_store()
    assert [(r.system, r.result.value) for r in read_benchmarks(store)] == [("Theirs", 0.5)]
    store.close()
    with pytest.raises(SystemExit) as caught:
        main(["benchmark", "--results", str(file), "--system", "Theirs", "--model", "x"])
    assert caught.value.code == 2


TASK = """
task: {name}
dataset_path: json
dataset_kwargs:
  data_files: {data}
test_split: train
doc_to_text: "{{{{question}}}}"
{more}
metadata:
  version: 1.0
"""
WRITES = """output_type: generate_until
doc_to_target: "{{answer}}"
generation_kwargs: {until: ["\\n"], max_gen_toks: 8, do_sample: false}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]"""
CHOOSES = """output_type: multiple_choice
doc_to_choice: ["red", "blue"]
doc_to_target: colour
metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]"""


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """A folder with two tasks of our own for the real harness."""
    folder = tmp_path / "tasks"
    folder.mkdir()
    data = folder / "rows.jsonl"
    rows = [{"question": f"What is {i}?", "answer": str(i), "colour": i % 2} for i in range(5)]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name, more in (("sit_writes", WRITES), ("sit_chooses", CHOOSES)):
        text = TASK.format(name=name, data=data, more=more)
        (folder / f"{name}.yaml").write_text(text)
    return folder


@pytest.mark.slow
@pytest.mark.skipif(not REAL, reason="lm-eval is not installed, and SIT_LM_EVAL is not set")
def test_the_real_lm_eval_on_the_embedded_model(sqlite_store, tasks: Path) -> None:
    options = BenchmarkConfig(
        "microlab", "Embedded", ("sit_writes", "sit_chooses"), tasks_folder=str(tasks), limit=4,
        adapter="data/microlab/adapters/it", device="cpu",
    )  # fmt: skip
    said: list[str] = []
    run_benchmarks(sqlite_store, options, report=silent, say=said.append)
    found = {r.result.task: r.result for r in read_benchmarks(sqlite_store, ["Embedded"])}
    assert set(found) == {"sit_writes", "sit_chooses"}
    for result in found.values():
        assert result.n == 4
        assert result.setting == "0-shot · first 4"
        assert result.value * 4 == int(result.value * 4)
    assert "use_safetensors" in "\n".join(said)


@pytest.mark.slow
@pytest.mark.skipif(not REAL, reason="lm-eval is not installed, and SIT_LM_EVAL is not set")
def test_the_real_lm_eval_asks_an_endpoint(sqlite_store, tasks: Path, monkeypatch) -> None:
    monkeypatch.setenv("OWN_API_KEY", "sesame")
    server = BadServer()

    def right_but_once(handler, body):
        question = body["messages"][-1]["content"]
        text = "none" if "3" in question else question.removeprefix("What is ").rstrip("?")
        made = answer(text)
        made["choices"][0]["index"] = 0
        handler.send(200, json.dumps(made).encode(), content_type="application/json")

    server.behave = lambda number, body: right_but_once
    options = BenchmarkConfig(
        "served", "Endpoint", ("sit_writes",), backend="openai", base_url=server.url, chat=True,
        key_env="OWN_API_KEY", tasks_folder=str(tasks), in_flight=2,
    )  # fmt: skip
    try:
        run_benchmarks(sqlite_store, options, report=silent)
    finally:
        server.end()
    (row,) = read_benchmarks(sqlite_store)
    assert (row.result.value, row.result.n) == (0.8, 5)
    assert {r["path"] for r in server.requests} == {"/v1/chat/completions"}
    assert {r["headers"]["Authorization"] for r in server.requests} == {"Bearer sesame"}


@pytest.mark.slow
@pytest.mark.skipif(not REAL, reason="lm-eval is not installed, and SIT_LM_EVAL is not set")
def test_the_real_lm_eval_killed_goes_on_and_asks_nothing_twice(tasks: Path) -> None:
    store, server = open_store(), BadServer()
    options = BenchmarkConfig(
        "served", "Endpoint", ("sit_writes",), backend="openai", base_url=server.url, chat=True,
        tasks_folder=str(tasks), in_flight=1,
    )  # fmt: skip

    def right(handler, body):
        if len(server.requests) > 3:
            server.gate.wait(60)
        made = answer(body["messages"][-1]["content"].removeprefix("What is ").rstrip("?"))
        made["choices"][0]["index"] = 0
        handler.send(200, json.dumps(made).encode(), content_type="application/json")

    server.behave = lambda number, body: right
    try:
        job = start_job(store, ACTION.words(options), title="t")
        until(lambda: len(server.requests) == 4)
        kill_nine(current_job(store, job.id))
        server.gate.set()
        until(lambda: not current_job(store, job.id).active)
        resume_job(store, job.id)
        assert ended(store, job).state == JobState.DONE
    finally:
        server.end()
    asked = [server.times[f"What is {i}?"] for i in range(5)]
    assert sorted(asked)[:4] == [1, 1, 1, 1], "only the one under way may be asked again"
    assert sum(asked) <= 6
    assert [(r.result.value, r.result.n) for r in read_benchmarks(store)] == [(1.0, 5)]
    store.close()

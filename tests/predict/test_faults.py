"""What goes wrong: one sentence in the terminal and on the page, work kept, gone on with later.

- Unknown model id, no network: `test_a_hub_that_…`; also `tests/models/test_load.py`.
- Missing, broken or unfit files, memory that won't do: `test_a_run_that_was_begun_…`; also
  `tests/models/test_load.py` and `test_bases.py`.
- Memory runs out on the way: `test_memory_that_…`; also `tests/models/test_local.py`.
- A context longer than the model's: `test_a_prompt_that_…`; also `tests/models/test_local.py`.
- Disk full, database busy: `test_a_full_disk_…`, `test_a_locked_database_…`; also `tests/jobs/`.
- Endpoint down half-way: `test_an_endpoint_that_…`; also `tests/models/test_endpoint.py`.
- Killed worker: `test_a_killed_worker_…`; also `tests/jobs/test_jobs.py`, `test_run.py`.
"""

import html
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sit_core.actions import Context
from sit_core.errors import SitError
from sit_core.jobs import JobState, current_job, current_jobs, resume_job, start_job
from sit_core.models import resolve as places
from sit_core.models.local import load as opening
from sit_core.models.local import memory
from sit_core.models.local.base_model_cache import BASE_MODELS
from sit_core.predict import PredictConfig
from sit_core.predict.action import ACTION
from sit_core.predict.run import predict
from sit_core.settings import settings
from sit_core.store import Store, open_store
from sit_core.store.run_contents import error_reasons
from sit_core.store.runs import list_runs
from sit_core.store.schema import predictions
from tests.cli.test_import import Sit
from tests.jobs.conftest import ended, kill_nine, until
from tests.models.conftest import lora, save_adapter, save_tiny, tiny
from tests.pages.test_runs import page, said
from tests.predict.conftest import NOTHING_MORE, examples_file, options
from tests.predict.endpoint_process import Endpoint, of_its_own

__all__ = ["lora", "tiny"]
pytestmark = pytest.mark.slow
INPUTS = ("one", "two", "three", "four")


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The one database that matters here, without the made-up study."""
    monkeypatch.setenv("SIT_STARTER", "0")
    return sqlite_store


@pytest.fixture
def sit(capsys: pytest.CaptureFixture[str]) -> Sit:
    return Sit(capsys)


@pytest.fixture(autouse=True)
def no_base_in_memory() -> Iterator[None]:
    """What an earlier test has loaded would hide that a file is gone."""
    BASE_MODELS.drop_unused()
    yield
    BASE_MODELS.drop_unused()


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    yield from of_its_own(Endpoint, tmp_path / "endpoint")


def stored(store: Store) -> dict[int, tuple[str, str]]:
    """Place in the run → id and output."""
    with store.read() as connection:
        rows = connection.execute(select(predictions).order_by(predictions.c.row))
        return {row.row: (row.id, row.output) for row in rows}


def local(tmp_path: Path, model: object, **more: Any) -> PredictConfig:
    """A short run of a model on this machine."""
    file = more.pop("examples", None) or examples_file(tmp_path, *INPUTS)
    wanted = {"model": str(model), "backend": "transformers", "device": "cpu", "max_new_tokens": 3}
    return options(file, **{**wanted, "prompt_format": "plain", **more})


def told(sit: Sit, store: Store, sentence: str) -> None:
    """The same one sentence in the terminal, on the page Jobs and on the page Runs."""
    assert sit.code == 1
    assert "Traceback" not in sit.err
    (line,) = [x for x in sit.err.splitlines() if x.startswith("sit: ")]
    assert re.search(sentence, line), line
    on_the_pages(store, line.removeprefix("sit: "))


def on_the_pages(store: Store, sentence: str) -> None:
    job = current_jobs(store)[0]
    assert (job.state, job.reason) == (JobState.FAILED, sentence)
    assert job.run is not None
    for name, where in (("jobs/page.py", {"job": str(job.id)}), ("runs/page.py", {"run": job.run})):
        assert html.escape(sentence) in said(page(name, **where))


class Enough(KeyboardInterrupt):
    """Stops a run from within."""


def begun(store: Store, wanted: PredictConfig) -> dict[int, tuple[str, str]]:
    """Make two of its outputs."""

    def stop(done: int | None, total: int | None = None, message: str = "") -> None:
        if done == 2:
            raise Enough

    with pytest.raises(Enough):
        predict(wanted, Context(store, job=99, report=stop))
    BASE_MODELS.drop_unused()
    made = stored(store)
    assert len(made) == 2
    return made


def _move(path: Path) -> Callable[[], None]:
    away = path.with_name(path.name + " away")
    path.rename(away)

    def back() -> None:
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        away.rename(path)

    return back


def _gone(what: str) -> Callable[..., Callable[[], None]]:
    return lambda places, patch: _move(places[what])


def _half(places: dict[str, Path], patch: pytest.MonkeyPatch) -> Callable[[], None]:
    path = places["model"] / "model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return lambda: path.write_bytes(whole) and None


def _for_another(places: dict[str, Path], patch: pytest.MonkeyPatch) -> Callable[[], None]:
    back = _move(places["adapter"])
    other = save_tiny(places["adapter"].with_name("other base"), layers=3)
    save_adapter(places["adapter"], other)
    return back


def _too_large(places: dict[str, Path], patch: pytest.MonkeyPatch) -> Callable[[], None]:
    patch.setattr(opening, "free_memory", lambda device: 100_000)
    _never_loaded(patch, AssertionError("it was loaded although it does not fit"))
    return patch.undo


def _no_memory(places: dict[str, Path], patch: pytest.MonkeyPatch) -> Callable[[], None]:
    said = "[enforce fail at alloc_cpu.cpp:128] DefaultCPUAllocator: can't allocate memory: you …"
    _never_loaded(patch, RuntimeError(said))
    return patch.undo


def _never_loaded(patch: pytest.MonkeyPatch, error: Exception) -> None:
    import transformers

    def fails(*_: object, **__: object) -> None:
        raise error

    patch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", fails)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_gone("model"), r"There is no folder .* with a model\.$"),
        (_gone("adapter"), r"There is no folder .* with an adapter\.$"),
        (_gone("examples"), r"examples\.jsonl: there is no such file\.?$"),
        (_half, r"model\.safetensors is not whole \(\d+ of \d+ bytes\); get it again\.$"),
        (_for_another, r"The adapter .* does not fit the base .*; it was made for another one"),
        (_too_large, r"does not fit: as float32 it needs .* 0\.000 GB are free; choose dtype"),
        (_no_memory, r"does not fit: as float32 it needs .* are free; choose dtype"),
    ],
    ids=["model gone", "adapter gone", "examples gone", "half a file", "adapter for another base",
         "does not fit", "allocator"],
)  # fmt: skip
def test_a_run_that_was_begun_keeps_its_outputs_and_goes_on_when_the_fault_is_mended(
    spoil: Callable[..., Callable[[], None]],
    sentence: str,
    sit: Sit,
    store: Store,
    tmp_path: Path,
    tiny: Path,
    lora: Path,
) -> None:
    model = Path(shutil.copytree(tiny, tmp_path / "model"))
    adapter = Path(shutil.copytree(lora, tmp_path / "adapter"))
    wanted = local(tmp_path, model, adapter=str(adapter))
    before = begun(store, wanted)
    files = {"model": model, "adapter": adapter, "examples": Path(wanted.examples)}
    with pytest.MonkeyPatch.context() as patch:
        mend = spoil(files, patch)
        told(sit(*ACTION.words(wanted)), store, sentence)
        assert stored(store) == before
        mend()
    assert sit(*ACTION.words(wanted)).code == 0
    assert sit.counts == {
        "run": "r",
        "written": 2,
        "known": 2,
        "errors": 0,
        "cut": 4,
        **NOTHING_MORE,
    }
    after = stored(store)
    assert sorted(after) == [0, 1, 2, 3]
    assert {place: after[place] for place in before} == before


class Hub(BaseHTTPRequestHandler):
    """Knows no repository."""

    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("x-error-code", "RepoNotFound")
        self.send_header("content-length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """``hub(address)``: where the hub is; nothing of it is on this machine."""
    package = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(package.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(places, "ANSWER_SECONDS", 0.2)
    return lambda address: monkeypatch.setattr(package.constants, "ENDPOINT", address)


def test_a_hub_that_does_not_know_the_id_is_one_sentence(
    sit: Sit, store: Store, tmp_path: Path, hub: Callable[[str], None]
) -> None:
    with HTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        hub(f"http://127.0.0.1:{server.server_port}")
        sit(*ACTION.words(local(tmp_path, "nobody/nothing")))
        server.shutdown()
    told(sit, store, "There is no folder nobody/nothing, and the hub has no model of that id")
    assert list_runs(store) == []


@pytest.mark.parametrize("answers", [False, True], ids=["nobody there", "never answers"])
def test_a_hub_that_can_not_be_reached_is_one_sentence_that_tells_of_folders(
    answers: bool, sit: Sit, store: Store, tmp_path: Path, hub: Callable[[str], None]
) -> None:
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if answers:  # takes the call and says nothing
            silent.listen()
        hub(f"http://127.0.0.1:{silent.getsockname()[1]}")
        sit(*ACTION.words(local(tmp_path, "nobody/nothing")))
    told(sit, store, r"nobody/nothing is not on this machine and the hub can't be .*name a folder")
    assert list_runs(store) == []


def test_a_model_of_a_thousand_billion_weights_is_refused_before_it_is_loaded(
    sit: Sit, store: Store, tmp_path: Path, tiny: Path
) -> None:
    if memory.free_memory("cpu") is None:
        pytest.skip("this system does not say how much memory is free")
    model = Path(shutil.copytree(tiny, tmp_path / "model"))
    many, file = 10**12, model / "model.safetensors"
    tensor = {"dtype": "F32", "shape": [many], "data_offsets": [0, 4 * many]}
    header = json.dumps({"w": tensor}).encode()
    file.write_bytes(len(header).to_bytes(8, "little") + header)
    try:
        os.truncate(file, 8 + len(header) + 4 * many)  # all holes: takes no room on the disk
    except OSError as error:
        pytest.skip(f"this file system has no such files: {error.strerror}")
    sit(*ACTION.words(local(tmp_path, model)))
    told(
        sit, store, r"does not fit: as float32 it needs 4000\.0 GB on cpu and room to work, .* free"
    )
    assert list_runs(store) == []


def test_a_prompt_that_is_longer_than_the_context_is_an_error_of_its_own(
    sit: Sit, store: Store, tmp_path: Path
) -> None:
    short = save_tiny(tmp_path / "short", context=96)
    wanted = local(tmp_path, short, examples=examples_file(tmp_path, "a", "long " * 40, "c"))
    assert sit(*ACTION.words(wanted)).code == 0
    assert sit.counts["errors"] == 1
    assert "1 examples got no output" in sit.err
    assert sorted(stored(store)) == [0, 2]
    ((row, reason),) = error_reasons(store, "r")
    assert row == 1
    assert re.search(r"has \d+ tokens, but the model reads at most 96", reason)
    app = page("runs/page.py", run="r")
    assert app.dataframe[0].value["reason"].tolist() == [reason]
    before = stored(store)
    assert sit(*ACTION.words(wanted)).counts["known"] == 2
    assert stored(store) == before


def test_memory_that_runs_out_with_one_prompt_is_an_error_of_its_own_and_tried_again(
    sit: Sit, store: Store, tmp_path: Path, tiny: Path
) -> None:
    import torch
    import transformers

    wanted = local(tmp_path, tiny, examples=examples_file(tmp_path, "a", "b " * 60, "c"))
    forward = transformers.LlamaForCausalLM.forward

    def runs_out(self: Any, input_ids: Any, **more: Any) -> Any:
        if input_ids.shape[1] > 100:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return forward(self, input_ids=input_ids, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transformers.LlamaForCausalLM, "forward", runs_out)
        patch.setattr("sit_core.models.local.decoding.inspect.signature", _as_before(forward))
        sit(*ACTION.words(wanted))
    assert sit.code == 0
    assert sorted(stored(store)) == [0, 2]
    assert error_reasons(store, "r") == [
        (1, "Memory ran out, with this prompt alone in the batch.")
    ]
    before = stored(store)
    assert sit(*ACTION.words(wanted)).counts == {
        "run": "r", "written": 1, "known": 2, "errors": 0, "cut": 3, **NOTHING_MORE
    }  # fmt: skip
    assert {k: v for k, v in stored(store).items() if k != 1} == before


def _as_before(forward: Any) -> Callable[[Any], Any]:
    import inspect

    real = inspect.signature
    return lambda asked: real(forward)


# --- the disk -----------------------------------------------------------------------------------


def _limited() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, resource.RLIM_INFINITY))


@pytest.mark.parametrize("how", ["limit of a file's size", "small disk"])
def test_a_full_disk_keeps_what_was_written_and_the_run_goes_on_when_there_is_room(
    how: str, tmp_path: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "small"
    home.mkdir()
    small = how == "small disk"
    if small and not mounted(home, "2m"):
        pytest.skip("only root may mount a small disk here")
    try:
        endpoint.start()
        monkeypatch.setenv("SIT_HOME", str(home))
        monkeypatch.setenv("SIT_STARTER", "0")
        file = examples_file(tmp_path, *(f"long {i}" for i in range(300)))
        wanted = options(
            file, model="echo", backend="openai", base_url=endpoint.url, in_flight=4, template=None
        )
        command = [sys.executable, "-m", "sit_core.cli", *ACTION.words(wanted)]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=None if small else _limited,
        )
        said_so = r"The outputs can't be stored \((.*full|disk I/O error)\); what was written"
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        (line,) = [x for x in done.stderr.splitlines() if x.startswith("sit: The outputs")]
        assert re.search(said_so, line)
        if small:  # nothing at all can be written, and everything can still be looked at
            page("runs/page.py", run="r")
            page("jobs/page.py")
            assert mounted(home, "60m", again=True)
        store = open_store(settings())
        with closing(store):
            before = stored(store)
            assert 0 < len(before) < 300
            assert list_runs(store)[0].state == "unfinished"
            if not small:
                on_the_pages(store, line.removeprefix("sit: "))
            asked = endpoint.answered()
            job = ended(store, resume_job(store, current_jobs(store)[0].id))
            assert (job.state, job.reason) == (JobState.DONE, "300 of 300 outputs")
            after = stored(store)
            assert sorted(after) == list(range(300))
            assert {place: after[place] for place in before} == before
            again = endpoint.answered()[len(asked) :]
            assert len(again) == len(set(again)) == 300 - len(before)
    finally:
        if small:
            subprocess.run(["umount", "--lazy", str(home)], check=True)


def mounted(folder: Path, size: str, again: bool = False) -> bool:
    """Whether a disk of that size in memory could be mounted there."""
    how = f"remount,size={size}" if again else f"size={size}"
    command = ["mount", "-t", "tmpfs", "-o", how, "tmpfs", str(folder)]
    return (
        bool(shutil.which("mount"))
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.usefixtures("store")
def test_a_full_disk_under_the_terminals_output_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sit_core.cli", "jobs"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("sit: There is no room on the disk; make some, then try again.")
    assert "Traceback" not in done.stderr


def test_a_locked_database_is_one_sentence_and_the_run_goes_on_when_it_is_free(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, migrated_file: Path
) -> None:
    monkeypatch.setattr("sit_core.store.engine.BUSY_SECONDS", 0)
    where = settings({"SIT_HOME": str(tmp_path / "locked")})
    where.home.mkdir()
    shutil.copy(migrated_file, where.home / "sit.db")
    wanted = options(examples_file(tmp_path, *(f"q{i}" for i in range(700))))
    other = sqlite3.connect(where.home / "sit.db", isolation_level=None, check_same_thread=False)
    with closing(open_store(where)) as store, closing(other):

        def lock(done: int | None, total: int | None = None, message: str = "") -> None:
            if done == 2:
                until(lambda: len(stored(store)) >= 1)
                other.execute("begin immediate")

        with pytest.raises(SitError, match=r"can't be stored \(database is locked\).*then resume"):
            predict(wanted, Context(store, job=1, report=lock))
        other.execute("rollback")
        before = stored(store)
        assert 0 < len(before) < 700
        report = predict(wanted, Context(store, job=2))
        assert (report.known, report.written) == (len(before), 700 - len(before))
        after = stored(store)
        assert {place: after[place] for place in before} == before


# --- the endpoint and the worker ----------------------------------------------------------------


def asked_of(endpoint: Endpoint, tmp_path: Path, count: int = 12) -> PredictConfig:
    return options(
        examples_file(tmp_path, *(f"q{i}" for i in range(count))),
        model="echo",
        backend="openai",
        base_url=endpoint.url,
        in_flight=1,
        template=None,
    )


@pytest.mark.usefixtures("no_job_left")
def test_a_killed_worker_is_gone_on_with_and_nothing_is_asked_or_stored_twice(
    store: Store, tmp_path: Path, endpoint: Endpoint
) -> None:
    endpoint.start(hold=5)
    wanted = asked_of(endpoint, tmp_path)
    job = start_job(store, ACTION.words(wanted), title="Run r", run="r")
    until(lambda: endpoint.holding and len(stored(store)) == 5)
    before = stored(store)
    kill_nine(current_job(store, job.id))
    assert current_job(store, job.id).state == JobState.DEAD
    assert "it can be resumed" in said(page("runs/page.py", run="r"))
    endpoint.open()
    done = ended(store, resume_job(store, job.id))
    assert (done.state, done.reason) == (JobState.DONE, "12 of 12 outputs")
    after = stored(store)
    assert sorted(after) == list(range(12))
    assert len({identity for identity, _ in after.values()}) == 12
    assert {place: after[place] for place in before} == before
    assert len(endpoint.answered()) == len(set(endpoint.answered())) == 12


@pytest.mark.usefixtures("no_job_left")
def test_an_endpoint_that_is_killed_and_does_not_come_back_in_time_is_resumed_later(
    store: Store, tmp_path: Path, endpoint: Endpoint
) -> None:
    endpoint.start(hold=5)
    job = start_job(store, ACTION.words(asked_of(endpoint, tmp_path)), title="Run r", run="r")
    until(lambda: endpoint.holding and len(stored(store)) == 5)
    before = stored(store)
    endpoint.kill()
    failed = ended(store, job)
    assert failed.state == JobState.FAILED
    assert failed.reason == f"No endpoint answers at {endpoint.url}; see that it runs there."
    on_the_pages(store, failed.reason)
    assert stored(store) == before
    endpoint.start()
    done = ended(store, resume_job(store, job.id))
    assert (done.state, done.reason) == (JobState.DONE, "12 of 12 outputs")
    after = stored(store)
    assert {place: after[place] for place in before} == before
    assert len(endpoint.answered()) == len(set(endpoint.answered())) == 12


@pytest.mark.usefixtures("no_job_left")
def test_an_endpoint_that_is_killed_and_comes_back_soon_is_waited_for(
    store: Store, tmp_path: Path, endpoint: Endpoint
) -> None:
    endpoint.start(hold=5)
    job = start_job(store, ACTION.words(asked_of(endpoint, tmp_path)), title="Run r", run="r")
    until(lambda: endpoint.holding and len(stored(store)) == 5)
    endpoint.kill()
    endpoint.start()
    done = ended(store, job)
    assert (done.state, done.attempt, done.reason) == (JobState.DONE, 1, "12 of 12 outputs")
    assert len(endpoint.answered()) == len(set(endpoint.answered())) == 12

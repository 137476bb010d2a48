"""``sit predict`` and ``sit jobs``: one JSON line, progress beside it, exit codes."""

import json
from pathlib import Path

import pytest

from sit_core.jobs import current_jobs
from sit_core.store import Store
from tests.cli.test_import import Sit
from tests.jobs.conftest import ended
from tests.predict.conftest import NOTHING_MORE, examples_file

FAKE = ("--model", "m", "--backend", "fake")


@pytest.fixture
def sit(capsys: pytest.CaptureFixture[str], sqlite_store: Store, folder: Path) -> Sit:
    return Sit(capsys)


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """The one database that matters here."""
    return sqlite_store


def test_a_run_is_made_and_one_line_says_so(sit: Sit, tmp_path: Path, sqlite_store: Store) -> None:
    file = examples_file(tmp_path, "a", "b", "an error")
    sit("predict", *FAKE, "--examples", file, "--template", "repeat-answer", "--run", "mine")
    assert sit.code == 0
    assert sit.counts == {
        "run": "mine",
        "written": 2,
        "known": 0,
        "errors": 1,
        "cut": 0,
        **NOTHING_MORE,
    }
    assert "1 examples got no output" in sit.err
    (job,) = current_jobs(sqlite_store)  # a terminal's run is seen by the pages too
    assert (job.state, job.run, job.detached) == ("done", "mine", False)
    assert job.reason == "2 of 3 outputs, 1 errors"
    sit("runs", "--json")
    assert json.loads(sit.out)[0]["errors"] == 1


def test_json_keeps_standard_error_empty(sit: Sit, tmp_path: Path) -> None:
    file = examples_file(tmp_path, "a")
    sit("predict", *FAKE, "--examples", file, "--run", "mine", "--json")
    assert (sit.code, sit.err) == (0, "")


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["--run", "r", "--examples", "x.jsonl", "--template", "repaet-then"], 2, "repeat-then"),
        (["--run", "r", "--examples", "x.jsonl", "--temperature", "9"], 2, "temperature"),
        (["--run", "r"], 2, "--examples"),
        (["--run", "r", "--examples", "gone.jsonl"], 1, "there is no such file"),
    ],
)
def test_what_is_wrong_is_said(sit: Sit, more: list[str], code: int, said: str) -> None:
    sit("predict", *FAKE, *more)
    assert sit.code == code
    assert said in sit.err


def test_a_secret_in_the_address_is_never_stored(sit: Sit, sqlite_store: Store) -> None:
    sit("predict", "--model", "m", "--backend", "openai", "--base-url", "http://u:hush@h/v1",
        "--examples", "x.jsonl", "--run", "r")  # fmt: skip
    assert sit.code == 2
    assert "hush" not in sit.err
    assert current_jobs(sqlite_store) == []


@pytest.mark.slow
@pytest.mark.usefixtures("fake_in_jobs")
def test_detached_it_is_a_job_with_a_log(sit: Sit, tmp_path: Path, sqlite_store: Store) -> None:
    file = examples_file(tmp_path, "a", "b")
    sit("predict", *FAKE, "--examples", file, "--run", "mine", "--detach")
    number = json.loads(sit.out)["job"]
    job = ended(sqlite_store, current_jobs(sqlite_store)[0])
    assert (job.id, job.state, job.detached) == (number, "done", True)
    sit("jobs", "log", number)
    assert '"written": 2' in sit.out
    sit("jobs")
    assert "2/2" in sit.out
    assert "done" in sit.out
    sit("jobs", "list", "--json")
    assert json.loads(sit.out)[0]["run"] == "mine"
    sit("jobs", "cancel", number)
    assert (sit.code, "has ended" in sit.err) == (1, True)
    sit("jobs", "resume", number)
    assert sit.code == 0
    assert ended(sqlite_store, current_jobs(sqlite_store)[0]).attempt == 2


def test_there_being_no_jobs_is_said(sit: Sit) -> None:
    assert "no jobs yet" in sit("jobs").out
    assert sit("jobs", "log", "7").code == 1
    assert sit("jobs", "list", "--json").out == "[]\n"

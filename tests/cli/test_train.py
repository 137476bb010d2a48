"""``sit train``: what is wrong is said, rows are looked at, one line says what came of it."""

import json
from pathlib import Path

import pytest

from sit_core.jobs import current_job, current_jobs
from sit_core.store import Store
from tests.cli.test_import import Sit
from tests.jobs.conftest import until
from tests.models.conftest import save_tiny
from tests.train.conftest import copies, rows_file


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def sit(capsys: pytest.CaptureFixture[str], sqlite_store: Store) -> Sit:
    return Sit(capsys)


@pytest.fixture
def asked(tiny: Path, tmp_path: Path) -> list[str]:
    """The words of a small training."""
    rows = rows_file(tmp_path / "rows.jsonl", copies(20))
    changes = {
        "name": "mine",
        "model.base": tiny,
        "model.prompt_format": "plain",
        "data.train": rows,
        "schedule.steps": 2,
        "schedule.batch": 4,
        "hardware.device": "cpu",
    }
    sets = [word for name, value in changes.items() for word in ("--set", f"{name}={value}")]
    return ["train", "--config", "microlab", *sets]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["train"], 2, "--config"),
        (["train", "--config", "gone.yaml"], 2, "can't be read"),
        (["train", "--config", "it", "--set", "schedule.stps=3"], 2, "did you mean 'steps'"),
        (["train", "--config", "it", "--set", "nothing"], 2, "SECTION.FIELD=VALUE"),
        (["train", "--config", "microlab", "--set", "data.train=gone.jsonl"], 1, "no such file"),
    ],
)
def test_what_is_wrong_is_said(sit: Sit, words: list[str], code: int, said: str) -> None:
    sit(*words)
    assert sit.code == code
    assert said in sit.err


def test_rows_can_be_looked_at_without_training(sit: Sit, asked: list[str]) -> None:
    sit(*asked, "--look", "--set", "data.max_length=50")
    assert sit.code == 0, sit.err
    found = json.loads(sit.out)
    assert found["lengths"]["rows"] == found["data"]["rows"] == 19
    assert 0 < found["lengths"]["cut_share"] < 1
    assert sum(found["lengths"]["counts"]) == 19
    assert found["context"] == 512


def test_a_cut_is_refused_and_the_job_says_so(
    sit: Sit, asked: list[str], sqlite_store: Store
) -> None:
    sit(*asked, "--set", "data.max_length=50")
    assert sit.code == 1
    assert "their final step and end-of-text would be cut" in sit.err
    (job,) = current_jobs(sqlite_store)
    assert (job.state, "would be cut" in (job.reason or "")) == ("failed", True)


@pytest.mark.slow
def test_detached_it_is_a_job_that_ends_with_an_adapter(
    sit: Sit, asked: list[str], sqlite_store: Store
) -> None:
    sit(*asked, "--detach")
    assert json.loads(sit.out) == {"job": 1, "name": "mine"}
    until(lambda: not current_job(sqlite_store, 1).active, 240)
    job = current_job(sqlite_store, 1)
    assert (job.state, job.done, job.total) == ("done", 2, 2), job.reason
    sit(*asked, "--json")  # it is done: nothing is trained again
    assert sit.err == ""
    made = json.loads(sit.out)
    assert (made["name"], made["steps"], made["stopped"]) == ("mine", 2, False)
    assert (Path(made["result"]) / "adapter_model.safetensors").is_file()


CASE = Path(__file__).parents[1] / "fixtures" / "cases" / "05_alpaca_system_history.jsonl"


def test_system_and_history_are_trained_on_or_each_such_row_is_reported(
    sit: Sit, asked: list[str]
) -> None:
    sit(*asked, "--look", "--set", f"data.train={CASE}")
    lines = len(CASE.read_text().splitlines())
    assert sit.code == 1
    assert f"{lines} left out because there is a system message" in sit.err
    chat = ["--set", "model.prompt_format=chat", "--set", "data.max_length=400"]
    sit(*asked, "--look", "--set", f"data.train={CASE}", *chat)
    data = json.loads(sit.out)["data"]  # the tiny model's template shows all messages
    assert data["context"] == {"system": data["rows"], "history": data["rows"]}
    assert data["left_out"] == {}


def test_a_look_says_how_many_rows_the_choice_leaves(sit: Sit, asked: list[str]) -> None:
    sit(*asked, "--look", "--set", "data.max_length=40", "--set", "data.too_long=drop")
    found = json.loads(sit.out)
    assert found["rows_to_train_on"] == found["lengths"]["rows"] - found["lengths"]["cut"]
    assert found["left_out_for_length"]["train"] == found["lengths"]["cut"] > 0

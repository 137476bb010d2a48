"""``sit experiment``: plan, run and report from one file; a failed cell is exit code 1."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from sit_core.jobs import current_jobs
from sit_core.store import Store
from tests.cli.test_import import Sit
from tests.experiment.conftest import plain_experiment, questions
from tests.predict.fake import calls

REPORT = [
    {
        "analysis": "cells",
        "title": "Ours",
        "settings": {"rows": ["method"], "columns": ["instruction"], "metric": ["accuracy"]},
        "paper": {
            "table": "table5",
            "rows": {"instruction": "instruction"},
            "number": ["method", "measure"],
            "values": {"measure": {"accuracy": 0}, "instruction": {"R+A": "repeat"}},
        },
    }
]


@pytest.fixture
def sit(capsys: pytest.CaptureFixture[str], sqlite_store: Store, folder: Path) -> Sit:
    return Sit(capsys)


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    return sqlite_store


def file(tmp_path: Path, *inputs: str, **more: Any) -> str:
    path = tmp_path / "mine.yaml"
    asked = questions(tmp_path, *inputs)
    plain = plain_experiment(asked, metrics=["accuracy"], report=REPORT, **more)
    path.write_text(json.dumps(plain))  # JSON is YAML
    return str(path)


def test_from_plan_to_report(sit: Sit, tmp_path: Path, store: Store, folder: Path) -> None:
    path = file(tmp_path, "a", "b")
    sit("experiment", "plan", path, "--json")
    (plan,) = json.loads(sit.out)
    assert (plan["calls"], len(plan["cells"]), plan["cost"]) == (8, 4, None)
    assert not (folder / "calls").exists()
    sit("experiment", "plan", path)
    assert "8 calls left." in sit.out
    assert "4 characters a token" in sit.out
    sit("experiment", "run", path, "--json")
    assert (sit.code, sit.err) == (0, "")
    (done,) = json.loads(sit.out)
    assert (done["complete"], done["written"], done["failed"]) == (4, 8, {})
    (job,) = current_jobs(store)
    assert (job.state, job.title) == ("done", "Experiment mine")
    assert list(job.command) == ["experiment", "run", path]
    asked = calls(folder)
    sit("experiment", "report", path, "--json", "--samples")
    (report,) = json.loads(sit.out)
    (table,) = report["tables"]
    assert table["title"] == "Ours"
    by_method = {row["method"]: row for row in table["rows"]}
    assert by_method["IT"]["R+A"]["value"] == 1.0
    assert by_method["IT"]["R+A, paper"] == 20
    assert by_method["SIT"]["R+A, paper"] == "not given"
    assert all(len(cell["ids"]) == 2 for cell in table["samples"])
    sit("experiment", "report", path, "--csv")
    lines = list(csv.reader(io.StringIO(sit.out)))
    assert lines[0] == ["Ours"]
    assert {"method", "R+A", "R+A_low", "R+A_n", "R+A, paper"} <= set(lines[1])
    sit("experiment", "report", path)
    assert "not given" in sit.out
    assert calls(folder) == asked


def test_what_was_run_is_known_by_its_name(sit: Sit, tmp_path: Path) -> None:
    path = file(tmp_path, "a")
    sit("experiment", "run", path)
    Path(path).unlink()
    sit("experiment", "list", "--json")
    known = json.loads(sit.out)
    assert known["run_here"] == ["mine"]
    assert "microlab/table-1" in known["shipped"]
    sit("experiment", "plan", "mine")
    assert "0 calls left." in sit.out


def test_a_failed_cell_is_exit_code_1_and_the_others_are_shown(sit: Sit, tmp_path: Path) -> None:
    models = [
        {"name": "IT", "model": {"model": "IT", "backend": "fake"}},
        {"name": "gone", "model": {"model": str(tmp_path / "no model")}},
    ]
    sit("experiment", "run", file(tmp_path, "a", models=models))
    assert sit.code == 1
    assert "mine: 2 of 4 cells complete" in sit.out
    assert "gone, R+A: There is no folder" in sit.err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"metric": ["accuracy"]}, "'metrics'"),
        ({"instructions": [{"name": "x", "template": "repaet-answer"}]}, "repeat-answer"),
        ({"verdicts": [{"by": "rules"}]}, "rule"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_asked(
    sit: Sit, tmp_path: Path, folder: Path, more: dict[str, Any], said: str
) -> None:
    for verb in ("plan", "run"):
        sit("experiment", verb, file(tmp_path, "a", **more))
        assert sit.code == 2
        assert said in sit.err
    assert not (folder / "calls").exists()


def test_a_file_that_is_not_there_is_said_with_what_there_is(sit: Sit) -> None:
    sit("experiment", "run", "microlab/table-11")
    assert sit.code == 2
    assert "microlab/table-1" in sit.err


def test_a_job_may_name_no_other_variable_as_a_key(sit: Sit, tmp_path: Path, store: Store) -> None:
    endpoint = {"backend": "openai", "base_url": "http://127.0.0.1:9/v1", "model": "m"}
    models = [{"name": "a", "model": {**endpoint, "key_env": "HOME_PASSWORD"}}]
    sit("experiment", "run", file(tmp_path, "a", models=models), "--detach")
    assert sit.code == 2
    assert "may not be used as a key" in sit.err
    assert current_jobs(store) == []

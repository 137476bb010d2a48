"""``sit seq-instruct``: options and YAML do the same; jobs; one sentence and a code for errors."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sit_core.cli import main
from sit_core.jobs import current_jobs
from sit_core.seq_instruct.instruction_set import open_set
from sit_core.store import open_store
from tests.jobs.conftest import ended
from tests.seq_instruct.fakes import FakeModel, use

SOURCE = "microlab:instructions:20"
MODEL = ("--writer", "m", "--base-url", "http://localhost:1/v1")


def call(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["seq-instruct", *words])
    return int(left.value.code or 0)


def counts(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert call(*words, "--json") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_by_rules_from_options_to_a_training_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "train.jsonl"
    assert call("--name", "a", "--source", SOURCE, "--out", str(out)) == 0
    said = capsys.readouterr().out
    assert re.search(r"iteration 1: .*B \d+.*; made \d+", said)
    assert f"rows for training: {out}" in said
    rows = out.read_text().splitlines()
    assert len(rows) == len(open_set("a").folder.export(2).read_text().splitlines())
    (job,) = current_jobs(open_store())
    assert list(job.command) == ["seq-instruct", "--name=a"]
    assert job.state == "done"
    assert "instructions are in the training file" in job.message


def test_again_by_its_name_alone_and_with_more_iterations(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = counts(capsys, "--name", "a", "--source", SOURCE, "--iterations", "1")
    again = counts(capsys, "--name", "a")
    assert again["usage"] == first["usage"]
    more = counts(capsys, "--name", "a", "--iterations", "2")
    assert set(more["iterations"]) == {"1", "2"}
    assert more["iterations"]["1"] == first["iterations"]["1"]


def test_a_yaml_and_options_over_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(yaml.safe_dump({"sources": [SOURCE], "iterations": 3, "limit": 9}))
    found = counts(capsys, "--name", "a", "--config", str(path), "--iterations", "1")
    assert (found["seeds"], set(found["iterations"])) == (9, {"1"})
    words = ["--writer", "m", "--base-url", "http://localhost:1/v1", "--budget", "3"]
    words += ["--input-price", "1", "--in-flight", "9", "--print-config"]
    assert call("--name", "b", "--config", str(path), *words) == 0
    shown = yaml.safe_load(capsys.readouterr().out)
    assert shown["writer"] == {
        "model": "m",
        "backend": "openai",
        "base_url": "http://localhost:1/v1",
        "in_flight": 9,
    }
    assert shown["prices"] == {"input": 1.0, "budget": 3.0}
    assert (shown["limit"], shown["sources"]) == (9, [SOURCE])


def test_the_estimate_asks_nobody_and_makes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--name", "a", "--source", SOURCE, "--writer", "m", "--estimate"]
    words += ["--base-url", "http://localhost:1/v1", "--input-price", "1", "--output-price", "2"]
    assert call(*words) == 0
    said = capsys.readouterr().out
    assert "20 instructions, 2 iterations: at most 160 calls" in said
    assert re.search(r"respond +40", said)
    found = counts(capsys, *words)
    assert found["calls"] == 160
    assert found["cost"] > 0
    assert not (Path(os.environ["SIT_HOME"]) / "seq_instruct").exists()


def test_the_end_of_the_budget_is_a_sentence_and_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = use(monkeypatch, FakeModel())
    words = [
        "--name",
        "a",
        "--source",
        SOURCE,
        "--writer",
        "m",
        "--base-url",
        "http://localhost:1/v1",
    ]
    words += ["--input-price", "10000", "--output-price", "1", "--in-flight", "2"]
    assert call(*words, "--budget", "20") == 0
    assert "with a larger budget the same command goes on" in capsys.readouterr().out
    assert 0 < len(model.prompts) < 40
    (job,) = current_jobs(open_store())
    assert job.state == "done"
    assert "The budget of 20 is spent" in job.message
    assert counts(capsys, "--name", "a", "--budget", "1000")["complete"]


@pytest.mark.slow
def test_detached_it_is_a_job(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--name", "a", "--source", SOURCE, "--detach") == 0
    found = json.loads(capsys.readouterr().out)
    store = open_store()
    job = next(j for j in current_jobs(store) if j.id == found["job"])
    assert ended(store, job).state == "done"
    assert open_set("a").complete


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--name", "a"], "Name the data"),
        (["--name", " ", "--source", SOURCE], "A set of instructions needs a name"),
        (["--name", "a", "--source", "nowhere.json"], "nowhere.json"),
        (["--name", "a", "--source", SOURCE, "--in-flight", "3"], "belongs to a model"),
        (["--name", "a", "--source", SOURCE, "--budget", "3"], "A budget needs prices"),
        (["--name", "a", "--source", SOURCE, "--attempts", "0"], "attempts: Expected"),
        (
            ["--name", "a", "--source", SOURCE, "--key-env", "HOME", *MODEL],
            "may not be used as a key",
        ),
    ],
)
def test_errors_are_one_sentence(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*words) in (1, 2)
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_what_was_read_of_the_source_is_told_each_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "own.jsonl"
    rows = [{"instruction": f"Name {n}.", "input": n, "output": "a", "mood": 1} for n in range(4)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = counts(capsys, "--name", "a", "--source", str(source), "--limit", "3")
    (read,) = (one["read"] for one in found["read"]["sources"])
    assert read["columns"] == {
        "instruction": "instruction",
        "input": "input",
        "reference": "output",
    }
    assert read["not_used"] == ["mood"]
    assert [(c["field"], c["count"]) for c in read["changed"]] == [("input", 3)]
    assert call("--name", "a") == 0
    said = capsys.readouterr().out
    assert "own.jsonl: not used: mood" in said
    assert "own.jsonl: input: a number as text, 3 times (0)" in said
    one = open_set("a")
    manifest = yaml.safe_load(one.folder.export(2).with_suffix(".manifest.yaml").read_text())
    assert manifest["made"]["known"]["sources"][0]["read"] == read

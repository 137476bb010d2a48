"""``sit augment``: options and YAML do the same; counts; errors are one sentence and a code."""

import doctest
import importlib
import json
from pathlib import Path

import pytest
import yaml

from sit_core.augment.config import read_mixture
from sit_core.cli import main
from sit_core.store import open_store
from sit_core.store.jobs import list_jobs
from tests.augment.conftest import many, rows_of, written


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SIT_DATABASE_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def data(tmp_path: Path) -> str:
    rows = [*many(30), {"instruction": "Sing.", "input": "", "output": "la"}]
    return str(written(tmp_path / "d.json", rows))


def call(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return int(left.value.code or 0)


def test_the_examples_in_the_docs_are_true() -> None:
    module = importlib.import_module("sit_core.cli.augment")
    assert doctest.testmod(module).failed == 0


def test_counts_for_people_and_for_programs(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "t.jsonl")
    words = ["augment", "--source", data, "--chain", "R+A", "--held-out", "5", "--out", out]
    assert call(*words) == 0
    said = capsys.readouterr().out
    assert "31 examples, 30 rows ask for a sequence: A 1, R+A 30" in said
    assert "left as they were: 1: it has no input" in said
    assert "5 rows held out" in said
    assert call(*words, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["out"], told["sequential"], told["train"]["rows"]) == (out, 30, 26)
    assert told["train"]["sha256"]
    (job, again) = list_jobs(open_store())
    assert job.state == again.state == "done"


def test_options_print_the_yaml_that_does_the_same(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--source", data, "--tasks", "repeat", "--cap", "9", "--seed", "3", "--plain", "4"]
    words += ["--held-out", "0.2", "--join", "headings"]
    assert call("augment", *words, "--out", str(tmp_path / "a.jsonl"), "--print-config") == 0
    text = capsys.readouterr().out
    assert yaml.safe_load(text)["chains"] == [{"chain": "repeat", "cap": 9}]
    assert not (tmp_path / "a.jsonl").exists()
    (tmp_path / "m.yaml").write_text(text)
    assert call("augment", *words, "--out", str(tmp_path / "a.jsonl")) == 0
    config = str(tmp_path / "m.yaml")
    assert call("augment", "--config", config, "--out", str(tmp_path / "b.jsonl")) == 0
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    other = ["--out", str(tmp_path / "c.jsonl"), "--seed", "4"]
    assert call("augment", "--config", config, *other) == 0
    assert (tmp_path / "a.jsonl").read_bytes() != (tmp_path / "c.jsonl").read_bytes()


def test_texts_wordings_and_columns_by_option(data: str, tmp_path: Path) -> None:
    rows = [
        {"q": "Do it.", "x": f"number {i} here", "y": f"done {i}", "other": f"here: number {i}"}
        for i in range(3)
    ]
    source = str(written(tmp_path / "e.jsonl", rows))
    (tmp_path / "w.txt").write_text("say it in other words\n")
    words = ["--map", "instruction=q", "--map", "input=x", "--map", "reference=y"]
    words += ["--texts", "paraphrase=column:other", "--wordings", f"paraphrase={tmp_path}/w.txt"]
    out = str(tmp_path / "t.jsonl")
    assert call("augment", "--source", source, "--chain", "P+A", *words, "--out", out) == 0
    for row in rows_of(tmp_path / "t.jsonl"):
        assert "say it in other words" in row["instruction"]
        assert row["output"].startswith("here: number")


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        ([], 2, "Name the data"),
        (["--source", "nowhere.json"], 1, "there is no such file"),
        (["--source", "{d}", "--chain", "R+P"], 2, "must be the answer"),
        (["--source", "{d}", "--chain", "P+A"], 1, "None of the 31 examples"),
        (["--source", "{d}", "--share", "2", "--held-out", "x"], 2, "share: Expected"),
        (["--source", "{d}", "--held-out", "x"], 2, "held_out: Expected a whole number or"),
        (["--source", "{d}", "--texts", "paraphrase"], 2, "is not TASK=WHERE"),
        (["--config", "nowhere.yaml"], 2, "can't be read"),
        (["--config", "x.yaml", "--source", "a"], 2, "can't be read"),
        (["--source", "gsm8k", "--map", "input=x"], 2, "leave out the mapping"),
    ],
)
def test_every_error_is_one_sentence(
    data: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    reason: str,
) -> None:
    words = [word.replace("{d}", data) for word in words]
    assert call("augment", *words, "--out", str(tmp_path / "t.jsonl")) == code
    said = capsys.readouterr().err
    assert reason in said
    assert "Traceback" not in said
    assert not (tmp_path / "t.jsonl").exists()


def test_options_given_beside_a_file_win(data: str, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(f"sources: [{json.dumps(data)}]\nchains: [P+A]\nseed: 4\n")
    out = tmp_path / "t.jsonl"
    assert call("augment", "--config", str(tmp_path / "m.yaml"), f"--out={out}", "--chain=R+A") == 0
    made = read_mixture(tmp_path / "t.manifest.yaml")
    assert (made.chains, made.seed) == (("R+A",), 4)
    assert (
        call("augment", f"--config={tmp_path / 'm.yaml'}", f"--out={out}", "--set=chains=[]") == 0
    )
    assert read_mixture(tmp_path / "t.manifest.yaml").chains == ()


def test_the_command_of_its_job_asks_for_exactly_the_same(data: str, tmp_path: Path) -> None:
    out = tmp_path / "t.jsonl"
    assert call("augment", "--source", data, "--chain", "R+A", "--cap", "3", f"--out={out}") == 0
    first = out.read_bytes()
    (job,) = list_jobs(open_store())
    assert call(*job.command) == 0
    assert out.read_bytes() == first


def test_what_was_read_of_the_source_is_told_and_in_the_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [*many(3), {"instruction": "Count.", "input": 42, "output": "it is 42", "mood": "gay"}]
    source = written(tmp_path / "own.json", [*rows, {"instruction": ["no"], "output": "x"}])
    out = tmp_path / "t.jsonl"
    words = ["augment", "--source", str(source), "--chain", "R+A", "--out", str(out)]
    assert call(*words, "--skip-bad-rows") == 0
    said = capsys.readouterr().out
    assert "own.json: columns: instruction, input, reference ← output" in said
    assert "own.json: not used: mood" in said
    assert "own.json: input: a number as text, 1 time (42)" in said
    assert "rows that could not be read, left out: 1: own.json" in said
    assert call(*words, "--skip-bad-rows", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    (read,) = (one["read"] for one in told["sources"])
    assert read["not_used"] == ["mood"]
    assert [change["count"] for change in read["changed"]] == [1]
    assert len(told["bad_row_reasons"]) == told["bad_rows"] == 1
    manifest = yaml.safe_load((tmp_path / "t.manifest.yaml").read_text())
    assert manifest["made"]["sources"][0]["read"] == read


def test_a_zero_is_kept_with_the_job_so_that_resuming_makes_the_same(
    tmp_path: Path, data: str
) -> None:
    words = ["--source", data, "--chain", "R+A", "--out", str(tmp_path / "o.jsonl")]
    assert call("augment", *words, "--cap", "0", "--plain", "0", "--share", "0", "--seed", "0") == 0
    kept = set(list_jobs(open_store())[0].command)
    assert {"--cap=0", "--plain=0", "--share=0.0", "--seed=0"} <= kept


def test_a_zero_beside_a_file_counts_like_any_other_value(tmp_path: Path, data: str) -> None:
    (tmp_path / "m.yaml").write_text(f"sources: [{json.dumps(data)}]\nplain: 3\n")
    words = [f"--config={tmp_path / 'm.yaml'}", f"--out={tmp_path / 'o.jsonl'}", "--plain=0"]
    call("augment", *words)
    (job,) = list_jobs(open_store())
    assert list(job.command[1:]) == words
    assert not (tmp_path / "o.jsonl").exists() or (tmp_path / "o.jsonl").read_text() == ""

"""``sit results kinds``: of a file, of a set; what is asked wrongly is said."""

import json
from pathlib import Path

import pytest

from sit_core.cli import main
from tests.instruction_sets import small_set


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["results", "kinds", *words])
    return int(ended.value.code or 0)


def test_a_files_kinds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"instruction": i, "output": "x"} for i in ("Name a plum.", "Name two plums.", "…")]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(rows))
    assert run("--file", str(path), "--by", "rule", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["instructions"], said["with_a_kind"]) == (3, 2)
    assert [(r["verb"], r["noun"], r["clauses"]) for r in said["rows"]] == [("name", "plum", 2)]
    assert run("--file", str(path)) == 0
    text = capsys.readouterr().out
    assert "2 of 3 instructions have a kind" in text
    assert "1 without: there is no word in it." in text


def test_a_sets_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    small_set()
    assert run("--set", "small", "--by", "rule", "--json") == 0
    last = json.loads(capsys.readouterr().out)
    assert (last["instructions"], last["clauses"]) == (1, 3)
    assert run("--set", "small", "--iteration", "0", "--by", "rule", "--json") == 0
    assert json.loads(capsys.readouterr().out)["instructions"] == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "either --file"),
        (["--file", "x.json", "--set", "y"], "either --file"),
        (["--set", "nothing"], "no set"),
        (["--set", "small", "--iteration", "7"], "iterations up to 2"),
    ],
)
def test_what_can_not_be_is_said(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    small_set()
    assert run(*words) > 0
    assert said in capsys.readouterr().err


def test_nothing_with_a_kind_is_no_division(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"instruction": "…", "output": "x"}]))
    assert run("--file", str(path)) == 0
    assert "0 of 1" in capsys.readouterr().out

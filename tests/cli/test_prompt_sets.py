"""``sit prompt-sets``: list, show, rename, assign; imports and boards name their set."""

import json
from pathlib import Path

import pytest

from sit_core.store import open_store
from sit_core.store.judge_inputs import choose_outputs
from tests.cli.conftest import sit
from tests.factories import judge


@pytest.fixture
def files(home_of_its_own: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Runs a and b over ten prompts, c over five others."""
    for name, asked in (("a", range(10)), ("b", range(10)), ("c", range(50, 55))):
        rows = [{"instruction": f"Say {i}.", "output": f"{name} {i}"} for i in asked]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    words = ("import", str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"))
    code, out, _ = sit(capsys, *words, "--steps", "answer", "--prompt-set", "numbers")
    assert code == 0
    assert json.loads(out)["prompt_sets"] == {"a": "numbers", "b": "numbers"}
    code, out, err = sit(capsys, "import", str(tmp_path / "c.jsonl"), "--steps", "answer")
    assert "Prompt set 'c': c" in err
    return tmp_path


def test_they_are_listed_and_shown(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(sit(capsys, "prompt-sets", "list", "--json")[1])
    assert [(s["name"], s["prompts"], len(s["runs"])) for s in listed] == [
        ("numbers", 10, 2),
        ("c", 5, 1),
    ]
    assert "numbers" in sit(capsys, "prompt-sets", "list")[1]
    shown = json.loads(sit(capsys, "prompt-sets", "show", "numbers", "--json")[1])
    assert shown == listed[0]
    assert shown["runs"] == [{"run": "a", "prompts": 10}, {"run": "b", "prompts": 10}]
    assert "10 of 10" in sit(capsys, "prompt-sets", "show", "numbers")[1]
    code, _, err = sit(capsys, "prompt-sets", "show", "number")
    assert code == 1
    assert "did you mean 'numbers'" in err


def test_one_is_renamed_and_runs_are_put_elsewhere(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = sit(capsys, "prompt-sets", "rename", "c", "fifties")
    assert (code, out) == (0, "The prompt set 'c' is now called 'fifties'.\n")
    code, out, _ = sit(capsys, "prompt-sets", "assign", "all", "--runs", "b,c")
    assert (code, out) == (0, "The prompt set 'all' has 2 runs and 15 prompts.\n")
    assert sit(capsys, "prompt-sets", "rename", "all", "numbers")[0] == 1


def test_a_name_that_can_not_be_is_refused_before_anything_is_read(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = sit(capsys, "import", str(files / "a.jsonl"), "--prompt-set", " ")
    assert code == 2
    assert "--prompt-set: a prompt set needs a name" in err


def test_a_board_is_of_one_set(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = open_store()
    for run in "abc":
        for output in choose_outputs(store, [run]).ids:
            judge(store, None, output, "L", {"follow": "yes"}, kind="llm")
    for words, systems, name in (
        ((), ["a", "b"], "numbers"),
        (("--prompt-set", "c"), ["c"], "c"),
    ):
        board = json.loads(sit(capsys, "results", "leaderboard", "--json", *words)[1])
        assert [row["system"] for row in board["rows"]] == systems
        assert board["prompt_set"] == name
    code, _, err = sit(capsys, "results", "leaderboard", "--prompt-set", "nmbers")
    assert code == 2
    assert "did you mean 'numbers'" in err


def test_runs_say_their_set(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(sit(capsys, "runs", "--json")[1])
    assert {row["name"]: row["prompt_set"] for row in rows} == {
        "a": "numbers",
        "b": "numbers",
        "c": "c",
    }

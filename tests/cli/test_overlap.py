"""``sit overlap``: files, a prompt set of the store, and what is left out is said."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import sit


@pytest.fixture
def train(home_of_its_own: None, tmp_path: Path) -> Path:
    rows = [
        {"instruction": "Answer.", "input": f"Question {i}: where is it?", "output": f"at {i}"}
        for i in range(6)
    ]
    rows.append({"instruction": "Answer.", "input": "nothing", "output": ""})
    path = tmp_path / "train.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def prompts(path: Path, *inputs: str) -> str:
    rows = [{"instruction": "Answer.", "input": text, "output": "x"} for text in inputs]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return str(path)


def test_a_file_against_a_file(train: Path, tmp_path: Path, capsys) -> None:
    test = prompts(tmp_path / "test.jsonl", "Question 2: where is it?", "Who was there before?")
    words = ("overlap", "--train", str(train), "--test", test, "--ngram", "3")
    code, out, _ = sit(capsys, *words, "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["exact"], found["normalised"], found["inputs"], found["words"]) == (1, 1, 1, 1)
    assert found["exact_rows"][0]["train"] == "train.jsonl, row 3"
    assert found["exact_rows"][0]["test"] == "prompt 1"
    assert (found["train_rows"], found["test_rows"]) == (6, 2)
    assert found["left_out"] == {"the output is empty": 1}
    text = sit(capsys, *words)[1]
    assert "the same text: 1 of 2" in text
    assert "prompt 1 = train.jsonl, row 3" in text
    assert "1 training rows left out: the output is empty" in text


def test_a_prompt_set_counts_each_prompt_once(train: Path, tmp_path: Path, capsys) -> None:
    for run in ("a", "b"):
        file = prompts(tmp_path / f"{run}.jsonl", "Question 1: where is it?\r\n", "Another")
        assert sit(capsys, "import", file, "--steps", "answer", "--prompt-set", "mine")[0] == 0
    words = ("overlap", "--train", str(train), "--prompt-set", "mine", "--json")
    found = json.loads(sit(capsys, *words)[1])
    assert (found["test_rows"], found["exact"], found["normalised"]) == (2, 0, 1)


def test_what_is_missing_is_one_sentence(train: Path, capsys) -> None:
    code, _, err = sit(capsys, "overlap", "--train", str(train))
    assert code == 2
    assert "either --test or --prompt-set" in err
    code, _, err = sit(capsys, "overlap", "--train", str(train), "--prompt-set", "none")
    assert code == 1
    assert "none" in err

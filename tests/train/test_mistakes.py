"""Mistakes of released training code, by their number in the list: none is possible here."""

import json
from pathlib import Path
from typing import Any

import pytest

from sit_core.errors import SitError
from sit_core.models.interface import ModelSpec
from sit_core.records import Example
from sit_core.train.data import split
from sit_core.train.encoding import NOT_LEARNED, EncodedRow, RowEncoder
from sit_core.train.lengths import fitting
from sit_core.train.rows import TrainingRow, read_training_rows
from tests.train.conftest import copies, rows_file

LONG = "Question: what is it?\nChoices: A:x, B:y\n" + "word: " * 200 + "\n\nAnswer: B"


@pytest.fixture(scope="module")
def tokenizer(tiny: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny)


def encoded(tokenizer: Any, rows: list[TrainingRow]) -> list[EncodedRow]:
    ends = frozenset({tokenizer.eos_token_id})
    return RowEncoder(tokenizer, ModelSpec("tiny", prompt_format="alpaca"), ends).encode(rows)


def learned(tokenizer: Any, row: EncodedRow, longest: int | None = None) -> str:
    """The text that the labels stand for."""
    return str(tokenizer.decode([t for t in row.labels(longest) if t != NOT_LEARNED]))


def test_mistake_1_a_baseline_trained_on_the_caption_instead_of_the_answer(tmp_path: Path) -> None:
    """What is learned is the column ``output``, whatever texts stand beside it."""
    row = {
        "instruction": "Answer the question.",
        "input": "What is on the mat?",
        "caption": "A cat on a mat.",
        "expected": ["A cat on a mat.", None],
        "reference": "cat, or the whole chain's gold",
        "steps": ["caption", "answer"],
        "output": "cat",
    }
    for name, text in (
        ("x.jsonl", json.dumps(row) + "\n"),
        ("x.json", json.dumps([row])),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        (read,) = read_training_rows(str(tmp_path / name)).rows
        assert read.output == "cat"


def test_mistake_3_text_processing_that_loses_the_separator(tokenizer: Any) -> None:
    """Colons, newlines and every word after the fiftieth reach the labels."""
    (row,) = encoded(tokenizer, [TrainingRow(Example("Do it: now.\nPlease", LONG), LONG)])
    assert learned(tokenizer, row) == LONG + "<|end|>"
    assert LONG in tokenizer.decode(row.prompt)
    assert "Do it: now.\nPlease" in tokenizer.decode(row.prompt)


def test_mistake_9_an_empty_input(tokenizer: Any, tmp_path: Path) -> None:
    """Its block is left out; an input is in the prompt once."""
    rows = [{"instruction": "Say hi", "input": text, "output": "hi"} for text in ("", "zebra")]
    rows.append({"instruction": "Say ho", "output": "ho"})
    file = read_training_rows(str(rows_file(tmp_path / "x.jsonl", rows)))
    prompts = [tokenizer.decode(row.prompt) for row in encoded(tokenizer, file.rows)]
    assert ["### Input" in prompt for prompt in prompts] == [False, True, False]
    assert prompts[1].count("zebra") == 1


def test_mistake_10_a_cut_that_drops_the_final_step_and_end_of_text(tokenizer: Any) -> None:
    """It is refused; and where somebody wants the cut, no end is pretended."""
    row = TrainingRow(Example("First repeat the input, then answer.", LONG), f"{LONG}\nB")
    rows = encoded(tokenizer, [row])
    assert rows[0].length > 512
    with pytest.raises(SitError, match=r"1 of 1 rows .* final step and end-of-text would be cut"):
        fitting(rows, 512, "refuse")
    with pytest.raises(SitError, match="No row is left"):
        fitting(rows, 512, "drop")
    # Cut on purpose: what is there is what stood there, and it does not end.
    length = len(rows[0].prompt) + 100
    (kept,) = fitting(rows, length, "keep")
    assert learned(tokenizer, kept, length) == f"{LONG}\nB"[:100]
    assert tokenizer.eos_token_id not in kept.labels(length)
    assert len(kept.ids(length)) == len(kept.labels(length)) == length
    # Not cut, the last step and the end are there.
    assert learned(tokenizer, rows[0]).endswith("\nB<|end|>")


def test_mistake_11_an_input_that_holds_the_heading_of_the_response(tokenizer: Any) -> None:
    """Where the output begins is known by counting, not by searching the text."""
    text = "### Response:\nnot yet\n\n### Response:\n"
    (row,) = encoded(tokenizer, [TrainingRow(Example("Repeat the input.", text), "yes")])
    assert learned(tokenizer, row) == "yes<|end|>"


@pytest.mark.slow
def test_mistake_11_rows_are_padded_on_the_right_with_a_mask(tokenizer: Any) -> None:
    """The shorter row's padding is neither looked at nor learned, whatever token it is."""
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    rows = encoded(tokenizer, [TrainingRow(Example("x"), text) for text in ("a", "abcdefgh")])
    collate = DataCollatorForLanguageModeling(pad_token_id=tokenizer.eos_token_id)
    batch = collate([{"input_ids": r.ids(), "labels": r.labels()} for r in rows])
    for place, row in enumerate(rows):
        n = row.length
        assert batch["attention_mask"][place].tolist() == [1] * n + [0] * (rows[1].length - n)
        assert batch["labels"][place, :n].tolist() == row.labels()
        assert set(batch["labels"][place, n:].tolist()) <= {NOT_LEARNED}


def test_mistake_12_training_on_the_prompt(tokenizer: Any) -> None:
    """No setting asks for it, and no label is in a prompt."""
    from sit_core.train.config import as_plain, config_from

    least = {"name": "x", "model": {"base": "b"}, "data": {"train": "a"}}
    names = json.dumps(as_plain(config_from(least)))
    assert "completion" not in names
    assert "prompt_loss" not in names
    for row in encoded(tokenizer, [TrainingRow(Example(LONG, LONG), "x")]):
        assert set(row.labels()[: len(row.prompt)]) == {NOT_LEARNED}


def test_mistake_12_instructions_are_not_changed(tokenizer: Any) -> None:
    """Neither lower-cased nor spelt otherwise, in the prompt as in the output."""
    wording = "FIRST Paraphrase the INPUT, then Answer McDonald's  Question"
    (row,) = encoded(tokenizer, [TrainingRow(Example(wording, "x"), wording)])
    assert wording in tokenizer.decode(row.prompt)
    assert learned(tokenizer, row) == wording + "<|end|>"


def test_mistake_14_unseeded_shuffles(tmp_path: Path) -> None:
    """The split depends on the seed and the rows, not on how these happen to be ordered."""
    rows = copies(80)
    one = read_training_rows(str(rows_file(tmp_path / "a.jsonl", rows))).rows
    other = read_training_rows(str(rows_file(tmp_path / "b.jsonl", rows[::-1]))).rows
    assert {r.id for r in split(one, 0.2, 99, 3)[1]} == {r.id for r in split(other, 0.2, 99, 3)[1]}


@pytest.mark.slow
def test_mistake_14_everything_random_takes_the_seed(config: Any) -> None:
    """Two trainers of one seed have the same first weights and draw the rows in the same order."""
    import torch

    from tests.train.test_trainer import trainer_of

    found = []
    for name, seed, noise in (("a", 1, 1), ("b", 1, 2), ("c", 2, 1)):
        torch.manual_seed(noise)  # what was drawn before does not matter
        trainer = trainer_of(config(name=name, seed=seed))
        weights = torch.cat([p.flatten() for p in trainer.model.parameters() if p.requires_grad])
        order = [batch["input_ids"].tolist() for batch in trainer.get_train_dataloader()]
        found.append((weights.tolist(), order))
    assert found[0] == found[1]
    assert found[0][0] != found[2][0]
    assert found[0][1] != found[2][1]

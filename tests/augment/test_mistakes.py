"""Mistakes of released code that concern the making of data, none of which is possible here.

Numbers are those of the list that the project keeps; what concerns training is tested there.
"""

import ast
from pathlib import Path
from typing import Any

import pytest

import sit_core.augment
from sit_core.augment import step_generation as making
from sit_core.augment.wordings import shipped
from sit_core.errors import SitError
from sit_core.models import Generated
from sit_core.sources import ExampleReading, collected, named_examples
from sit_core.tasks import TASKS
from tests.augment.conftest import made, many, rows_of, written

MODEL = {"paraphrase": {"model": {"model": "m", "backend": "openai", "base_url": "http://h/v1"}}}


def writing(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A model that writes this and nothing else."""

    class Model:
        def generate(self, prompts: list[Any], *_: Any):
            yield from ((place, Generated(text)) for place in range(len(prompts)))

        def close(self) -> None:
            pass

    monkeypatch.setattr(making, "load_model", lambda _spec: Model())


def test_1_the_baseline_is_trained_on_the_answer_and_not_on_the_caption(tmp_path: Path) -> None:
    rows = many(4, caption=lambda i: f"a photo of {i} plums", image=lambda i: f"{i}.png")
    source = str(written(tmp_path / "d.jsonl", rows))
    texts = {"caption": {"column": "caption"}}
    baseline = made(tmp_path, "it.jsonl", sources=[source], texts=texts)
    assert {row["output"] for row in rows_of(baseline.train)} == {f"done {i}" for i in range(4)}
    sequences = made(tmp_path, "sit.jsonl", sources=[source], chains=["C+A"], texts=texts)
    for row in rows_of(sequences.train):
        caption, answer = row["output"].split("\n")
        assert caption.startswith("a photo of")
        assert answer.startswith("done")


def test_3_colons_newlines_and_length_reach_the_training_file(tmp_path: Path) -> None:
    text = "Question: what?\nChoices: A:x, B:y\n\n" + "a word: " * 500 + "\tend "
    rows = [{"instruction": "Answer:\nin one word", "input": text, "output": "x:\n" + "y " * 200}]
    source = str(written(tmp_path / "d.jsonl", rows))
    (row,) = rows_of(made(tmp_path, sources=[source], chains=["R+A"]).train)
    assert row["output"] == text + "\n" + rows[0]["output"]
    assert row["input"] == text
    assert row["instruction"].endswith("Answer:\nin one word")


def test_4_an_answer_that_is_missing_is_missing_and_not_zero_or_empty(tmp_path: Path) -> None:
    rows = [*many(2), {"instruction": "a", "input": "x", "output": None}]
    rows += [{"instruction": "b", "input": "y", "output": ""}]
    source = str(written(tmp_path / "d.jsonl", rows))
    done = made(tmp_path, sources=[source], chains=["R+A"])
    assert done.made["left_out"] == {"it has no output": 2}
    assert all(row["output"].split("\n")[-1].startswith("done") for row in rows_of(done.train))


def test_5_a_choice_beyond_d_is_a_choice(tmp_path: Path) -> None:
    choices = {"label": list("ABCDEF"), "text": list("uvwxyz")}
    row = {"question": "Q?", "choices": choices, "answerKey": "F"}
    (found,) = collected(
        named_examples(f"commonsense_qa:{written(tmp_path / 'd.jsonl', [row])}", ExampleReading())
    )
    assert (found.reference, found.input.endswith("E:y, F:z")) == ("F", True)


def test_6_a_text_that_was_not_translated_is_no_translation(tmp_path: Path) -> None:
    german = "Translation: Wo ist das Haus der Bienen und der Fliegen?"
    rows = [{"instruction": "Answer.", "input": german[13:], "output": "here", "said": german}]
    source = str(written(tmp_path / "d.jsonl", [*rows, *many(1)]))
    with pytest.raises(SitError, match="another language"):
        made(
            tmp_path,
            sources=[source],
            chains=["T+A"],
            texts={"translate": {"column": "said"}},
        )


def test_8_empty_generations_are_counted_and_never_taken_for_a_decision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = str(written(tmp_path / "d.jsonl", many(5)))
    writing(monkeypatch, "  \n")
    with pytest.raises(SitError, match="5: the model wrote nothing"):
        made(tmp_path, sources=[source], chains=["P+A"], texts=MODEL)
    done = made(tmp_path, sources=[source], chains=["P+A", "R+A"], texts=MODEL)
    assert done.made["chains"] == {"R+A": 5}
    assert done.made["texts_refused"] == {"the model wrote nothing": 5}


@pytest.mark.parametrize("empty", ["", "   ", "\n\t", None])
def test_9_an_empty_input_is_an_example_without_input(tmp_path: Path, empty: str | None) -> None:
    rows = [*many(2), {"instruction": "Say hi.", "input": empty, "output": "Hi"}]
    source = str(written(tmp_path / "d.jsonl", rows))
    done = made(tmp_path, sources=[source], chains=["R+R+A"])
    assert done.made["chains"] == {"A": 1, "R+R+A": 2}


def test_9_the_input_is_never_pasted_into_the_instruction(tmp_path: Path) -> None:
    source = str(written(tmp_path / "d.jsonl", many(20)))
    for row in rows_of(made(tmp_path, sources=[source], chains=["R+R+R+A"]).train):
        assert row["input"] not in row["instruction"]
    for row in rows_of(
        made(tmp_path, "m.jsonl", sources=[source], chains=["R+A"], format="messages").train
    ):
        said = row["messages"][0]["content"]
        assert said.count(row["messages"][1]["content"].split("\n")[0]) == 1


def test_12_the_instruction_keeps_its_letters(tmp_path: Path) -> None:
    rows = [{"instruction": "Name NATO's HQ, i.e. ITS Seat!", "input": "x", "output": "y"}]
    source = str(written(tmp_path / "d.jsonl", rows))
    for chain in ("R+A", "R+R+A"):
        (row,) = rows_of(made(tmp_path, sources=[source], chains=[chain]).train)
        assert row["instruction"].endswith("Name NATO's HQ, i.e. ITS Seat!")


def test_12_no_paraphrase_is_the_input_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = many(3)
    for row in rows:
        row["input"] = "the same text"
    source = str(written(tmp_path / "d.jsonl", rows))
    writing(monkeypatch, "The  same TEXT.")
    with pytest.raises(SitError, match="the paraphrase is the input again"):
        made(tmp_path, sources=[source], chains=["P+A"], texts=MODEL)


def test_12_task_words_are_spelled_as_the_tasks_are_called(tmp_path: Path) -> None:
    source = str(written(tmp_path / "d.jsonl", many(1)))
    (row,) = rows_of(made(tmp_path, sources=[source], chains=["R+A"], join="headings").train)
    headings = [line for line in row["output"].splitlines() if line.endswith(":")]
    assert headings == ["1. Repeat:", "2. Answer:"]
    for task, own in shipped().clauses.items():
        for text in (*own.seen, *own.unseen):
            assert TASKS.get(task).is_asked_by(text), text


def test_14_every_choice_has_a_seed_and_no_error_is_swallowed_unnamed() -> None:
    folder = Path(sit_core.augment.__file__).parent
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.ExceptHandler) and node.type is None), path
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
                loose = called.value.id == "random" and called.attr != "Random"
                assert not loose, f"{path}: random.{called.attr} has no seed of its own"
            if isinstance(called, ast.Attribute) and called.attr == "Random":
                assert node.args, f"{path}: Random() without a seed"  # type: ignore[attr-defined]

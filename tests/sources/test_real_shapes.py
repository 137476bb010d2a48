"""The real files are read without a single problem, each with what it is known to hold."""

from collections import Counter
from pathlib import Path

import pytest

from sit_core.records import Prediction, chain_name
from sit_core.sources import LocatedPrediction, Numbering, SourceFile, plan_for, read_predictions


def read(path: Path) -> list[Prediction]:
    numbering = Numbering()
    found = list(read_predictions(plan_for(SourceFile.at(path))))
    assert all(isinstance(row, LocatedPrediction) for row in found)
    return [numbering.number(row.prediction) for row in found if isinstance(row, LocatedPrediction)]


def test_every_repeat_then_answer_file_is_read_with_its_chain(real_data: Path) -> None:
    sizes = {}
    for path in sorted((real_data / "csqa_repeat").glob("*.jsonl")):
        made = read(path)
        sizes[path.stem] = len(made)
        assert {chain_name(p.example.steps) for p in made} == {"R+A"}
        assert all(p.example.steps[0].expected == p.example.input for p in made)
        golds = {p.example.reference for p in made}
        assert golds <= set("ABCDE") or golds == {None}
        assert all("prompt" in p.meta for p in made)
    assert sorted(sizes.values()) == [50] * 3 + [100] * 7


def test_sequential_prompts_keep_their_iteration_and_their_empty_outputs(real_data: Path) -> None:
    empty = []
    for path in sorted((real_data / "seqeval").glob("*.jsonl")):
        made = read(path)
        empty.append(sum(not p.output for p in made))
        iterations = Counter(p.example.meta["iteration"] for p in made)
        assert sorted(iterations.values()) == [81, 161, 242, 321]
        assert all(p.example.steps == () for p in made)
        assert {p.run for p in made} == {path.stem}
    assert sorted(empty) == [0, 0, 0, 0, 56]


def test_judged_outputs_keep_the_judges_words_and_ignore_the_generator(real_data: Path) -> None:
    (path,) = (real_data / "seqeval_judged").glob("*.json")
    made = read(path)
    assert len(made) == 805
    assert {p.run for p in made} == {"gpt-3.5-turbo.judged-by-gpt-4-turbo"}
    assert all(
        {"judge", "llm_as_a_judge", "following", "score", "generator"} <= set(p.meta) for p in made
    )


@pytest.mark.parametrize(
    ("name", "repeated", "golds"),
    [("llama-7b-seq-it.es", 5, 1), ("llama-7b-baseline.es", 5, 1), ("llama-7b-seq-it.zh", 7, 2)],
)
def test_questions_that_occur_twice_are_told_apart(
    real_data: Path, name: str, repeated: int, golds: int
) -> None:
    made = read(real_data / "xquad_outputs" / f"{name}.jsonl")
    assert len({p.id for p in made}) == len(made) == 1190
    assert sum(p.example.variant for p in made) == golds
    assert sum(p.ordinal for p in made) == repeated
    assert {chain_name(p.example.steps) for p in made} == {"T+A"}
    assert {p.example.language for p in made} == {name[-2:]}

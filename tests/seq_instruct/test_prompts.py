"""The prompts: the input once or not at all, examples by the seed, own texts checked."""

import shutil
from pathlib import Path

import pytest

from sit_core.errors import UsageError
from sit_core.records import Unparsed
from sit_core.seq_instruct.parsing import read_instruction, read_option, read_refined
from sit_core.seq_instruct.prompts import (
    NEEDED,
    SHIPPED,
    prompt_files,
    prompts_from,
    read_prompts,
)

GIVEN = "A ripe plum lay on the {instruction} table."


@pytest.mark.parametrize("name", NEEDED)
def test_the_input_is_there_once_or_not_at_all(name: str) -> None:
    prompt = read_prompts()[name]
    text = prompt.render(
        "Name {input} its colour.", GIVEN, "Look, then name it.", shots=3, seed="a"
    )
    assert text.count(GIVEN) == 1
    assert text.count("Name {input} its colour.") == 1
    without = prompt.render("Name its colour.", "", "Look, then name it.", shots=0, seed="a")
    assert "<input>" not in without
    assert "{" not in without


def test_examples_are_drawn_and_shuffled_by_the_seed() -> None:
    prompt = read_prompts()["classify"]
    texts = [prompt.render("Do it.", shots=3, seed=f"{i % 20}") for i in range(40)]
    assert texts[:20] == texts[20:]
    assert len(set(texts)) > 15
    assert all(text.count("Option: ") == 3 + 1 for text in texts)


def test_the_examples_are_in_the_form_that_is_asked_for() -> None:
    prompts = read_prompts()
    for example in prompts["classify"].examples:
        assert not isinstance(read_option(example), Unparsed)
    for name in ("decompose", "prefix", "suffix"):
        assert len(prompts[name].examples) >= 3
        for example in prompts[name].examples:
            assert not isinstance(read_instruction(example), Unparsed)
    for example in prompts["refine"].examples:
        reply = example[example.index("Complete:") :]
        assert not isinstance(read_refined(reply), Unparsed)
    assert {read_option(e) for e in prompts["classify"].examples} == {"A", "B", "C", "D"}


def test_own_texts_stand_before_the_shipped_ones(tmp_path: Path) -> None:
    own = "version: 7\nWhich? {instruction} {input}"
    (tmp_path / "classify.txt").write_text(own)
    made = read_prompts(str(tmp_path))
    assert made["classify"].version == "7"
    assert made["classify"].render("Do it.", "x", seed="") == "Which? Do it. x"
    assert made["refine"] == read_prompts()["refine"]
    assert made.sha256() != read_prompts().sha256()
    assert prompt_files(str(tmp_path))["refine"] == SHIPPED / "refine.txt"


def test_what_is_wrong_with_own_texts_is_said_at_once(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "own")
    (tmp_path / "own" / "classify.txt").write_text("{instruction} {instruction} {input}")
    (tmp_path / "own" / "prefix.txt").write_text("{instruction} {input} {proposed}")
    (tmp_path / "own" / "refine.txt").write_text("{instruction} {input}")
    with pytest.raises(UsageError) as caught:
        read_prompts(str(tmp_path / "own"))
    said = str(caught.value)
    assert "classify.txt: Expected {instruction} once, but found it 2 times" in said
    assert "prefix.txt: There is nothing to put into {proposed}" in said
    assert "refine.txt: Expected {proposed} once, but found it 0 times" in said


def test_texts_may_come_from_an_editor() -> None:
    texts = {name: path.read_text() for name, path in prompt_files().items()}
    crlf = {name: text.replace("\n", "\r\n") for name, text in texts.items()}
    assert prompts_from(crlf) == prompts_from(texts) == read_prompts()

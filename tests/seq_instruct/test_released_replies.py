"""Our readers on the replies that the paper's authors released: 200 instructions, two writers.

The intents below are a person's reading of the replies, all of them where a reader and the released
field differ: by index, without any of their text.
"""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sit_core.records import Unparsed
from sit_core.seq_instruct.parsing import (
    read_instruction,
    read_option,
    read_refined,
)
from sit_core.seq_instruct.text_comparison import about_something_else

GPT, LLAMA = "gpt-3.5-turbo", "Meta-Llama-3-8B-Instruct"
CLASSIFIED_OTHERWISE = {GPT: {}, LLAMA: {59: "B"}}
"""Index → intent, where the released option is another one."""
KEEP = {
    GPT: {
        0,
        2,
        5,
        8,
        12,
        13,
        15,
        21,
        26,
        32,
        33,
        36,
        39,
        50,
        53,
        58,
        64,
        65,
        70,
        71,
        72,
        78,
        79,
        83,
    }
    | {85, 91, 93, 94, 96, 97, 99},
    LLAMA: {0, 27, 38, 43, 58, 65, 67, 73, 76, 97},
}
"""Index of the replies that say: nothing is missing."""
NO_VERDICT = {GPT: set(), LLAMA: {19, 24, 26, 28, 36, 39, 56, 72, 84, 85, 92, 96, 99}}
"""They repeat the instruction, or explain, and say neither yes nor no of it."""
NO_BETTER_ONE = {GPT: set(), LLAMA: {71}}
"""It says no, and gives no better instruction."""
OTHER_TEXT = {GPT: set(), LLAMA: {9, 27, 31, 37, 65, 71, 72, 80, 87, 96, 97}}
"""The released new instruction is of an example (65, 71), or has an explanation at its end."""
CONFUSION = {
    GPT: {("keep", "keep"): 31, ("rewrite", "rewrite"): 64},
    LLAMA: {
        ("keep", "keep"): 8,
        ("keep", "rewrite"): 45,
        ("keep", "unusable"): 13,
        ("rewrite", "keep"): 2,
        ("rewrite", "rewrite"): 31,
        ("rewrite", "unusable"): 1,
    },
}
"""(Released, intent) → replies."""
OTHER_REWRITES = {GPT: 0, LLAMA: 30}
"""Of those that both call rewritten: the released text is of another answer in the reply."""
WRITERS = pytest.mark.parametrize("writer", [GPT, LLAMA])


def rows(folder: Path, writer: str, stage: str) -> dict[int, dict[str, Any]]:
    path = folder / "seq_instruct_traces" / f"alpaca-cleaned-{writer}{stage}.jsonl"
    if not path.exists():
        pytest.skip("the released replies are not here")
    return {row["idx"]: row for row in map(json.loads, path.read_text().splitlines())}


def words(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()


@WRITERS
def test_no_classification_is_misread(real_data: Path, writer: str) -> None:
    found = rows(real_data, writer, "")
    assert len(found) == 100
    for index, row in found.items():
        intent = CLASSIFIED_OTHERWISE[writer].get(index, row["option"])
        assert read_option(row["completions"]) == intent, index


@WRITERS
def test_every_new_instruction_is_found_and_nothing_else(real_data: Path, writer: str) -> None:
    differ = set()
    for index, row in rows(real_data, writer, "-generate_instruct").items():
        if row["option"] == "D":
            continue
        made = read_instruction(row["new_instruction"])
        assert isinstance(made, str), index
        assert made[0] not in '“"#'
        assert not made.endswith(("”", "#"))
        assert made in row["new_instruction"]
        released = words(row["extracted_instruction"])
        if words(made) != released:
            differ.add(index)
            # Ours is what it begins with; of the two with examples, what the reply ends with.
            about_an_example = index in (65, 71)
            assert released.startswith(words(made)) != about_an_example
            assert words(row["new_instruction"]).endswith(words(made)) == about_an_example
    assert differ == OTHER_TEXT[writer]


@WRITERS
def test_no_refinement_is_misread(real_data: Path, writer: str) -> None:
    confusion: Counter[tuple[str, str]] = Counter()
    other_texts = 0
    for index, row in rows(real_data, writer, "-generate_instruct-refine").items():
        if row.get("refine_instruction") is None:
            continue
        proposed = read_instruction(row["new_instruction"])
        assert isinstance(proposed, str)
        read = read_refined(row["refine_instruction"], proposed)
        said = "unusable" if isinstance(read, Unparsed) else "keep" if read.complete else "rewrite"
        if index in NO_VERDICT[writer] | NO_BETTER_ONE[writer]:
            intent = "unusable"
        else:
            intent = "keep" if index in KEEP[writer] else "rewrite"
        assert said == intent, index
        if isinstance(read, Unparsed):
            assert ("no, but" in read.reason) == (index in NO_BETTER_ONE[writer])
        released = row["extracted_refined_instruction"]
        confusion["keep" if released is None else "rewrite", intent] += 1
        if released is not None and not isinstance(read, Unparsed) and read.instruction:
            other_texts += words(read.instruction) != words(released)
    assert confusion == CONFUSION[writer]
    assert other_texts == OTHER_REWRITES[writer]


def test_the_gate_of_topics_refuses_answers_to_other_examples_alone(real_data: Path) -> None:
    """None of the replies' own new instructions, and most of those for another source."""
    kept, refused_others, others = 0, 0, 0
    for writer in (GPT, LLAMA):
        made = []
        for row in rows(real_data, writer, "-generate_instruct").values():
            if row["option"] != "D":
                source = f"{row['instruction']}\n{row['input']}"
                made.append((source, str(read_instruction(row["new_instruction"]))))
        assert not [new for source, new in made if about_something_else(source, new)]
        kept += len(made)
        for shift in (1, 7, 31):
            for i, (source, _) in enumerate(made):
                others += 1
                refused_others += about_something_else(source, made[i - shift][1])
    assert kept == 195
    assert refused_others / others > 0.85

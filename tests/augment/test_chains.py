"""Chains by letters and names, their wordings, and one example changed."""

import doctest
import random
from itertools import product
from pathlib import Path

import pytest

from sit_core import augment
from sit_core.augment import chains, example, wordings
from sit_core.augment.chains import label, parse_chain
from sit_core.augment.example import augment_example, target_of
from sit_core.augment.rows import row_of
from sit_core.augment.wordings import OwnWordings, read_wordings, shipped
from sit_core.errors import UsageError
from sit_core.records import Example, Unparsed
from sit_core.tasks import steps_from_instruction

ASKED = Example("Name ITS colour!", "a plum:\nripe", reference="Purple.\nDeep purple")
TEXTS = {"paraphrase": ["the ripe plum", "plums, ripe"], "translate": "una ciruela"}


@pytest.mark.parametrize("module", [chains, example, wordings])
def test_the_examples_in_the_docs_are_true(module) -> None:
    assert doctest.testmod(module).failed == 0


def test_the_example_at_the_top_of_the_room_is_true() -> None:
    row = augment_example(
        Example("Name its colour.", "a plum", reference="purple"),
        parse_chain("R+A"),
        random.Random(0),
    )
    assert f"{row.instruction!r}" in (augment.__doc__ or "")
    assert f"{target_of(row)!r}" in (augment.__doc__ or "")


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("R+A", "R+A"),
        ("r + p + a", "R+P+A"),
        ("repeat,paraphrase", "R+P+A"),
        ("repeat", "R+A"),
        ("repeat+answer", "R+A"),
        ("P+R+P+A", "P+R+P+A"),
        ("C+A", "C+A"),
    ],
)
def test_a_chain_by_letters_or_names(text: str, letters: str) -> None:
    assert label(parse_chain(text)) == letters


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("A", "a step before the answer"),
        ("R+P", "must be the answer"),
        ("R+A+P", "must be the answer"),
        ("A+R+A", "must be the answer"),
        ("X+A", "There is no task 'X'; known: A"),
        ("repaet,answer", "did you mean 'repeat'"),
        ("follow,answer", "no wording"),
        ("", "no task ''"),
        ("+".join(["R"] * 20 + ["A"]), "12 steps at most"),
    ],
)
def test_what_is_no_chain_says_why(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        parse_chain(text)


@pytest.mark.parametrize("part", ["seen", "unseen"])
@pytest.mark.parametrize("letters", ["R+A", "P+A", "T+A", "C+A", "R+P+A", "P+R+P+A", "R+T+P+R+A"])
def test_every_wording_that_ships_asks_for_exactly_its_chain(part: str, letters: str) -> None:
    steps = parse_chain(letters)
    own = shipped().for_evaluation() if part == "unseen" else shipped()
    clauses = [own.clauses_of(step.task) for step in steps[:-1]]
    for join, *chosen in product(getattr(own.joins, part), *clauses):
        from sit_core.augment.wordings import Wordings

        one = Wordings(
            OwnWordings(**{part: (join,)}),
            {},
            own.part,
        )
        said = iter(chosen)

        class Fixed(Wordings):
            def clauses_of(self, task: str) -> tuple[str, ...]:
                return (next(said),)  # noqa: B023

        text = Fixed(one.joins, {}, one.part).draw(steps, "Name ITS colour!", random.Random(0))
        found = steps_from_instruction(text)
        assert not isinstance(found, Unparsed), (text, found)
        assert label(found) == letters, text
        assert text.endswith("Name ITS colour!")


def test_wordings_for_evaluation_are_never_drawn_for_training() -> None:
    own = shipped()
    kept = {text for task in own.clauses.values() for text in task.unseen}
    for seed in range(300):
        drawn = own.draw(parse_chain("R+P+A"), "x", random.Random(seed))
        assert not any(f"{text}," in drawn or f"{text};" in drawn for text in kept), drawn
    seen = {own.draw(parse_chain("R+A"), "x", random.Random(seed)) for seed in range(300)}
    unseen = {
        own.for_evaluation().draw(parse_chain("R+A"), "x", random.Random(s)) for s in range(300)
    }
    assert len(seen) == len(own.joins.seen) * len(own.clauses["repeat"].seen)
    assert len(unseen) == len(own.joins.unseen) * len(own.clauses["repeat"].unseen)
    assert not seen & unseen


def test_own_wordings_from_a_file_take_the_place_of_those_that_ship(tmp_path: Path) -> None:
    path = tmp_path / "w.txt"
    path.write_text("# mine\nsay the input again\n\n# unseen\nsay it once more\n")
    own = shipped().with_own({"repeat": read_wordings(path)})
    assert own.clauses_of("repeat") == ("say the input again",)
    assert own.for_evaluation().clauses_of("repeat") == ("say it once more",)
    assert own.sha256 != shipped().sha256


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        ({"repeat": OwnWordings(("Copy  the text of THE input",))}, "must not be trained on"),
        ({"repeat": OwnWordings(("a",), ("A ",))}, "must not be trained on"),
        ({"repeat": OwnWordings(("a.",))}, "part of a sentence"),
        ({"repeat": OwnWordings((" ",))}, "one line that is not empty"),
        ({"repeat": OwnWordings(("a\0",))}, "NUL"),
        ({"repaet": OwnWordings(("a",))}, "did you mean 'repeat'"),
        ({"joins": OwnWordings(("First {first}, then {last}",))}, "once each"),
        ({"joins": OwnWordings(("{last} {first} {next}",))}, "in this order"),
        ({"joins": OwnWordings(("{first} {next} {last}.",))}, "should end with"),
    ],
)
def test_own_wordings_that_can_not_be_used_say_why(own, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        shipped().with_own(own)


def test_a_task_without_a_wording_for_evaluation_is_not_worded_as_in_training() -> None:
    from dataclasses import replace

    own = replace(shipped(), clauses={}).for_evaluation()
    with pytest.raises(UsageError, match="kept for evaluation"):
        own.draw(parse_chain("R+A"), "x", random.Random(0))


def test_every_step_has_its_text_and_a_second_use_its_second_text() -> None:
    row = augment_example(ASKED, parse_chain("P+R+P+A"), random.Random(0), texts=TEXTS)
    assert isinstance(row, Example)
    assert [step.expected for step in row.steps] == [
        "the ripe plum",
        "a plum:\nripe",
        "plums, ripe",
        "Purple.\nDeep purple",
    ]
    assert target_of(row) == "the ripe plum\na plum:\nripe\nplums, ripe\nPurple.\nDeep purple"
    assert (row.input, row.reference) == (ASKED.input, ASKED.reference)


def test_headings_name_the_tasks_as_they_are_spelled() -> None:
    row = augment_example(ASKED, parse_chain("P+R+A"), random.Random(0), texts=TEXTS)
    assert isinstance(row, Example)
    assert target_of(row, "headings") == (
        "1. Paraphrase:\nthe ripe plum\n\n2. Repeat:\na plum:\nripe\n\n"
        "3. Answer:\nPurple.\nDeep purple"
    )


@pytest.mark.parametrize(
    ("asked", "chain", "reason"),
    [
        (Example("Do.", "x"), "R+A", "no output"),
        (Example("Do.", " \n", reference="y"), "R+A", "no input"),
        (Example("Do.", "x", reference="y"), "P+A", "no text for the step 'paraphrase'"),
        (Example("Do.", "x", reference="y"), "C+A", "no image"),
        (Example("Repeat the input, then sing.", "x", reference="y"), "R+A", "sequence already"),
        (Example("Do.", "x", reference="y", meta={"texts": {"paraphrase": " "}}), "P+A", "no text"),
        (Example("Do.", "x", reference="y", meta={"texts": {"paraphrase": []}}), "P+A", "no text"),
    ],
)
def test_an_example_that_can_not_be_asked_so_says_why(asked, chain: str, reason: str) -> None:
    found = augment_example(asked, parse_chain(chain), random.Random(0))
    assert isinstance(found, Unparsed)
    assert reason in found.reason


def test_the_language_to_translate_into_is_named() -> None:
    row = augment_example(
        ASKED, parse_chain("T+A"), random.Random(0), texts=TEXTS, language="Spanish"
    )
    assert isinstance(row, Example)
    assert "into Spanish" in row.instruction


def test_rows_in_both_formats() -> None:
    row = augment_example(ASKED, parse_chain("R+A"), random.Random(0))
    assert isinstance(row, Example)
    alpaca = row_of(row, "id")
    assert alpaca == {
        "instruction": row.instruction,
        "input": "a plum:\nripe",
        "output": "a plum:\nripe\nPurple.\nDeep purple",
        "steps": ["repeat", "answer"],
        "example": "id",
    }
    chat = row_of(row, "id", format="messages")
    assert [turn["role"] for turn in chat["messages"]] == ["user", "assistant"]
    assert row.instruction in chat["messages"][0]["content"]
    assert row.input in chat["messages"][0]["content"]
    assert chat["messages"][1]["content"] == alpaca["output"]

"""A reading keeps the output to the letter, however far it has come."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.live.step_marks import read_output
from sit_core.records import Example, Step, Verdict, chain
from sit_core.tasks import steps_named

QUESTION = "Question: Where do bees live?\nChoices: A:hive, B:sea, C:bank"
STEPS = st.lists(
    st.sampled_from(["repeat", "paraphrase", "translate", "caption", "answer"]), max_size=4
).map(steps_named)
PARTS = st.lists(
    st.sampled_from([QUESTION, "\n", "A", "The answer is hive.", "Bees ", "¿Dónde?", " ", "😀"])
    | st.text(max_size=20),
    max_size=8,
)


@given(PARTS, STEPS)
def test_the_pieces_are_the_output_and_every_step_has_a_ruling(parts, steps) -> None:
    output, example = "".join(parts), Example("Do it.", QUESTION, steps=steps)
    reading = read_output(output, example)
    assert "".join(text for text, _ in reading.pieces) == output
    assert [step for step, _ in reading.rulings] == list(steps)
    assert {place for _, place in reading.pieces} <= {None, *range(len(steps))}


def test_parts_are_found_while_the_output_grows() -> None:
    example = Example("…", QUESTION, steps=chain([Step("repeat", "R"), Step("answer", "A")]))
    half = read_output(QUESTION, example)
    assert half.pieces == ((QUESTION, 0),)
    whole = read_output(f"{QUESTION}\nThe answer is A.", example)
    assert [place for _, place in whole.pieces] == [0, None, 1]
    assert whole.in_order is not None


def test_without_known_steps_there_is_only_the_text() -> None:
    reading = read_output("Tra la.", Example("Sing."))
    assert (reading.pieces, reading.rulings, reading.in_order) == ((("Tra la.", None),), (), None)


GOLD = Example("…", QUESTION, steps=chain([Step("repeat", "R"), Step("answer", "A")]))


@pytest.mark.parametrize(
    ("output", "gold", "compared", "right", "whole"),
    [
        (f"{QUESTION}\nA", "hive", (True, True), True, Verdict.YES),
        (f"{QUESTION}\nA", None, (True, False), None, None),
        (f"{QUESTION}\nA", "sea", (True, False), False, None),
        (QUESTION, "hive", (True, False), None, Verdict.NO),
        ("Bees in a hive.", "hive", (True, True), True, Verdict.NO),
        ("", "hive", (True, False), None, Verdict.NO),
    ],
)
def test_only_what_is_compared_with_something_known_counts_as_done(
    output, gold, compared, right, whole
) -> None:
    reading = read_output(output, replace(GOLD, reference=gold))
    assert (reading.compared, reading.right, reading.whole) == (compared, right, whole)


@given(PARTS, STEPS, st.none() | st.sampled_from(["hive", "sea", "A", ""]))
def test_the_whole_is_done_only_where_every_step_is_and_is_compared(parts, steps, gold) -> None:
    example = Example("Do it.", QUESTION, steps=steps, reference=gold)
    reading = read_output("".join(parts), example)
    assert len(reading.compared) == len(steps)
    if reading.whole is Verdict.YES:
        assert all(reading.compared)
        assert {ruling.verdict for _, ruling in reading.rulings} == {Verdict.YES}
    if not gold:
        assert reading.right is None
        assert not any(
            compared
            for compared, step in zip(reading.compared, steps, strict=True)
            if step.task == "answer"
        )

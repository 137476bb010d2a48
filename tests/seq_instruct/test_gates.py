"""Each gate refuses what it is for, and lets pass what is like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.seq_instruct.duplicates import Duplicates
from sit_core.seq_instruct.filters import GATES, FilterInput, refused_by
from sit_core.seq_instruct.record import Record
from sit_core.seq_instruct.stages import GATE_NAMES
from sit_core.seq_instruct.state import input_beside
from tests.seq_instruct.fakes import seed

ALL = tuple(GATES)
CODE = "Find the fault:\n```python\nfor item in basket:\n    total += item.price\n```"
CHOICES = "Which one floats? (A) an anvil (B) a cork (C) a brick"


def gate_of(before: Record, instruction: str, input: str | None = None, words: int = 400) -> str:
    beside = input_beside(instruction, before.input) if input is None else input
    found = refused_by(FilterInput(before, instruction, beside, words), ALL)
    return "" if found is None else found[0]


@pytest.mark.parametrize(
    ("before", "instruction", "gate"),
    [
        (seed("Name a fruit."), "name  a fruit", "unchanged"),
        (seed("Name a fruit."), "Name a fruit, then say where it grows.", ""),
        (
            seed("Sum up: the mill turned all night and the river fell at dawn"),
            "Find the main point, then sum it up.",
            "lost the input",
        ),
        (
            seed("Sum up: the mill turned all night and the river fell at dawn"),
            "Find the point, then sum up: the mill turned all night and the river fell at dawn",
            "",
        ),
        (
            seed('Say what "a stitch in time saves nine" means.'),
            "Say who says it, then what it means.",
            "lost the input",
        ),
        (
            seed(CHOICES),
            "List what floats, then say which one floats: a cork or a boat.",
            "lost choices",
        ),
        (seed(CHOICES), f"Say what floating is. Then answer: {CHOICES}", ""),
        (
            seed("Sort these:\n- a red kite\n- a blue lamp"),
            "Count these, then sort them:\n- a red kite",
            "lost choices",
        ),
        (seed("Name 5 rivers."), "Name rivers, then sort them.", "lost numbers"),
        (seed("Name 5 rivers."), "Name five rivers, then sort them.", ""),
        (seed("Name three rivers."), "Name some rivers, then sort them.", "lost numbers"),
        (seed("What is 1,250 + 3.5?"), "Round 1250 and 3.5, then add them.", ""),
        (seed(CODE), "Say what the code does, then find the fault.", "lost code"),
        (seed(CODE), f"Say what the code does. {CODE}", ""),
        (
            seed("Why is the sky blue?", response="Because air scatters blue light the most."),
            "Say that air matters, because air scatters blue light the most; then why it is blue.",
            "answers itself",
        ),
        (
            seed("Why is the sky blue?"),
            "Say what light is, then why the sky is blue.\nAnswer: it is scattered.",
            "answers itself",
        ),
        (
            seed("List the causes of air pollution."),
            "First describe how bread rises, then write a recipe for a rye loaf.",
            "another topic",
        ),
        (
            seed("Summarise the text.", "The mill at Ost burnt down in spring."),
            "Identify the verbs of the poem, then explain how each changes its mood.",
            "another topic",
        ),
        (
            seed("Wie entsteht Honig im Bienenstock?"),
            "Nenne zuerst drei Hauptstädte und erkläre dann ihre Namen.",
            "another topic",
        ),
        (seed("蜂蜜是怎样制成的？"), "先列出三座城市，然后说明它们的历史。", "another topic"),
        (seed("Name a fruit."), "Name a fruit, and " + "then another one " * 30, "too long"),
        (
            seed("Name a fruit."),
            "Name a fruit, then its colour: 水果是什么颜色",
            "several languages",
        ),
        (
            seed("Say what the fruit in the basket is for."),
            "Nenne zuerst die Frucht, die in dem Korb ist, und dann was sie für uns ist.",
            "several languages",
        ),
    ],
)
def test_gates(before: Record, instruction: str, gate: str) -> None:
    assert gate_of(before, instruction, words=60) == gate


@pytest.mark.parametrize(
    ("before", "instruction"),
    [
        (seed("List the causes of air pollution."), "Say what pollutes air, then list the causes."),
        (seed("Reply to the comment.", "I love it!"), "Read the comment, then reply politely."),
        (seed("Organise the tools."), "Say what organisation means, then apply it to every tool."),
        (seed("Wie entsteht Honig?"), "Erkläre zuerst, was Honig ist, und dann, wie er entsteht."),
        (seed("蜂蜜是怎样制成的？"), "先说明什么是蜂蜜，然后说明它是怎样制成的。"),
        (seed("What is it?"), "First describe bread, then write a recipe."),  # nothing to go by
    ],
)
def test_an_instruction_about_the_same_passes(before: Record, instruction: str) -> None:
    assert gate_of(before, instruction, words=60) == ""


def test_an_input_that_stands_below_is_not_lost() -> None:
    before = seed("Sum it up.", "In 1875 the mill burnt down, and 40 people lost their work.")
    assert gate_of(before, "Name who is in it, then sum it up.") == ""
    assert gate_of(before, "Name who is in it, then sum it up.", input="") == "lost the input"


def test_an_input_that_was_copied_is_there_once() -> None:
    given = "The mill burnt down in spring."
    assert input_beside(f"Read this, then sum up: {given}", given) == ""
    assert input_beside("Read it, then sum it up.", given) == given
    assert input_beside("Say what it is, then name it.", "it") == "it"


def test_gates_that_are_not_asked_for_do_not_refuse() -> None:
    candidate = FilterInput(seed("Name 5 rivers."), "Name rivers, then sort them.", "")
    assert refused_by(candidate, ()) is None
    assert refused_by(candidate, ("too long",)) is None


@given(st.text(), st.text(), st.text(), st.none() | st.text())
def test_no_text_surprises_a_gate(old: str, input: str, new: str, answer: str | None) -> None:
    gate_of(seed(old, input, answer), new)


def test_near_duplicates_are_found_and_others_are_not() -> None:
    base = (
        "First name the rivers of the country in the north, then sort them by their length please"
    )
    texts = [
        base,
        "Say what a lighthouse is for, and then write a poem about the one on the island",
        base.upper() + "!",
        base.replace("please", "now"),
        base.replace("rivers", "lakes").replace("length", "depth").replace("north", "south"),
    ]
    known = Duplicates(0.8, texts.__getitem__)
    found = []
    for place, text in enumerate(texts):
        earlier = known.earlier(text)
        found.append(earlier)
        if earlier is None:
            known.add(place, text)
        known.forget()
    assert found == [None, None, 0, 0, None]


@given(st.lists(st.text(alphabet="ab c", max_size=12), min_size=1, max_size=8))
def test_a_text_that_was_there_is_always_found(texts: list[str]) -> None:
    known = Duplicates(1.0, texts.__getitem__)
    for place, text in enumerate(texts):
        known.add(place, text)
    for text in texts:
        earlier = known.earlier(text)
        assert earlier is not None


def test_the_gates_that_are_usual_are_those_of_the_package_in_their_order() -> None:
    assert tuple(GATES.shipped()) == GATE_NAMES

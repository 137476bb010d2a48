"""What the embedded model can know: its own items are inside, words of elsewhere are named."""

import json
import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sit_core.embedded import shipped
from sit_core.embedded.skills import SKILLS
from sit_core.embedded.world import World
from sit_core.live import LiveRequest
from sit_core.live.micro_world import LONGEST_WORD, known_answer, known_words, words_outside

BOTH = "First repeat the input, then answer the question."
MEANING = sorted(set(SKILLS) - {"repeat"})
"""Skills whose items mean something; those of repeating are random strings."""
FOREIGN = st.text(string.ascii_lowercase, min_size=3, max_size=12).filter(
    lambda word: word not in known_words()
)
ITEMS = st.builds(
    lambda skill, seed, dice, held: SKILLS[skill](World(seed), random.Random(dice), held=held),
    st.sampled_from(MEANING),
    st.integers(0, 5),
    st.integers(),
    st.booleans(),
)


@given(ITEMS)
def test_no_item_of_the_micro_lab_is_outside(item) -> None:
    assert words_outside(LiveRequest(item.instruction, item.input)) == ()
    assert words_outside(LiveRequest(BOTH, item.input)) == ()


def test_no_shipped_item_is_outside_copying_items_among_them() -> None:
    paths = sorted(shipped.HELD_OUT.glob("*.jsonl"))
    if not paths:
        pytest.skip("the micro lab's items are not here")
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            assert words_outside(LiveRequest(row["instruction"], row["input"])) == ()
            assert words_outside(LiveRequest(BOTH, row["input"])) == ()


@given(ITEMS.filter(lambda item: item.input), st.lists(FOREIGN, min_size=1, max_size=9), st.data())
def test_words_of_elsewhere_are_named_once_in_their_order(item, foreign, data) -> None:
    text = item.input.split(" ")
    places = sorted(
        data.draw(st.lists(st.integers(0, len(text)), min_size=len(foreign), max_size=len(foreign)))
    )
    for place, word in reversed(list(zip(places, foreign, strict=True))):
        text.insert(place, f" {word.upper() if place % 2 else word} ")
    found = words_outside(LiveRequest(BOTH, " ".join(text)))
    assert [word.lower() for word in found] == list(dict.fromkeys(foreign))


@pytest.mark.parametrize(
    ("instruction", "text", "named"),
    [
        (BOTH, "Question: Where was Napoleon born?", ("Napoleon", "born")),
        (BOTH, "2+2?", ("2",)),
        (BOTH, "東京はどこですか", ("東", "京", "は", "ど", "こ", "で", "す", "か")),
        (BOTH, "", ()),
        (BOTH, "?! …", ()),
        ("Repeat the input.", "Napoleon", ()),
        ("Who wrote Hamlet?", "", ("Who", "wrote", "Hamlet")),
        ("Write a haiku.", "Question: What is a tuna?", ("haiku",)),
    ],
)
def test_what_is_named(instruction: str, text: str, named: tuple[str, ...]) -> None:
    assert words_outside(LiveRequest(instruction, text)) == named


def test_a_word_without_end_is_cut_and_markup_is_left_to_the_page() -> None:
    (word,) = words_outside(LiveRequest(BOTH, "x" * 100_000))
    assert len(word) == LONGEST_WORD
    assert words_outside(LiveRequest(BOTH, "<img src=x>")) == ("img", "src", "x")


@settings(max_examples=60)
@given(st.integers(), st.booleans())
def test_the_world_knows_the_answers_to_its_questions(dice: int, held: bool) -> None:
    item = SKILLS["answer"](World(1), random.Random(dice), held=held)
    assert known_answer(item.input) == item.response
    other = item.input.replace(item.response, "none of them")
    assert known_answer(other) is None


def test_questions_that_ask_backwards_are_answered_by_their_choices() -> None:
    world = World(1)
    backwards = [f for f in world.facts if f.relation in ("thing-at", "thing-of")]
    rng = random.Random(4)
    from sit_core.embedded import render

    for fact in rng.sample(backwards, 40):
        question = world.question_about(rng, fact, held=False)
        assert known_answer(render.full(world, question)) == fact.thing


@pytest.mark.parametrize(
    "text", ["", "Question:", "Where?", "Choices: A:cow", "\0", "Question: Q?\n"]
)
def test_other_texts_have_no_known_answer(text: str) -> None:
    assert known_answer(text) is None


def test_a_question_with_several_right_choices_has_no_known_answer() -> None:
    one = "Question: Which of these is a fish?\nChoices: A:tuna, B:hammer"
    assert known_answer(one) == "tuna"
    assert known_answer(f"{one}, C:trout") is None
    assert known_answer("Question: Which of these is a fish?") is None

"""The micro world: the same from the same seed, and what is held out never occurs in training."""

import hashlib
import random

import pytest

from sit_core.embedded import render, strings
from sit_core.embedded.heldout import held_out_items
from sit_core.embedded.lexicon import lexicon, too_near
from sit_core.embedded.phrasings import RELATIONS
from sit_core.embedded.skills import INSTRUCTIONS, SKILLS
from sit_core.embedded.world import LETTERS, World
from sit_core.microlab.batches import EARLY, LATER, pool
from sit_core.records import Unparsed
from sit_core.tasks import steps_from_instruction


@pytest.fixture(scope="module")
def world() -> World:
    return World(7)


@pytest.fixture(scope="module")
def texts(world: World) -> list[str]:
    """A few thousand training documents, from both mixtures."""
    made = [*pool(world, 0, early=True), *pool(world, 1, early=False), *pool(world, 2, early=False)]
    return [d.prompt + d.response for d in made]


def test_the_same_seed_makes_the_same_texts_in_another_process_too(world: World) -> None:
    text = "\0".join(d.prompt + d.response for d in pool(world, 3, early=False))
    again = "\0".join(d.prompt + d.response for d in pool(World(7), 3, early=False))
    assert text == again
    # The hash is of texts made in another process: nothing depends on its hash seed.
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "df26a1736f73740d"


def test_another_seed_makes_other_texts(world: World) -> None:
    one, other = pool(world, 0, early=False), pool(World(8), 0, early=False)
    assert [d.prompt for d in one] != [d.prompt for d in other]


def test_the_world_has_a_few_hundred_words_each_with_one_meaning_per_language() -> None:
    words = lexicon().all_words()
    assert 200 < len(words) < 500
    for language in ("english", "spanish", "german"):
        assert len({w.bare(language) for w in words}) == len(words)


def test_every_fact_uses_words_that_are_in_the_tables(world: World) -> None:
    for fact in world.facts:
        assert world.word(fact.thing)
        assert world.word(fact.value)


def test_every_question_has_its_answer_once_and_no_second_right_one(world: World) -> None:
    rng = random.Random(0)
    for _ in range(2000):
        question = world.question(rng, held=False)
        assert len(set(question.choices)) == len(LETTERS)
        assert question.choices.count(question.fact.answer) == 1
        for wrong in set(question.choices) - {question.fact.answer}:
            value = wrong
            if RELATIONS[question.fact.relation].backwards:
                thing = world.lexicon.things[wrong]
                value = thing.place if question.fact.relation == "thing-at" else thing.kind
            assert value not in too_near(question.fact.value)


def test_the_answers_place_is_no_hint(world: World) -> None:
    rng = random.Random(0)
    asked = [world.question(rng, held=True) for _ in range(2000)]
    places = [question.choices.index(question.fact.answer) for question in asked]
    assert all(300 < places.count(place) < 500 for place in range(len(LETTERS)))


def test_phrasings_are_all_different_and_fill_without_gaps(world: World) -> None:
    rng = random.Random(0)
    for fact in world.facts:
        for pair in range(3):
            question = world.question_about(rng, fact, held=world.held_pair(fact) == pair)
            for language in ("english", "spanish", "german"):
                text = render.full(world, question, language)
                assert "{" not in text
                assert "  " not in text
                assert text.count("\n") == 1
            assert render.full(world, question) != render.full(world, question.paraphrase)
            assert question.paraphrase.paraphrase == question


def test_questions_are_in_the_commonsense_qa_format(world: World) -> None:
    text = render.full(world, world.question(random.Random(0), held=False))
    assert text.startswith("Question: ")
    assert "?\nChoices: A:" in text
    for letter in "BCDE":
        assert f", {letter}:" in text


def test_held_out_phrasings_of_a_fact_never_occur_in_training(
    world: World, texts: list[str]
) -> None:
    """In no skill: not as input, nor as the paraphrase or translation that is asked for."""
    seen = "\0".join(texts)
    rng = random.Random(1)
    checked = 0
    for fact in world.answerable:
        question = world.question_about(rng, fact, held=True)
        for asked in (question, question.paraphrase):
            for language in ("english", "spanish", "german"):
                assert render.ask(world, asked, language) not in seen
                checked += 1
    assert checked > 2000
    shown = [render.ask(world, world.question_about(rng, f, held=False)) for f in world.answerable]
    assert sum(sentence in seen for sentence in shown) > len(shown) * 0.6, "facts are seen"


@pytest.mark.parametrize("skill", list(SKILLS))
def test_held_out_items_never_occur_in_training(world: World, texts: list[str], skill: str) -> None:
    inputs = {t.split("### Input:\n", 1)[-1].rsplit("\n\n### Response:", 1)[0] for t in texts}
    items = held_out_items(world, skill, 150)
    assert len({(i.instruction, i.input) for i in items}) == 150
    for item in items:
        assert (item.input or item.instruction) not in inputs


def test_training_never_asks_for_a_sequence(world: World, texts: list[str]) -> None:
    instructions = {
        t.split("### Instruction:\n", 1)[1].split("\n\n### ")[0] for t in texts if "###" in t
    }
    assert len(instructions) > 40
    for instruction in instructions:
        found = steps_from_instruction(instruction)
        assert isinstance(found, Unparsed), instruction
        assert not {"then", "first", "after"} & set(instruction.lower().replace(",", " ").split())


def test_every_wording_of_an_instruction_asks_for_one_thing() -> None:
    for wordings in INSTRUCTIONS.values():
        for wording in wordings:
            assert "then" not in wording
            assert " and " not in wording
            assert wording.count(".") == 1


def test_a_response_does_one_task_only(world: World) -> None:
    """No response holds both a repetition and an answer, or any other two results."""
    for document in pool(world, 5, early=False):
        if document.skill == "answer":
            assert "\n" not in document.response
        if document.skill in ("paraphrase", "translate"):
            assert document.response.count("\n") <= 1
        if document.skill == "repeat":
            assert document.prompt.endswith(f"### Input:\n{document.response}\n\n### Response:\n")


def test_a_third_of_the_training_text_is_copying(world: World) -> None:
    documents = pool(world, 0, early=False)
    sizes = [(d.skill, len(d.prompt) + len(d.response)) for d in documents]
    share = sum(n for s, n in sizes if s == "repeat") / sum(n for _, n in sizes)
    assert 0.3 < share < 0.6
    assert set(EARLY) == set(LATER) == {*SKILLS, "plain"}


@pytest.mark.parametrize("form", list(strings.FORMS))
def test_random_texts_are_many_and_never_empty(form: str) -> None:
    rng = random.Random(3)
    made = [strings.free_text(rng, form) for _ in range(300)]
    assert all(text.strip() for text in made)
    assert len(set(made)) > 200
    assert len({len(text) for text in made}) > 10


def test_a_response_is_what_its_instruction_asks(world: World) -> None:
    rng = random.Random(5)
    changed = 0
    for _ in range(200):
        item = SKILLS["paraphrase"](world, rng, held=False)
        assert item.response != item.input
        assert item.response.split("\n")[1:] == item.input.split("\n")[1:], "the choices stay"
        item = SKILLS["translate"](world, rng, held=False)
        changed += item.response != item.input  # "tractor" is the same in Spanish
        item = SKILLS["answer"](world, rng, held=False)
        assert item.response in item.input
    assert changed > 190

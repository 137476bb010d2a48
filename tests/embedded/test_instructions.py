"""The micro world's instruction-tuning set: single tasks, true texts, nothing that is held out."""

from collections import Counter

import pytest

from sit_core.embedded.instructions import SHARES, SeedRow, seed_rows
from sit_core.embedded.recipe import Recipe
from sit_core.embedded.render import ask
from sit_core.embedded.world import Fact, World, WorldQuestion
from sit_core.records import Unparsed
from sit_core.sources import ExampleReading, collected, named_examples
from sit_core.tasks import steps_from_instruction

COUNT = 1500


@pytest.fixture(scope="module")
def world() -> World:
    return World(Recipe().seed)


@pytest.fixture(scope="module")
def rows(world: World) -> list[SeedRow]:
    return list(seed_rows(world, COUNT, 0))


def test_the_same_seed_makes_the_same_rows_all_of_them_different(world: World, rows) -> None:
    assert rows == list(seed_rows(world, COUNT, 0))
    assert len({(row.instruction, row.input) for row in rows}) == COUNT
    other = {(row.instruction, row.input) for row in seed_rows(world, COUNT, 1)}
    assert len(other & {(row.instruction, row.input) for row in rows}) < COUNT / 10


def test_each_task_has_about_its_share(rows) -> None:
    counts, whole = Counter(row.task for row in rows), sum(SHARES.values())
    for task, share in SHARES.items():
        assert counts[task] == pytest.approx(COUNT * share / whole, rel=0.35), task


def test_no_instruction_asks_for_a_sequence(rows) -> None:
    asked = {row.instruction for row in rows}
    assert all(isinstance(steps_from_instruction(text), Unparsed) for text in asked)


def test_no_question_is_one_that_is_held_out(world: World, rows) -> None:
    """Nor is its paraphrase or translation: what is held out is the pair of phrasings.

    Questions that ask backwards name no thing, so things of one place share them.
    """
    held = set()
    for fact in world.answerable:
        pair = world.held_pair(fact)
        for phrasing in (2 * pair, 2 * pair + 1):
            question = WorldQuestion(fact, phrasing, ())
            held |= {
                ask(world, question, language) for language in ("english", "spanish", "german")
            }
    said = {line for row in rows for text in _texts(row) for line in text.split("\n")}
    assert len(held) > 1000
    assert not {line.partition(": ")[2] or line for line in said} & held


def test_answers_and_given_texts_are_true(world: World, rows) -> None:
    of = {
        asked(world, fact, phrasing): (fact, phrasing)
        for fact in world.answerable
        for phrasing in range(6)
    }
    checked = 0
    for row in rows:
        first = row.input.split("\n")[0]
        if row.task in ("answer", "open answer") and first in of:
            fact, phrasing = of[first]
            assert row.output == fact.answer
            other = row.texts["paraphrase"].split("\n")
            assert other[0] == asked(world, fact, phrasing ^ 1)
            assert other[1:] == row.input.split("\n")[1:]
            checked += 1
    assert checked > COUNT / 3


def test_it_is_a_source_of_training_data() -> None:
    found = collected(named_examples("microlab:instructions:30:4", ExampleReading(gold=True)))
    again = list(seed_rows(World(Recipe().seed), 30, 4))
    assert [(e.instruction, e.input, e.reference) for e in found] == [
        (row.instruction, row.input, row.output) for row in again
    ]
    assert [e.meta["texts"] for e in found] == [row.texts for row in again]


def asked(world: World, fact: Fact, phrasing: int) -> str:
    return f"Question: {ask(world, WorldQuestion(fact, phrasing, ()))}"


def _texts(row: SeedRow) -> list[str]:
    return [row.instruction, row.input, row.output, *row.texts.values()]

"""The held-out questions: seeded, never trained on, with the text that each step should yield."""

from sit_core.embedded.instructions import seed_rows
from sit_core.embedded.recipe import Recipe
from sit_core.embedded.render import ask, full
from sit_core.embedded.world import World
from sit_core.records import chain_name
from sit_core.reproduction.plan import TESTS, asked, asked_as, held_out_questions

WORLD = World(Recipe().seed)


def test_the_same_seed_asks_the_same_questions_all_of_them_different() -> None:
    found = held_out_questions(WORLD, 100, 3)
    assert found == held_out_questions(WORLD, 100, 3)
    assert len({ask(WORLD, question) for question in found}) == 100
    assert found != held_out_questions(WORLD, 100, 4)


def test_no_phrasing_of_them_is_in_any_training_data() -> None:
    for question in held_out_questions(WORLD, 100, 0):
        assert question.phrasing // 2 == WORLD.held_pair(question.fact)
    sentences = {ask(WORLD, question) for question in held_out_questions(WORLD, 400, 0)}
    trained = {line for row in seed_rows(WORLD, 3000, 0) for line in row.input.split("\n")}
    trained |= {line for row in seed_rows(WORLD, 3000, 0) for line in row.texts.values()}
    assert not {f"Question: {sentence}" for sentence in sentences} & trained


def test_each_test_instruction_asks_for_its_chain_and_knows_every_steps_text() -> None:
    questions = held_out_questions(WORLD, 3, 0)
    for test in TESTS:
        for question, example in zip(questions, asked_as(WORLD, questions, test), strict=True):
            text = full(WORLD, question)
            assert chain_name(example.steps) == test
            assert example.instruction == asked(test)[0]
            assert (example.input, example.reference) == (text, question.fact.answer)
            expected = {step.task: step.expected for step in example.steps}
            assert expected.pop("answer") == example.reference
            assert expected.pop("repeat", text) == text
            other = full(WORLD, question.paraphrase)
            assert expected.pop("paraphrase", other) == other != text
            assert not expected

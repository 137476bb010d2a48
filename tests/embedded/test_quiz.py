"""The harder questions: one right choice, and no training text about a held-out pair."""

import random

import pytest

from sit_core.embedded import quiz
from sit_core.embedded.quiz_tests import quiz_questions as made_questions
from sit_core.embedded.world import World
from sit_core.microlab import no_instructions, tuning_rows

WORLD = World(3)


@pytest.fixture(scope="module")
def asked() -> list[quiz.QuizQuestion]:
    rng = random.Random(1)
    return [quiz.question(WORLD, rng, held=i % 2 == 0) for i in range(600)]


def fits(question: quiz.QuizQuestion, choice: str) -> bool:
    """Whether the choice answers, from the tables alone."""
    things = WORLD.lexicon.things
    if question.kind == "forward":
        return choice == quiz.value_of(WORLD, question.thing, question.relation)
    right, other = things[question.thing], things[choice]
    known = {
        "place": other.place == right.place,
        "kind": other.kind == right.kind,
        "colour": other.look == right.look,
        "use": other.look == right.look,
        "kind+place": (other.kind, other.place) == (right.kind, right.place),
    }
    return known[question.relation]


def test_exactly_one_choice_is_right(asked) -> None:
    for question in asked:
        right = [c for c in question.choices if fits(question, c)]
        assert right == [question.answer], question
        assert len(set(question.choices)) == quiz.CHOICES


def test_held_out_pairs_are_a_third_and_stay_apart(asked) -> None:
    pairs = [
        (t, r) for t in WORLD.lexicon.things for r in ("place", "kind", quiz.look_of(WORLD, t))
    ]
    share = sum(quiz.sentences_only(WORLD, *p) for p in pairs) / len(pairs)
    assert 0.27 < share < 0.40
    for i, question in enumerate(asked):
        assert quiz.sentences_only(WORLD, question.thing, question.relation) == (i % 2 == 0)


def test_a_combined_question_gives_no_held_out_pair_away(asked) -> None:
    for question in asked[1::2]:
        if question.kind == "combined":
            for relation in ("kind", "place"):
                assert not quiz.sentences_only(WORLD, question.thing, relation)


def test_no_training_text_holds_a_test_question() -> None:
    texts = [t for one in made_questions(WORLD, 200) for t in (one.input, one.paraphrase)]
    sentences = {text.split("\n")[0] for text in texts}
    seen = set()
    for early in (True, False):
        for d in no_instructions.documents(WORLD, 0, early):
            seen |= set((d.prompt + d.response).split("\n"))
    for key in tuning_rows.CHAINS:
        for row in tuning_rows.rows(WORLD, key, 1500):
            seen |= set(row.input.split("\n")) | set(row.output.split("\n"))
    # Backward and combined sentences name no held-out thing; theirs stand in the choices.
    whole = set(texts) & seen
    assert not whole
    forward = {
        one.input.split("\n")[0] for one in made_questions(WORLD, 200) if one.kind == "forward"
    }
    assert forward <= sentences
    assert not forward & seen


def test_the_base_never_sees_an_instruction() -> None:
    for d in no_instructions.documents(WORLD, 0, False):
        assert "###" not in d.prompt + d.response
        if "Choices:" in d.prompt:
            assert d.skill in ("copy", "pair", "quiz")
        assert not any(w in d.prompt for w in ("Answer the", "Repeat the", "Paraphrase the"))


def test_wrong_texts_imply_another_answer() -> None:
    for one in made_questions(WORLD, 200):
        assert one.negative_answer != one.reference
        assert one.negative != one.input
        assert one.negative_answer not in one.input.split("Choices: ")[1]
        assert one.reference not in one.corrupted_answers
        if one.corrupted:
            assert one.corrupted != one.input
            assert one.corrupted_answers


def test_rows_are_the_same_for_all_models_but_for_their_chains() -> None:
    for number in range(400):
        made = {key: tuning_rows.row(WORLD, key, number) for key in tuning_rows.CHAINS}
        plain = made["it"]
        assert plain.chain in ("A", "R", "P")
        for key, row in made.items():
            assert row.input == plain.input
            if plain.chain == "A":
                assert plain.output in row.parts, f"{key} has the answer of IT"
            if key != "sit-mixed" and plain.chain != "A":
                assert row == plain


def test_the_mixture_never_shows_the_chain_it_is_tested_on() -> None:
    chains = {tuning_rows.row(WORLD, "sit-mixed", n).chain for n in range(3000)}
    assert chains == {"A", "R", "P", "R+A", "A+R", "A+P", "R+P", "P+R"}
    for key, unseen in (("sit-repeat", "P+A"), ("sit-paraphrase", "R+A")):
        assert unseen not in {tuning_rows.row(WORLD, key, n).chain for n in range(2000)}

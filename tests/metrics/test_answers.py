"""The final answer is what was answered: nothing else is ever taken for it."""

import random

import pytest

from sit_core.metrics.answers import FinalAnswer, final_answer
from sit_core.records import Unparsed

CHOICES = "A:flower, B:hive, C:sea, D:the bank, E:old town"
Q = f"Question: Where do bees carry nectar?\nChoices: {CHOICES}"
MANY = "Question: Which?\nChoices: " + ", ".join(f"{chr(65 + i)}:thing {i}" for i in range(12))


def letter(output: str, question: str = Q) -> str | None:
    found = final_answer(output, question)
    return found.letter if isinstance(found, FinalAnswer) else None


def reason(output: str, question: str = Q) -> str:
    found = final_answer(output, question)
    assert isinstance(found, Unparsed), found
    return found.reason


@pytest.mark.parametrize(
    "output",
    [
        "B",
        "b",
        "(B)",
        "B.",
        "B:hive",
        "B: Hive.",
        "hive",
        "The hive!",
        "Answer: B",
        "answer: b",
        "The answer is (B).",
        "The correct answer is **B: hive**.",
        "The correct answer is:\n\nB: hive",
        "The right choice for this one is:\nB:hive",
        "Correct answer: B. Learn more about bees at a museum.",
        "I would go with option B, as the sea is wet.",
        "Option B is the correct answer.",
        "Bees carry nectar to their hive.",
        "If I had to guess, the correct answer might be B:hive. I need more information.",
        f"{Q}\nAnswer: B:hive",
        f"{Q}\n\nB",
        f"A: flower is what I thought.\n{Q}\nAnswer: B",
        f"B:hive\n\n### Explanation:\n\n### Input:\n{Q}",
        "Answer: B\n\n### Input:\nQuestion: Who sings?\nChoices: A:me, B:you, C:him\nAnswer: C",
        "Where do bees go?\n\nA) flower\nB) hive\nC) sea\nD) the bank\nE) old town\n\nB) hive",
    ],
)
def test_the_answer_is_found_however_it_is_written(output: str) -> None:
    assert letter(output) == "B"


@pytest.mark.parametrize("cut", range(Q.index("hoices") + 1, len(Q) + 1))
def test_a_repeated_list_of_choices_is_never_an_answer_wherever_it_breaks_off(cut: int) -> None:
    assert isinstance(final_answer(Q[:cut], Q), Unparsed)
    assert isinstance(final_answer("The input is:\n\n" + Q[:cut], Q), Unparsed)


@pytest.mark.parametrize(
    "listing",
    [
        "A:flower, B:hive, C:sea, D:the bank, E:old town",
        "A: Flower\nB: Hive\nC: Sea\nD: The bank\nE: Old town",
        "(A) flower\n(B) hive\n(C) sea\n(D) the bank\n(E) old town",
        "* A. flower\n* B. hive\n* C. sea\n* D. the bank\n* E. old town",
        "A:flower B:hive C:sea D:the bank E:old town",
        "flower, hive, sea, the bank or old town",
        "Answer the question: A:flower, B:hive, C:sea, D:the bank, E:old town",
        "Answer choices: A:flower, B:hive, C:sea, D:the bank, E:old town",
        "A:flower, B:hvie, C:seas, D:teh bank, E:old twon",
    ],
)
def test_however_the_choices_are_laid_out_they_are_no_answer(listing: str) -> None:
    assert "no answer follows" in reason(f"Where do bees carry nectar?\n{listing}")
    assert letter(f"{listing}\n\nThe answer is D.") == "D"


def test_mistake_4_no_answer_is_neither_zero_nor_an_empty_string() -> None:
    assert reason("") == reason(" \n") == "the output is empty"
    assert reason("I'm sorry, I can't help with that.") == "no answer is to be found"
    assert reason("The weather is nice.") == "no answer is to be found"


def test_mistake_4_no_choice_is_found_within_another_word() -> None:
    short = "Question: What?\nChoices: A:a, B:i, C:on, D:the"
    assert letter("An onion is something in the kitchen of a friend.", short) is None
    assert letter("The answer is an onion.", short) is None
    assert letter("The answer is seaside.") is None
    assert letter("The answer is a hive.") == "B"
    assert letter("A man walked by.") is None


@pytest.mark.parametrize("place", range(12))
def test_mistake_5_choices_beyond_d_are_known(place: int) -> None:
    expected = chr(65 + place)
    assert letter(f"The answer is {expected}", MANY) == expected
    assert letter(f"{MANY}\nAnswer: {expected}:thing {place}", MANY) == expected
    assert letter(f"thing {place}", MANY) == expected


def test_mistake_5_an_answer_that_is_none_of_the_choices_is_still_read() -> None:
    assert letter("F: none of these") == "F"


def test_different_answers_are_no_answer() -> None:
    assert reason("The answer is B. On second thoughts: the answer is C.") == (
        "several different answers: B, C"
    )
    assert reason("The answer is A or C").startswith("several")
    assert reason("There are two correct answers: A:flower and C:sea.").startswith("several")
    assert reason("The correct answer is:\nA:flower, C:sea").startswith("several")


def test_a_letter_beside_the_words_of_another_choice_is_no_answer() -> None:
    assert reason("Answer: B: sea") == "the letter B stands beside the words of C"


def test_a_choice_that_is_ruled_out_is_not_the_answer() -> None:
    assert letter("The answer is not B.") is None
    assert letter("It is never the sea.") is None


def test_the_span_shows_where_the_answer_stands() -> None:
    output = f"{Q}\nThe answer is (B) hive, of course."
    found = final_answer(output, Q)
    assert isinstance(found, FinalAnswer)
    assert output[found.start : found.end] == found.text == "(B) hive"


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("Where was he born?\nSpain", "Spain"),
        ("Answer: Spain", "Spain"),
        ("He was born in Spain.\n\nThe answer is: Spain\n", "Spain"),
        ("Spain", "Spain"),
        ("他在哪里出生？\n西班牙", "西班牙"),
        ("Answer: one\nAnswer: two\n\n### Input:\nAnswer: three", "two"),
    ],
)
def test_without_choices_it_is_what_is_announced_or_the_last_line(output: str, text: str) -> None:
    found = final_answer(output, "Context: …\nQuestion: Where?")
    assert isinstance(found, FinalAnswer)
    assert found.text == text == output[found.start : found.end]


def test_nothing_makes_it_raise() -> None:
    rng = random.Random(7)
    pieces = [
        "A",
        "B:",
        "\n",
        "(",
        ")",
        ":",
        " ",
        "answer",
        "is",
        "Choices:",
        "hive",
        "é",
        "ก",
        "的",
    ]
    pieces += ["###", "Input:", "?", "or", "\u0301", "\U0001f600", "\x00", "**", "A:a, B:b, C:c"]
    for _ in range(400):
        text = "".join(rng.choices(pieces, k=rng.randrange(40)))
        other = "".join(rng.choices(pieces, k=rng.randrange(40)))
        for question in (Q, other, ""):
            assert isinstance(final_answer(text, question), FinalAnswer | Unparsed)


def test_a_label_before_the_repeated_question_is_no_answer() -> None:
    text = "Question: What do you put to people to learn?\nChoices: A:bread, B:question, C:mud"
    assert final_answer(text, text) == Unparsed("the choices are repeated, but no answer follows")
    found = final_answer(f"{text}\nAnswer: question", text)
    assert isinstance(found, FinalAnswer)
    assert found.letter == "B"

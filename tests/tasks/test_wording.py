"""The chain is read from sequential wording, never from a word in passing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.records import Unparsed, chain_name
from sit_core.tasks import steps_from_instruction


def letters(text: str) -> str | None:
    found = steps_from_instruction(text)
    return None if isinstance(found, Unparsed) else chain_name(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("First repeat the input, then answer the question.", "R+A"),
        ("Please repeat the input, then choose the right letter.", "R+A"),
        ("Repeat the question and then answer it.", "R+A"),
        ("First, translate the input into English. Then, answer the question.", "T+A"),
        ("First paraphrase the input, then summarize the article in one line.", "P+A"),
        ("First describe the image, then answer the input question based on the image", "C+A"),
        ("First repeat the input, then paraphrase the input, then answer.", "R+P+A"),
        ("Firstly rephrase the text; secondly, repeat the text; finally, pick an option.", "P+R+A"),
        ("  FIRST   REPEAT\tTHE\n INPUT,\n\nTHEN ANSWER  ", "R+A"),
        ("1. Translate it into English\n2. Answer the question", "T+A"),
        ("Read with care. First repeat the input, then answer.", "R+A"),
    ],
)
def test_sequential_wordings_are_read(text: str, expected: str) -> None:
    assert letters(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "Answer the question.",
        "Repeat the input.",
        "Do not repeat the input when you answer.",
        "Who was the first to translate the input of the Enigma? Answer then.",
        "If you can answer the question, then repeat the input.",
        "Repeat the experiment, then answer the question.",
        "Write a story in which a man says he will first repeat the input, then answer.",
        "First write a poem, then translate it, then answer.",
        "Answer the question, then stop.",
    ],
)
def test_words_in_passing_make_no_chain(text: str) -> None:
    assert letters(text) is None


def test_what_was_not_understood_is_quoted() -> None:
    found = steps_from_instruction("First juggle, then answer.")
    assert isinstance(found, Unparsed)
    assert "juggle" in found.reason


@given(st.text(max_size=200) | st.text("firstthen repeat,.\n1", max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    found = steps_from_instruction(text)
    assert isinstance(found, Unparsed) or len(found) >= 2


def test_a_very_long_instruction_takes_time_in_proportion_only() -> None:
    for piece in ("\n", ", ", " then", ".\n", "first "):
        assert letters(piece * 100_000) is None

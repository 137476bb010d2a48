"""The key by which runs share a question: what must not matter does not, all else does."""

import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.matching import _RUN_OF_MARKS, example_key, match_key, match_text
from sit_core.records import Example

TEXTS = st.text(max_size=60)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
BLANKS = st.text(alphabet=" \t\u00a0\u3000", max_size=3)
FORMS = st.sampled_from(["NFC", "NFD"])


def written_down(text: str, end: str, blanks: str, form: str) -> str:
    """The same text as some program would write it."""
    lines = unicodedata.normalize(form, text).split("\n")
    return blanks + end.join(line + blanks for line in lines) + end


@given(st.text(alphabet="aé ü가\u0323\u0301ộ\nक़?", max_size=40), ENDS, BLANKS, FORMS)
def test_how_a_text_is_written_down_makes_no_difference(
    text: str, end: str, blanks: str, form: str
) -> None:
    # A blank before a mark that begins a text would carry it: there it is no outer blank.
    text = "x" + text
    changed = written_down(text, end, blanks, form)
    assert match_text(changed) == match_text(text)
    assert match_key("Do it.", changed) == match_key("Do it.", text)
    assert match_key(changed, "b") == match_key(text, "b")


@given(TEXTS)
def test_the_compared_text_stays_as_it_is(text: str) -> None:
    once = match_text(text)
    assert match_text(once) == once


@given(TEXTS, TEXTS, TEXTS)
def test_texts_of_other_words_have_other_keys(a: str, b: str, c: str) -> None:
    if match_text(a) != match_text(b):
        assert match_key(a, c) != match_key(b, c)
        assert match_key(c, a) != match_key(c, b)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Answer.", "a b"), ("Answer.", "a  b")),
        (("Answer.", "a\nb"), ("Answer.", "a\n\nb")),
        (("Answer.", "a\nb"), ("Answer.", "a\n b")),
        (("Answer.", "A"), ("Answer.", "a")),
        (("Answer.", "①"), ("Answer.", "1")),
        (("Answer.", "a"), ("Answer.a", "")),
        (("Answer.", "", "x.png"), ("Answer.", "", "y.png")),
        (("Answer.", "", None, 0), ("Answer.", "", None, 1)),
    ],
)
def test_other_questions_have_other_keys(one: tuple, other: tuple) -> None:
    assert match_key(*one) != match_key(*other)


def test_no_image_and_an_empty_one_are_the_same() -> None:
    assert match_key("Answer.", "a", None) == match_key("Answer.", "a", "")


def test_an_example_has_the_key_of_its_texts_and_variant() -> None:
    example = Example("Answer.\r\n", "a ", image="x.png", variant=2, reference="g")
    assert example_key(example) == match_key("Answer.", "a", "x.png", 2)
    assert example.id != Example("Answer.", "a", image="x.png", variant=2).id


def test_half_a_character_is_no_error() -> None:
    assert match_key("\ud800", "a\udfff") != match_key("\ud801", "a\udfff")


def test_no_combining_mark_is_a_letter_or_a_blank() -> None:
    """On this stands that long runs of marks are found."""
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.combining(unicodedata.normalize("NFD", character)[0]):
            assert _RUN_OF_MARKS.fullmatch(character * 31), hex(code)


@pytest.mark.parametrize(
    "unit",
    ["\u0301\u0323", "\u0323", " ", "\r", "\n \t", "\u0f73", "!-", "é\u0323", "\u3000\n"],
)
def test_a_megabyte_of_anything_is_normalised_in_a_moment(unit: str) -> None:
    text = "a" + unit * (1_000_000 // len(unit)) + "b"
    began = time.process_time()
    match_text(text)
    assert time.process_time() - began < 5  # quadratic would take an hour


def test_marks_in_another_order_are_the_same_character() -> None:
    assert match_text("a\u0301\u0323") == match_text("a\u0323\u0301")

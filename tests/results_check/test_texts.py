"""ROUGE-L, words and SQuAD's figures by other code: against the package, and against ours."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from sit_core.metrics import squad
from sit_core.metrics.rouge_l import rouge_l, unicode_words
from sit_core.results_check import texts

quick = settings(max_examples=60, deadline=None)
few_words = st.lists(
    st.sampled_from(["the", "a", "cat", "sat", "on", "mat", "42", "U.S."]), max_size=20
)
any_script = st.text(
    st.one_of(
        st.characters(codec="utf-8", categories=["L", "M", "N", "P", "Zs"]),
        st.sampled_from("ab ก้ำนี้東京あ゙ नमस्ते\u0301\n"),
    ),
    max_size=40,
)


@quick
@given(few_words, few_words)
def test_rouge_l_is_the_package_s(one: list[str], other: list[str]) -> None:
    theirs = RougeScorer(["rougeL"]).score(" ".join(one), " ".join(other))["rougeL"].fmeasure
    assert texts.rouge_l(" ".join(one), " ".join(other), "rouge_score") == pytest.approx(theirs)


@quick
@given(any_script)
def test_words_of_any_script(text: str) -> None:
    normal = unicodedata.normalize("NFC", text)
    assert texts.words(normal) == unicode_words(normal)


@quick
@given(any_script, any_script)
def test_rouge_l_of_any_script(one: str, other: str) -> None:
    one, other = (unicodedata.normalize("NFC", text) for text in (one, other))
    assert texts.rouge_l(one, other) == pytest.approx(rouge_l(one, other))


@pytest.mark.parametrize(
    ("output", "gold", "same", "f1"),
    [
        ("The U.S.", "US", 1.0, 1.0),
        ("1,000", "1000", 1.0, 1.0),
        ("well-known", "well known", 0.0, 0.0),
        ("an apple", "the apple", 1.0, 1.0),
        ("red apple", "apple", 0.0, 2 / 3),
        ("", "apple", 0.0, 0.0),
        ("the", "a", 1.0, 0.0),
    ],
)
def test_squad(output: str, gold: str, same: float, f1: float) -> None:
    assert texts.exact_match(output, [gold]) == same
    assert texts.f1(output, [gold]) == pytest.approx(f1)


@quick
@given(
    st.text(st.sampled_from("abel luUS.,-’«»太阳能。 الشمس ein_9"), max_size=25),
    st.text(st.sampled_from("abel luUS.,-’«»太阳能。 الشمس ein_9"), max_size=25),
    st.sampled_from([None, "en", "es", "de", "zh-Hans", "ar", "vi", "hi", "el", "ru"]),
)
def test_exact_match_and_f1_of_any_language(output: str, gold: str, language: str | None) -> None:
    assert texts.exact_match(output, [gold], language) == squad.exact_match(
        output, [gold], language
    )
    assert texts.f1(output, [gold], language) == pytest.approx(squad.f1(output, [gold], language))


def test_half_width_hangul_is_no_script_without_spaces() -> None:
    assert texts.words("a\uffa1b ｶ") == unicode_words("a\uffa1b ｶ") == ["a\uffa1b", "ｶ"]

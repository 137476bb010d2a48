"""Words by rules for every script: what parts them, and what makes no difference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.metrics.registry import METRICS, Options
from sit_core.metrics.script_words import HOW, script_words
from sit_core.metrics.squad import ALL_SCRIPTS, contains, exact_match, f1
from sit_core.records import Example, Outcome, Prediction, Unparsed


@pytest.mark.parametrize(
    ("language", "said", "gold"),
    [
        ("el", "Ο Όμηρος!", "Όμηρος"),
        ("el", "ΌΜΗΡΟΣ", "Όμηρος"),
        ("ar", "١٩٤٧", "1947"),
        ("ar", "الشمسُ،", "شمس"),
        ("hi", "१२ लोग।", "12 लोग"),
        ("th", "กรุงเทพฯ", "กรุงเทพ"),
        ("zh", "３００年。", "300年"),
        ("de", "die Spree", "Spree"),
        ("vi", "những năm", "năm"),
        ("tr", "bir şehir", "şehir"),
        ("ja", "「東京」", "東京"),
        ("fr", "La Seine-Maritime", "Seine Maritime"),
    ],
)
def test_what_makes_no_difference_in_a_language(language: str, said: str, gold: str) -> None:
    assert exact_match(said, [gold], language, ALL_SCRIPTS) == 1.0
    assert exact_match(f"{said} x", [gold], language, ALL_SCRIPTS) == 0.0


def test_scripts_without_spaces_share_parts_of_words() -> None:
    assert f1("ภาษาไทย", ["ภาษา"], "th") == 0.0
    assert 0.5 < f1("ภาษาไทย", ["ภาษา"], "th", ALL_SCRIPTS) < 1.0
    assert script_words("กี่ปี", "th")[0] == "กี่"  # its marks stay with their letter
    assert script_words("東京tower", "ja") == ["東", "京", "tower"]


def test_the_arabic_article_goes_from_the_beginning_only() -> None:
    assert script_words("القاهرة", "ar") == ["قاهرة"]
    assert script_words("قال", "ar") == ["قال"]
    assert script_words("الف", "ar") == ["الف"]  # of three letters there would be one left


@given(st.text(max_size=80), st.sampled_from(["en", "ar", "th", "zh", "", "el"]))
def test_total_and_settled(text: str, language: str) -> None:
    words = script_words(text, language)
    assert all(word and not word.isspace() for word in words)
    assert exact_match(text, [text], language, ALL_SCRIPTS) == 1.0
    assert contains(text, [text], language, ALL_SCRIPTS) == float(bool(words))


@given(st.lists(st.sampled_from(["ab", "cd", "ef"]), max_size=6), st.data())
def test_contains_is_a_stretch_of_words(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words)))
    end = data.draw(st.integers(start, len(words)))
    text = " ".join(words)
    assert contains(text, [" ".join(words[start:end])], "en") == float(end > start)
    assert contains(text, ["abc"], "en") == 0.0


def asked(output: str, outcome: Outcome | None = None) -> Prediction:
    golds = {"th": ["กรุงเทพ"], "en": ["Bangkok"]}
    example = Example("Where?", "…", language="th", reference="กรุงเทพ", meta={"golds": golds})
    return Prediction("m", example, output, outcome=outcome)


def test_the_settings_have_a_name_of_their_own_and_the_usual_ones_keep_theirs() -> None:
    assert Options().how("f1") == ""
    assert Options(words=ALL_SCRIPTS).how("f1") == HOW
    assert Options(words=ALL_SCRIPTS).how("accuracy") == ""


def test_contains_gold_is_of_the_whole_output_and_of_each_language_apart() -> None:
    said = "It is Bangkok, of course. Thank you! Bangkok it is, or so they say, in general."
    (score,) = METRICS.get("contains-gold")([asked(said, Outcome.CUT)], Options())
    assert score.value == 0.0
    assert score.steps == {"gold-th": 0.0, "gold-en": 1.0}
    (none,) = METRICS.get("contains-gold")([Prediction("m", Example("Sing!"), "la")], Options())
    assert isinstance(none.value, Unparsed)
    assert none.value.counted is None

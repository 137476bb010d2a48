"""ROUGE-L: the values of `rouge_score` where it works, sense in the scripts where it doesn't."""

import json
import random
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest

from sit_core.errors import SitError
from sit_core.metrics.rouge_l import ROUGE_SCORE, rouge_l, unicode_words

SENTENCES = {
    "zh": ("黑豹队在本赛季丢了多少分？", "黑豹队本赛季丢了几分？"),
    "th": ("ใครเป็นผู้ชนะการแข่งขันครั้งนี้", "ใครชนะการแข่งขันนี้"),
    "hi": ("पैंथर्स ने कितने अंक खोए थे?", "पैंथर्स ने कितने अंक गँवाए थे?"),
    "ar": ("كم عدد النقاط التي خسرها الفريق؟", "كم النقاط التي خسرها الفريق؟"),
    "el": ("Πόσους πόντους έχασε η ομάδα;", "Πόσους πόντους είχε η ομάδα;"),
    "ru": ("Сколько очков потеряла команда?", "Сколько очков набрала команда?"),
}


@pytest.fixture(scope="module")
def theirs():
    scorer = pytest.importorskip("rouge_score.rouge_scorer").RougeScorer(["rougeL"])
    return lambda reference, output: scorer.score(reference, output)["rougeL"].fmeasure


def test_it_equals_rouge_score_on_made_up_texts(theirs) -> None:
    rng = random.Random(5)
    words = ["a", "b", "The", "the", "5", "x-y", "é", "don't", "\n", "的", "_", "..."]
    for _ in range(500):
        left, right = (" ".join(rng.choices(words, k=rng.randrange(15))) for _ in "ab")
        assert rouge_l(left, right, ROUGE_SCORE) == theirs(left, right)


def test_it_equals_rouge_score_on_real_outputs(theirs, real_data: Path) -> None:
    for path in sorted((real_data / "csqa_repeat").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines()[:15]:
            row = json.loads(line)
            ours = rouge_l(row["input"], row["output"], ROUGE_SCORE)
            assert ours == theirs(row["input"], row["output"])


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_other_scripts_are_compared_word_by_word(code: str) -> None:
    left, right = SENTENCES[code]
    assert rouge_l(left, left) == 1.0
    assert 0.5 < rouge_l(left, right) < 1.0
    others = [text for other, (text, _) in SENTENCES.items() if other != code]
    assert all(rouge_l(left, other) == 0.0 for other in others)
    assert rouge_l(left, right, ROUGE_SCORE) == 0.0  # what the default is better at


def test_a_letter_is_the_same_however_it_was_typed() -> None:
    composed, apart = "ein Café", "ein Cafe\u0301"
    assert composed != apart
    assert rouge_l(composed, apart) == 1.0


@pytest.mark.parametrize("text", ["पैंथर्स ने कितने", "น้ำใจ", "كَتَبَ", "Ελλάς"])
def test_marks_stay_with_their_letters(text: str) -> None:
    assert "".join(unicode_words(text)) == text.casefold().replace(" ", "")
    assert not any(
        word[0] in "\u093e\u093f\u0940\u0e31\u0e48\u064e" for word in unicode_words(text)
    )


@pytest.mark.parametrize("code", ["zh", "th", "hi", "ar", "el", "ru", "de", "es", "vi", "tr"])
def test_every_real_context_equals_itself_and_no_words_are_lost(code: str, real_data: Path) -> None:
    data = json.loads((real_data / "xquad" / f"xquad.{code}.json").read_text("utf-8"))["data"]
    contexts = [p["context"] for article in data for p in article["paragraphs"]][:25]
    for text, other in pairwise(contexts):
        assert rouge_l(text, text) == 1.0
        assert rouge_l(text, other) < 0.6
        kept = "".join(unicode_words(text))
        nfc = unicodedata.normalize("NFC", text)
        letters = "".join(c for c in nfc.casefold() if c.isalnum())
        assert "".join(c for c in kept if c.isalnum()) == letters


def test_plain_latin_text_is_split_like_any_other() -> None:
    text = "It's 5 o'clock_now: A-B\tc\x1cd e\x00f"
    assert unicode_words(text) == unicode_words(text + " é")[:-1]


def test_nothing_in_common_or_nothing_at_all_is_zero() -> None:
    assert rouge_l("a b", "c") == rouge_l("", "") == rouge_l("a", "…") == 0.0


def test_an_unknown_tokenizer_is_said_so() -> None:
    with pytest.raises(SitError, match="did you mean 'unicode'"):
        rouge_l("a", "a", "unicod")

"""Exact match and F1 against the official rules, transcribed here once more."""

import random
import re
import string
import sys
import unicodedata
from collections import Counter

import pytest

from sit_core.metrics.registry import METRICS, Options
from sit_core.metrics.squad import exact_match, f1, rules
from sit_core.records import Example, Outcome, Prediction, Unparsed

# --- SQuAD's evaluate-v1.1.py, as it was published -------------------------------------------


def normalize_answer(s):
    def remove_articles(text):
        return re.sub(r"\b(a|an|the)\b", " ", text)

    def white_space_fix(text):
        return " ".join(text.split())

    def remove_punc(text):
        exclude = set(string.punctuation)
        return "".join(ch for ch in text if ch not in exclude)

    def lower(text):
        return text.lower()

    return white_space_fix(remove_articles(remove_punc(lower(s))))


def f1_score(prediction, ground_truth):
    prediction_tokens = normalize_answer(prediction).split()
    ground_truth_tokens = normalize_answer(ground_truth).split()
    common = Counter(prediction_tokens) & Counter(ground_truth_tokens)
    num_same = sum(common.values())
    if num_same == 0:
        return 0
    precision = 1.0 * num_same / len(prediction_tokens)
    recall = 1.0 * num_same / len(ground_truth_tokens)
    return (2 * precision * recall) / (precision + recall)


def exact_match_score(prediction, ground_truth):
    return normalize_answer(prediction) == normalize_answer(ground_truth)


# --- MLQA's mlqa_evaluation_v1.py ------------------------------------------------------------

PUNCT = {
    chr(i) for i in range(sys.maxunicode) if unicodedata.category(chr(i)).startswith("P")
}.union(string.punctuation)


def mixed_segmentation(text):
    segs_out = []
    temp_str = ""
    for char in text:
        if re.search(r"[\u4e00-\u9fa5]", char) or char in PUNCT:
            if temp_str != "":
                segs_out.extend(temp_str.split())
                temp_str = ""
            segs_out.append(char)
        else:
            temp_str += char
    if temp_str != "":
        segs_out.extend(temp_str.split())
    return segs_out


def mlqa_normalize(s, lang):
    articles = {
        "es": r"\b(un|una|unos|unas|el|la|los|las)\b",
        "vi": r"\b(của|là|cái|chiếc|những)\b",
        "de": r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b",
        "ar": r"\sال^|ال",
    }
    text = "".join(ch for ch in s.lower() if ch not in PUNCT)
    if lang in articles:
        text = re.sub(articles[lang], " ", text)
    tokens = mixed_segmentation(text) if lang == "zh" else text.split()
    return " ".join(t for t in tokens if t.strip() != "")


WORDS = {
    "en": "a an the The U.S. US 1,000 1000 well-known wellknown New-York New York's don't ... %"
    " 3.5 35 A. theory in of é café naïve “big” $5 - – Anna",
    "es": "el la los Las un sol, años 1.000 ¿qué? niño- el-sol de",
    "de": "der die das Den einem Straße, größte- 1.000 „gut“ ein",
    "zh": "太阳 能 北京, 。 2008年 A股 《书》 的 1,000",
    "ar": "ال الشمس شمس، طاقة ؟ و",
    "hi": "सौर ऊर्जा। की कि 12 ,",
    "vi": "của là những người, Hà Nội-",
}


def some(rng: random.Random, language: str) -> str:
    words = rng.choices(WORDS[language].split(" "), k=rng.randrange(6))
    return rng.choice([" ", " ", "  ", "\n"]).join(words)


def test_english_is_squad_to_the_letter_on_a_thousand_pairs() -> None:
    rng = random.Random(7)
    same = 0
    for _ in range(1000):
        answer, gold = some(rng, "en"), some(rng, "en")
        if rng.random() < 0.3:
            answer = gold.replace("-", "").replace(",", "").swapcase()
        for language in ("en", None, "en-US"):
            assert exact_match(answer, [gold], language) == float(exact_match_score(answer, gold))
            assert f1(answer, [gold], language) == pytest.approx(f1_score(answer, gold))
        same += exact_match_score(answer, gold)
    assert 100 < same < 900


@pytest.mark.parametrize("language", ["es", "de", "zh", "ar", "hi", "vi"])
def test_other_languages_are_mlqa_s(language: str) -> None:
    rng = random.Random(8)
    for _ in range(300):
        answer, gold = some(rng, language), some(rng, language)
        if rng.random() < 0.3:
            answer = gold.replace(",", "").swapcase()
        ours = exact_match(answer, [gold], language)
        said, wanted = mlqa_normalize(answer, language), mlqa_normalize(gold, language)
        assert ours == float(said == wanted), (answer, gold)
        common = sum((Counter(said.split()) & Counter(wanted.split())).values())
        total = len(said.split()) + len(wanted.split())
        expected = 2 * common / total if common else 0
        assert f1(answer, [gold], language) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("answer", "gold"),
    [("U.S.", "US"), ("1,000", "1000"), ("well-known", "wellknown"), ("The an a big", "big")],
)
def test_what_squad_takes_for_the_same(answer: str, gold: str) -> None:
    assert exact_match(answer, [gold]) == f1(answer, [gold]) == 1.0


def test_without_a_language_the_gold_tells() -> None:
    assert [rules(gold, None) for gold in ("café", "太阳", "Кёльн", "1990")] == [
        *("en", "zh", "", "en"),
    ]
    assert f1("太阳", ["太阳能"]) == pytest.approx(0.8)


def of(metric: str, output: str, **more: object):
    example = Example("…", "Context: …\nQuestion: …?", **more)
    (score,) = METRICS.get(metric)([Prediction("r", example, output)], Options())
    return score


def test_the_gold_of_each_language_is_reported_apart() -> None:
    golds = {"en": ["the sun"], "es": "el sol"}
    score = of("f1", "Sun", reference="el sol", language="es", meta={"golds": golds})
    assert score.value == 0.0
    assert score.steps == {"gold-en": 1.0, "gold-es": 0.0}
    odd = of("f1", "Sun", reference="sun", meta={"golds": {"en": [3], "x": 4, "y": []}})
    assert odd.value == 1.0
    assert all(v.counted is None for v in odd.steps.values())
    assert of("exact-match", "Sun", reference="sun", meta={"golds": "en"}).steps == {}


def test_no_answer_counts_as_0_and_no_gold_not_at_all() -> None:
    empty, no_gold = of("exact-match", "", reference="sun"), of("exact-match", "sun")
    assert (empty.value, empty.value.counted) == (Unparsed("the output is empty"), 0)
    assert no_gold.value.counted is None
    cut = Prediction("r", Example("…", "q", reference="sun"), "sun", outcome=Outcome.CUT)
    (score,) = METRICS.get("f1")([cut], Options())
    assert score.value.counted == 0


def test_any_of_several_golds_counts() -> None:
    assert of("exact-match", "2", reference="two", meta={"references": ["two", "2"]}).value == 1.0

"""Exact match of the final answer with the gold one; what can't be had says why."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from sit_core.metrics.accuracy import accuracy
from sit_core.metrics.generated_part import generated_part
from sit_core.metrics.input_choices import asked
from sit_core.records import Example, Outcome, Prediction, Step, Unparsed, chain

Q = "Question: Where do bees carry nectar?\nChoices: A:flower, B:hive, C:sea, D:bank, E:town"


def scored(output: str, gold: str | None, question: str = Q, **meta: object) -> float | Unparsed:
    example = Example("…", question, reference=gold, meta=meta)
    return accuracy(Prediction("run", example, output))


def test_the_letter_is_compared_with_the_gold_letter() -> None:
    assert scored("The answer is (B).", "B") == 1.0
    assert scored("The answer is (C).", "B") == 0.0
    assert scored("hive", "B") == scored("B", "hive") == scored("B", "B: hive") == 1.0
    assert scored("E", "E") == 1.0


def test_mistake_4_an_empty_prediction_is_never_correct() -> None:
    assert scored("", "B") == Unparsed("the output is empty")
    assert scored("", "", "Where?") == Unparsed("no gold answer")
    assert scored("", "Spain", "Where?") == Unparsed("the output is empty")


def test_mistake_4_nothing_is_looked_for_within_something_else() -> None:
    assert scored("a", "Spain", "Where?") == 0.0
    assert scored("in Spain or in France", "Spain", "Where?") == 0.0
    assert scored("Spain", "in Spain and Portugal", "Where?") == 0.0


def test_a_missing_gold_is_missing() -> None:
    assert scored("B", None) == Unparsed("no gold answer")
    assert scored("B", "X") == Unparsed("the gold answer is none of the choices")


def test_several_answers_or_none_are_not_counted_as_wrong() -> None:
    assert isinstance(scored(Q, "B"), Unparsed)
    assert isinstance(scored("A or B? The answer is A or B", "B"), Unparsed)


@pytest.mark.parametrize(
    ("output", "gold"),
    [
        ("The 1990s.", "1990s"),
        ("Answer: Кёльн!", "кёльн"),
        ("答案\n太阳能。", "太阳能"),
        ("सौर ऊर्जा।", "सौर ऊर्जा"),
        ("พลังงาน", "พลังงาน"),
        ("طاقة شمسية", "طاقة شمسية"),
    ],
)
def test_free_answers_match_as_squad_compares_them(output: str, gold: str) -> None:
    assert scored(output, gold, "Context: …\nQuestion: …?") == 1.0
    assert scored(output + " x", gold, "Context: …\nQuestion: …?") == 0.0


def test_words_that_differ_only_by_a_vowel_sign_differ() -> None:
    assert scored("कि", "की", "Which?") == 0.0


@pytest.mark.parametrize("ended", [Outcome.CUT, Outcome.REFUSED])
def test_an_output_that_was_cut_or_refused_has_no_value_and_counts_as_wrong(
    ended: Outcome,
) -> None:
    example = Example("…", Q, reference="B")
    found = accuracy(Prediction("run", example, "B", outcome=ended))
    assert isinstance(found, Unparsed)
    assert found.counted == 0
    whole = Prediction("run", example, "B", outcome=Outcome.COMPLETE)
    assert accuracy(whole) == 1.0
    no_gold = Prediction("run", Example("…", Q), "B", outcome=ended)
    assert accuracy(no_gold).counted is None, "with nothing to compare with it is left out"


def test_what_is_missing_says_whether_it_counts() -> None:
    for output, gold, counted in (("", "B", 0), (Q, "B", 0), ("B", None, None), ("B", "X", None)):
        found = scored(output, gold)
        assert isinstance(found, Unparsed)
        assert found.counted == counted


def test_any_of_several_golds_counts() -> None:
    assert scored("two", "one", "How many?", references=["one", "two"]) == 1.0


@pytest.mark.slow
def test_every_real_gold_is_its_own_answer(real_data: Path) -> None:
    rows = json.loads(
        (real_data / "commonsense_qa" / "validation_repeat_prompts.json").read_text("utf-8")
    )
    seen: Counter[str] = Counter()
    for row in rows:
        question = row["input"]
        choices = {c.letter: c.text for c in asked(question).choices}
        assert list(choices) == list("ABCDE")
        gold = row["output"]
        example = Example(row["instruction"], question, reference=gold)
        for output in (gold, f"{question}\nAnswer: {gold}:{choices[gold]}"):
            assert accuracy(Prediction("r", example, output)) == 1.0
        assert isinstance(accuracy(Prediction("r", example, question)), Unparsed)
        seen[gold] += 1
    assert sum(seen.values()) == 1221
    assert seen["E"] == 235


def test_choices_may_stand_in_the_instruction() -> None:
    def of(output: str, gold: str) -> float | Unparsed:
        return accuracy(Prediction("run", Example(Q, "", reference=gold), output))

    assert of("B: hive", "B") == of("B", "hive") == of("hive", "B") == 1.0
    assert of("C: sea", "B") == 0.0
    assert of("honey", "honey") == 1.0  # no choice is the gold: the list is part of a text


def test_a_translated_question_may_be_answered_by_its_translated_choices() -> None:
    english = "Question: What is a pear?\nChoices: A:animal, B:insect, C:fruit"
    steps = chain([Step("translate", "T", expected=english), Step("answer", "A")])
    asked_es = Example(
        "First translate the input into English, then answer the question.",
        "Pregunta: ¿Qué es una pera?\nOpciones: A:animal, B:insecto, C:fruta",
        steps=steps,
        reference="fruit",
    )

    def of(output: str, example: Example = asked_es) -> float | Unparsed:
        return accuracy(Prediction("r", example, output))

    assert [of(said) for said in ("fruit", "fruta", "C", f"{english}\nfruit")] == [1.0] * 4
    assert [of(said) for said in ("insect", "insecto", "B")] == [0.0] * 3
    assert of(english) == Unparsed("the choices are repeated, but no answer follows")
    by_text = replace(asked_es, steps=(), meta={"texts": {"translate": english}})
    assert of("fruit", by_text) == 1.0
    unlike = replace(asked_es, steps=(), meta={"texts": {"translate": english[:-9]}})
    assert of("fruit", unlike) == Unparsed("the gold answer is none of the choices")
    given = {"given": {"condition": "true", "steps": ["translate"]}, "given_characters": 2}
    part = generated_part(Prediction("r", asked_es, "x\nfruit", meta=given))
    assert accuracy(part) == 1.0  # its translation was given, and is known all the same

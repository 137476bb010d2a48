"""Answers to choices that an output translates: found by the words of the translation."""

import pytest

from sit_core.metrics.accuracy import accuracy, answer_of
from sit_core.metrics.answers import FinalAnswer
from sit_core.metrics.following import following
from sit_core.metrics.rules import RuleVerdict
from sit_core.metrics.segment import split_output
from sit_core.records import Example, Prediction, Step, Unparsed, Verdict, chain

HERE = "Question: Where does it live?\nChoices: A:sun, B:sea, C:hut"
TRANSLATED = chain(
    [
        Step("translate", "T", expected=HERE),
        Step("answer", "A"),
    ]
)
SPANISH = "Pregunta: ¿Dónde vive?\nOpciones: A:sol, B:mar, C:choza"


@pytest.mark.parametrize(
    ("output", "letter"),
    [
        (f"{HERE}\nsea", "B"),
        (f"{HERE}\nAnswer: C", "C"),
        ("The answer is the hut.", "C"),
        ("La respuesta: B:mar", "B"),
        ("mar", "B"),
        (HERE, None),
        ("Where does it live?", None),
        ("", None),
    ],
)
def test_an_answer_may_be_given_in_the_words_of_the_translation(
    output: str, letter: str | None
) -> None:
    example = Example("…", SPANISH, steps=TRANSLATED, reference="sea", language="es")
    found = answer_of(Prediction("m", example, output))
    assert (found.letter if isinstance(found, FinalAnswer) else None) == letter
    ruling = following(output, example)["answer"]
    assert isinstance(ruling, RuleVerdict)
    assert (ruling.verdict == Verdict.YES) == (letter is not None)
    right = accuracy(Prediction("m", example, output))
    assert right == (float(letter == "B") if letter else found)


def test_a_translation_with_other_choices_is_not_looked_at() -> None:
    steps = chain([Step("translate", "T", expected="Where?\nChoices: A:sun, B:sea"), TRANSLATED[1]])
    example = Example("…", SPANISH, steps=steps, reference="mar")
    assert isinstance(answer_of(Prediction("m", example, "sea")), Unparsed)
    repeated = chain([Step("repeat", "R", expected=TRANSLATED[0].expected), TRANSLATED[1]])
    example = Example("…", SPANISH, steps=repeated, reference="mar")
    assert isinstance(answer_of(Prediction("m", example, "sea")), Unparsed)


def test_a_translation_followed_by_its_answer_is_in_order() -> None:
    example = Example("…", SPANISH, steps=TRANSLATED, reference="mar")
    text = f"{HERE}\nsea"
    said = {
        key: ruling.verdict.value if isinstance(ruling, RuleVerdict) else ruling
        for key, ruling in following(text, example).items()
    }
    assert (said["answer"], said["in_order"]) == ("yes", "yes")
    assert said["translate"] in ("yes", "partly")
    assert [part.text for part in split_output(text, example).values()][1] == "sea"  # type: ignore[union-attr]

"""An output is cut into the parts of its steps; a page can mark each by its span."""

import random

import pytest

from sit_core.metrics.segment import OutputSegment, split_output
from sit_core.records import Example, Step, Unparsed, chain
from sit_core.tasks import steps_named

Q = "Question: Where do bees carry nectar?\nChoices: A:flower, B:hive, C:sea, D:bank, E:town"


def parts(output: str, tasks: str, text: str = Q, **expected: str) -> dict[str, str | None]:
    steps = [
        Step(s.task, s.letter, s.key, expected.get(s.key)) for s in steps_named(tasks.split(","))
    ]
    found = split_output(output, Example("…", text, steps=tuple(steps)))
    assert list(found) == [s.key for s in steps]
    for part in found.values():
        if isinstance(part, OutputSegment):
            assert output[part.start : part.end] == part.text
            assert part.text.strip()
    return {k: None if isinstance(p, Unparsed) else p.text for k, p in found.items()}


def test_a_repetition_and_an_answer() -> None:
    output = f"Sure! Here it is:\n\n{Q}\n\nThe correct answer is:\nB: hive\n\nBees live there."
    assert parts(output, "repeat,answer") == {
        "repeat": Q,
        "answer": "The correct answer is:\nB: hive",
    }


def test_an_answer_on_the_same_line_as_the_question() -> None:
    assert parts("Where do bees carry nectar? B:hive", "repeat,answer") == {
        "repeat": "Where do bees carry nectar?",
        "answer": "B:hive",
    }


def test_a_missing_step_says_why() -> None:
    example = Example("…", Q, steps=steps_named(["repeat", "paraphrase", "answer"]))
    found = split_output("B", example)
    assert found["repeat"] == Unparsed("the input is not repeated")
    assert found["paraphrase"] == Unparsed("nothing in the output is left for this step")
    assert isinstance(found["answer"], OutputSegment)
    assert set(split_output(" \n", example).values()) == {Unparsed("the output is empty")}


def test_what_lies_between_belongs_to_the_steps_between() -> None:
    first, second = "Nectar is brought where by bees?", "Bees bring nectar to which place?"
    output = f"Paraphrase: {first}\n{Q}\n{second}\nAnswer: B"
    assert parts(output, "paraphrase,repeat,paraphrase,answer") == {
        "paraphrase": first,
        "repeat": Q,
        "paraphrase-2": second,
        "answer": "Answer: B",
    }


def test_lines_are_shared_out_by_what_the_steps_should_yield() -> None:
    output = "One line of it.\nAnd another.\nUne ligne.\nEt une autre.\nAnswer: B"
    found = parts(
        output,
        "paraphrase,translate,answer",
        paraphrase="One line of it. And another.",
    )
    assert found["paraphrase"] == "One line of it.\nAnd another."
    assert found["translate"] == "Une ligne.\nEt une autre."


def test_a_translation_of_many_lines_and_an_answer() -> None:
    output = "Bees live in hives.\n\nWhere do they live?\nAnswer: in hives"
    assert parts(output, "translate,answer", "Las abejas viven …\n¿Dónde viven?") == {
        "translate": "Bees live in hives.\n\nWhere do they live?",
        "answer": "Answer: in hives",
    }


@pytest.mark.slow
@pytest.mark.parametrize("text", [Q, "", "Donde?", "的" * 50])
def test_it_is_total(text: str) -> None:
    rng = random.Random(3)
    pieces = ["A:flower", "B", "\n", "\n\n", "Answer:", Q, "hive", "的的", "!", "### Input:", " "]
    steps = chain(
        [Step(t, t[0].upper()) for t in ("repeat", "own", "translate", "answer", "repeat")]
    )
    for _ in range(150):
        output = "".join(rng.choices(pieces, k=rng.randrange(12)))
        found = split_output(output, Example("…", text, steps=steps))
        assert list(found) == [s.key for s in steps]
        for part in found.values():
            if isinstance(part, OutputSegment):
                assert output[part.start : part.end] == part.text != ""
    assert split_output("B", Example("…", text)) == {}


EL = "Ο Νίκος ψαρεύει με τη βάρκα. Το μεσημέρι πουλάει τα ψάρια στο λιμάνι. Πού τα πουλάει;"


def test_lines_of_one_language_go_to_the_steps_one_by_one() -> None:
    """Nothing tells where the first step ends: it has one line, and the next one is not robbed."""
    said = [
        "Nikos fishes every morning with the boat.",
        "At noon he sells the fish in the harbour.",
        "So he is a fisherman, in short.",
    ]
    found = parts("\n".join([*said, "In the harbour."]), "translate,summarise=S,answer", EL)
    assert found == {
        "translate": said[0],
        "summarise": "\n".join(said[1:]),
        "answer": "In the harbour.",
    }


def test_a_translation_goes_on_to_the_line_in_another_language() -> None:
    en = ["Nikos fishes every morning with the boat.", "At noon he sells the fish in the harbour."]
    de = "Nikos angelt jeden Morgen mit dem Boot und verkauft die Fische mittags im Hafen."
    found = parts("\n".join([*en, de, "In the harbour."]), "translate,summarise=S,answer", EL)
    assert found == {"translate": "\n".join(en), "summarise": de, "answer": "In the harbour."}

"""Accuracy: whether the final answer is exactly the gold one. Pure and total.

With choices the letters are compared; without, the texts as SQuAD's exact match compares them
(`sit_core.metrics.squad`). Nothing is ever looked for *within* something else. An output that was
cut off, and one in which the model refuses, has no value; like one without an answer it counts as
wrong in the mean over all.
"""

from collections.abc import Sequence

from sit_core.metrics.alignment import words
from sit_core.metrics.answers import FinalAnswer, final_answer, translated_choices
from sit_core.metrics.input_choices import InputQuestion, asked, plain
from sit_core.metrics.squad import exact_match
from sit_core.records import Example, Outcome, Prediction, Unparsed

_ENDED = {
    Outcome.CUT: "the output was cut off before its end",
    Outcome.REFUSED: "the model refused",
}


def accuracy(prediction: Prediction) -> float | Unparsed:
    r"""1.0 where the final answer is the gold one, 0.0 where it is another.

    `Unparsed` where there is no gold answer, or no one final answer in the output.

    >>> def scored(output, gold):
    ...     e = Example("…", "Where?\nChoices: A:bank, B:mall", reference=gold)
    ...     return accuracy(Prediction("run", e, output))
    >>> scored("Answer: B:mall", "B"), scored("A", "B"), scored("the mall", "mall")
    (1.0, 0.0, 1.0)
    >>> twice = Example("…", "Which?\nChoices: A:fish, B:mud, C:fish", reference="C")
    >>> accuracy(Prediction("run", twice, "Answer: fish"))
    1.0
    >>> scored("", "B"), scored("B", None)
    (Unparsed(reason='the output is empty'), Unparsed(reason='no gold answer'))
    """
    example = prediction.example
    golds = gold_answers(example)
    if not golds:
        return NO_GOLD
    questions = [asked(text) for text in texts_of_choices(example)]
    question = questions[0]
    letters = [_letter_in_any(gold, questions) for gold in golds] if question.choices else []
    if None in letters:
        return Unparsed("the gold answer is none of the choices", counted=None)
    found = answer_of(prediction)
    if isinstance(found, Unparsed):
        return found
    if question.choices:
        return float(any(found.letter in _alike(letters, one) for one in questions))
    return exact_match(found.text, golds, example.language)


NO_GOLD = Unparsed("no gold answer", counted=None)


def answer_of(prediction: Prediction) -> FinalAnswer | Unparsed:
    """The final answer of an output that came to its end by itself, as far as is known."""
    if prediction.outcome in _ENDED:
        return Unparsed(_ENDED[prediction.outcome])
    first, *translated = texts_of_choices(prediction.example)
    found = final_answer(prediction.output, first)
    for text in translated if isinstance(found, Unparsed) else ():
        other = final_answer(prediction.output, text)
        if isinstance(other, FinalAnswer):
            return other
    return found


def texts_of_choices(example: Example) -> list[str]:
    r"""Where the choices stand, then where they stand translated, as far as that is known.

    A question that is to be translated first may be answered by the choices of its translation: the
    text that a step *translate* should yield, if it lists choices by the same letters.

    >>> from sit_core.records import Step, chain
    >>> steps = chain([Step("translate", "T", expected="What?\nChoices: A:cow, B:owl")])
    >>> question = Example("…", "¿Qué?\nOpciones: A:vaca, B:búho", steps=steps, reference="owl")
    >>> texts_of_choices(question)[1:], accuracy(Prediction("r", question, "owl"))
    (['What?\nChoices: A:cow, B:owl'], 1.0)
    """
    own = text_of_choices(example)
    return [own, *translated_choices(example, own)]


def text_of_choices(example: Example) -> str:
    """Where the choices stand: the input, or the instruction where it holds the whole prompt.

    The instruction counts only where it lists choices, the input does not, and each gold answer is
    one of them: an example in a prompt may list others.
    """
    if asked(example.input).choices:
        return example.input
    listed = asked(example.instruction)
    golds = gold_answers(example)
    if listed.choices and golds and None not in [_gold_letter(gold, listed) for gold in golds]:
        return example.instruction
    return example.input


def gold_answers(example: Example) -> list[str]:
    """The gold answer, and its variants where the source gives several; empty ones don't count."""
    several = example.meta.get("references")
    golds = [example.reference, *(several if isinstance(several, list) else [])]
    kept = [gold for gold in golds if isinstance(gold, str) and words(gold)]
    return list(dict.fromkeys(kept))


def _gold_letter(gold: str, question: InputQuestion) -> str | None:
    """The letter of a gold given as ``B``, ``B: mall`` or ``mall``."""
    bare = gold.strip()
    letters = {choice.letter for choice in question.choices}
    if bare.upper() in letters:
        return bare.upper()
    found = final_answer(bare, "Which?\nChoices: " + _choices_line(question))
    if isinstance(found, FinalAnswer) and found.letter in letters:
        return found.letter
    return question.by_text.get(plain(bare))


def _letter_in_any(gold: str, questions: Sequence[InputQuestion]) -> str | None:
    found = (_gold_letter(gold, question) for question in questions)
    return next((letter for letter in found if letter is not None), None)


def _alike(letters: Sequence[str | None], question: InputQuestion) -> set[str | None]:
    """With the letters of choices that have the same text: they are the same answer."""
    texts = {plain(c.text) for c in question.choices if c.letter in letters} - {""}
    return {*letters, *(c.letter for c in question.choices if plain(c.text) in texts)}


def _choices_line(question: InputQuestion) -> str:
    return ", ".join(f"{choice.letter}:{choice.text}" for choice in question.choices)

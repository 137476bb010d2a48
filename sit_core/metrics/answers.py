r"""The final answer in an output: a value, or `Unparsed` with the reason. Pure and total.

A repeated list of choices is never an answer, however it is laid out; the answer that comes after
the last repetition wins over what came before it.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from sit_core.metrics.answer_candidates import AnswerCandidate, candidates
from sit_core.metrics.fuzzy_span import echoes
from sit_core.metrics.input_choices import InputQuestion, asked
from sit_core.metrics.option_lists import OptionList, listings
from sit_core.metrics.repetition import LEAST, is_repeated
from sit_core.metrics.sentences import lines_of
from sit_core.metrics.spans import Spans
from sit_core.metrics.text_limits import bounded
from sit_core.records import Example, Unparsed

_TURN = re.compile(
    r"^[ \t]*(?:#{2,}[ \t]*(?:instruction|input|question|task)\b|<\|(?:user|im_start)\|>|\[INST\])",
    re.IGNORECASE | re.MULTILINE,
)
"""Where a model that runs on begins a new turn by itself."""
_MARK = re.compile(
    r"^[ \t#*>]*(?:(?:the|so|final|correct|right|my)[ ,]+)*answer(?: is)?[ \t*]*:[ \t*]*\n?|"
    r"\b(?:the|my) (?:final |correct |right )?answer is:?[ \t*\"]*",
    re.IGNORECASE | re.MULTILINE,
)
_BLOCK = re.compile(r"(?:^|\n)(?:[^\n]*\b(?:question|input)\b[^\n]*\n(?:[^\n]*\n)?)?[^\n]*$", re.I)
"""The lines that lead to a list of choices."""


@dataclass(frozen=True, slots=True)
class FinalAnswer:
    """The final answer and where it stands in the output."""

    text: str
    """As written, without what announces it."""
    start: int
    end: int
    letter: str | None = None
    """The choice's letter; None where the question has no choices."""


def final_answer(output: str, input_text: str = "") -> FinalAnswer | Unparsed:
    r"""The final answer to what the input asks; total: never raises.

    Args:
        output: what the model wrote.
        input_text: the example's input; choices such as ``A:bank, B:library`` are found in it.

    >>> q = "Question: Where?\nChoices: A:bank, B:library, C:mall, D:a, E:new york, F:at home"
    >>> def letter(output):
    ...     found = final_answer(output, q)
    ...     return found.letter if isinstance(found, FinalAnswer) else found.reason
    >>> [letter(x) for x in ("B", "(b)", "B:library", "library", "The library.", "Answer: F")]
    ['B', 'B', 'B', 'B', 'B', 'F']
    >>> letter("The answer is (B), since a mall has no books.")
    'B'
    >>> letter(q + "\n\nCorrect answer: B. Learn more about it")
    'B'
    >>> {letter(x) for x in (q, q[:-12], "A: bank\nB: library\nC: mall")}
    {'the choices are repeated, but no answer follows'}
    >>> letter("The answer is a mall.")
    'C'
    >>> letter("The answer is A or B: library")
    'several different answers: A, B'
    >>> letter("The answer is B. No: the answer is C.")
    'several different answers: B, C'
    >>> letter("B: mall")
    'the letter B stands beside the words of C'
    >>> letter("A: bank\n\n### Input:\n" + q)
    'A'
    >>> letter(""), letter("I can't say.")
    ('the output is empty', 'no answer is to be found')
    >>> final_answer("He was born in Spain.\nAnswer: Spain").text
    'Spain'
    """
    if not output.strip():
        return Unparsed("the output is empty")
    read = bounded(output)
    found = _final_answer(read.text, bounded(input_text).text)
    if isinstance(found, Unparsed):
        return found
    start, end = read.span(found.start, found.end)
    return FinalAnswer(found.text, start, end, found.letter)


def _final_answer(output: str, input_text: str) -> FinalAnswer | Unparsed:
    question = asked(input_text)
    if not question.choices:
        return _free(output)
    lists, found = answer_signs(output, question)
    if not found:
        if any(not x.foreign for x in lists):
            return Unparsed("the choices are repeated, but no answer follows")
        return Unparsed("no answer is to be found")
    for candidate in found:
        if candidate.contradicts:
            return Unparsed(
                f"the letter {candidate.letter} stands beside the words of {candidate.contradicts}"
            )
    letters = list(dict.fromkeys(candidate.letter for candidate in found))
    if len(letters) > 1:
        return Unparsed(f"several different answers: {', '.join(letters)}")
    last = found[-1]
    return FinalAnswer(output[last.start : last.end], last.start, last.end, last.letter)


@lru_cache(maxsize=64)
def answer_signs(
    output: str, question: InputQuestion
) -> tuple[Sequence[OptionList], list[AnswerCandidate]]:
    """The repeated lists of choices, and the signs of an answer that decide."""
    lists = listings(output, question)
    end = len(output)
    for listing in lists:
        if listing.foreign:  # the model goes on with a question of its own
            block = _BLOCK.search(output, max(0, listing.start - 1000), listing.start)
            end = block.start() if block else listing.start
            break
    repeated = [
        (echo.start, echo.end)
        for echo in echoes(question.question, output, LEAST)
        if is_repeated(output, echo, question)
    ]
    hidden = Spans([*((x.start, x.end) for x in lists), *repeated])
    turns = [0, *(m.start() for m in _TURN.finditer(output, 1, end)), end]
    ends = sorted(x.end for x in lists)
    for start, stop in pairwise(turns):
        cuts = [start, *ends[bisect_right(ends, start) : bisect_right(ends, stop)], stop]
        for begin, until in reversed(list(pairwise(cuts))):
            if found := candidates(output, question, hidden, begin, until):
                return lists, found
    return lists, []


def translated_choices(example: Example, own: str) -> list[str]:
    """What steps are to translate the question into, where that lists the same choices by letter.

    Args:
        example: what was asked.
        own: where its choices stand.
    """
    letters = [choice.letter for choice in asked(own).choices]
    texts = example.meta.get("texts")
    known = [step.expected for step in example.steps if step.task == "translate"]
    known += [texts.get("translate")] if isinstance(texts, Mapping) else []
    return [
        text
        for text in dict.fromkeys(text for text in known if isinstance(text, str))
        if letters and [choice.letter for choice in asked(text).choices] == letters
    ]


def answered_text(output: str, example: Example, own: str) -> str:
    r"""The text that lists the choices which an output answers: its own, or what it translates to.

    Where the output lists the choices in translation, or answers with one of them alone, it is the
    translated question that is answered, and the same letters mean the same choices.

    Args:
        output: what the model wrote.
        example: what it was asked.
        own: where the choices stand, in the language of the input.

    >>> from sit_core.records import Step, chain
    >>> there, here = "¿Qué?\nOpciones: A:sol, B:mar", "What?\nChoices: A:sun, B:sea"
    >>> e = Example("…", there, steps=chain([Step("translate", "T", expected=here)]))
    >>> [answered_text(text, e, there) == here for text in (f"{here}\nsea", "sea", "B:mar", "")]
    [True, True, False, False]
    """
    read = bounded(output).text
    for text in translated_choices(example, own) if read.strip() else ():
        lists, signs = answer_signs(read, asked(bounded(text).text))
        if any(not one.foreign for one in lists):
            return text
        if signs and not answer_signs(read, asked(bounded(own).text))[1]:
            return text
    return own


def answers_before(output: str, question: InputQuestion, end: int) -> bool:
    """Whether one of the choices is plainly given before this place."""
    if not question.choices or not output[:end].strip():
        return False
    lists = [(x.start, x.end) for x in listings(output[:end], question)]
    return bool(candidates(output, question, Spans(lists), 0, end, plain_only=True))


def _free(output: str) -> FinalAnswer | Unparsed:
    """Without choices: what the last announcement announces, else the last line."""
    turn = _TURN.search(output, 1)
    text = output[: turn.start()] if turn and output[: turn.start()].strip() else output
    start, said = 0, len(text.rstrip())
    for mark in _MARK.finditer(text):
        if mark.end() < said:
            start = mark.end()
    lines = lines_of(text, start)
    begin, end = lines[0] if start else lines[-1]
    content = text[begin:end].strip(' \t*"“”')
    if not content:
        return Unparsed("no answer is to be found")
    begin += text[begin:end].find(content)
    return FinalAnswer(content, begin, begin + len(content))

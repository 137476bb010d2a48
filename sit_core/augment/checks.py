"""Whether a given or generated text will do as the expected text of a step; one check per task.

A check returns the reason against a text, or None. The reasons are counted, so they hold nothing of
the text itself.
"""

import re
from collections.abc import Callable

from sit_core.metrics.alignment import words
from sit_core.metrics.input_choices import asked, plain
from sit_core.metrics.language import language
from sit_core.metrics.refusal import refuses
from sit_core.records import Example, Unparsed
from sit_core.registry import Registry

Check = Callable[[Example, str, str], str | None]
"""Example, text, language wanted → what is wrong with the text, or None."""
CHECKS: Registry[Check] = Registry("check")
"""Task → its check; a task without one is only asked to have a text."""
SHORTEST, LONGEST = 1 / 3, 3.0
"""Of the input's length, in letters weighted by script, what a step's text may have."""
SLACK = 20
"""So many letters more or less are never too many: short texts vary much."""
_WIDE = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def fault_of_text(task: str, example: Example, text: str, into: str = "en") -> str | None:
    """Why a text can't be the expected text of this task's step, or None.

    >>> plum = Example("Name it.", "Which 2 colours has a plum?")
    >>> fault_of_text("paraphrase", plum, "which  2 colours has a plum")
    'the paraphrase is the input again'
    >>> fault_of_text("paraphrase", plum, "A plum has which colours?")
    'the paraphrase lacks a number of the input'
    >>> fault_of_text("paraphrase", plum, "A plum has 2 colours: which?") is None
    True
    """
    if not text.strip():
        return f"the text for {task!r} is empty"
    return CHECKS.get(task)(example, text, into) if task in CHECKS else None


@CHECKS.register("paraphrase")
def paraphrase_fault(example: Example, text: str, _into: str) -> str | None:
    """Other words, the same language, about as long, the same numbers and choices."""
    before, after = asked(example.input), asked(text)
    if refuses(text) and not refuses(example.input):
        return "the paraphrase is a refusal"
    if plain(before.question) == plain(after.question) or plain(example.input) == plain(text):
        return "the paraphrase is the input again"
    if [(c.letter, plain(c.text)) for c in before.choices] != [
        (c.letter, plain(c.text)) for c in after.choices
    ]:
        return "the paraphrase does not keep the choices"
    if not _numbers(example.input) <= _numbers(text):
        return "the paraphrase lacks a number of the input"
    spoken, wanted = language(text), example.language or language(example.input)
    known = not isinstance(spoken, Unparsed) and not isinstance(wanted, Unparsed)
    if known and spoken != wanted:
        return "the paraphrase is in another language"
    return _length_fault("paraphrase", example.input, text)


@CHECKS.register("translate")
def translation_fault(example: Example, text: str, into: str) -> str | None:
    """In the language asked for, not the input again, as many choices, about as long."""
    if refuses(text) and not refuses(example.input):
        return "the translation is a refusal"
    if plain(example.input) == plain(text):
        return "the translation is the input again"
    spoken = language(text)
    if not isinstance(spoken, Unparsed) and spoken != into:
        return "the translation is in another language"
    before, after = asked(example.input), asked(text)
    if [c.letter for c in before.choices] != [c.letter for c in after.choices]:
        return "the translation does not keep the choices"
    return _length_fault("translation", example.input, text)


@CHECKS.register("caption")
def caption_fault(example: Example, text: str, _into: str) -> str | None:
    """A description: some words, and not the answer in its place."""
    if plain(text) == plain(example.reference or ""):
        return "the caption is the answer"
    return "the caption is too short" if len(words(text)) < 3 else None


def _numbers(text: str) -> set[str]:
    """The numbers of a text, whatever separates their digits."""
    return {re.sub(r"\D", "", match) for match in _NUMBER.findall(text)}


def _weight(text: str) -> int:
    """Letters; one of a script that writes a syllable or word with it counts as three."""
    return sum(c.isalnum() for c in text) + 2 * len(_WIDE.findall(text))


def _length_fault(name: str, before: str, after: str) -> str | None:
    old, new = _weight(before), _weight(after)
    if new < old * SHORTEST - SLACK:
        return f"the {name} is too short"
    return f"the {name} is too long" if new > old * LONGEST + SLACK else None

"""Quality gates: whether a new instruction may take the place of the one before; small and pure.

Each says in a few words what is wrong, or None. The gates compare by words, so they can be wrong in
both directions; what they refuse is kept with the reason and counted, never thrown away unseen.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sit_core.metrics.input_choices import asked
from sit_core.metrics.language import SCRIPTS
from sit_core.plugins import PluginError, error_text, report_fault
from sit_core.registry import Registry
from sit_core.seq_instruct.record import Record
from sit_core.seq_instruct.text_comparison import (
    about_something_else,
    given_texts,
    languages,
    numbers,
    plain,
    share_kept,
    short,
)


@dataclass(frozen=True, slots=True)
class FilterInput:
    """A new instruction, and what it was made from."""

    before: Record
    instruction: str
    input: str
    max_words: int = 400

    @property
    def old(self) -> str:
        """All that was asked before."""
        return f"{self.before.instruction}\n{self.before.input}".strip()

    @property
    def new(self) -> str:
        """All that is asked now."""
        return f"{self.instruction}\n{self.input}".strip()


Gate = Callable[[FilterInput], str | None]


def _of_plugin(name: str, thing: Any) -> Gate:
    """A plugin's gate; one that fails refuses, because nothing is known of what it looks for."""
    if not callable(thing):
        raise PluginError(f"it is a {type(thing).__name__}, not a function")

    def guarded(candidate: FilterInput) -> str | None:
        try:
            why = thing(candidate)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            why = f"the gate failed ({error_text(error)})"
            report_fault("sit.gates", name, error_text(error))
        return None if why is None else str(why)

    return guarded


GATES: Registry[Gate] = Registry("gate", "sit.gates", _of_plugin)
"""Name, which is also the reason in a record → gate. The first one that refuses is the reason."""

DUPLICATE, ANSWER_TOO_LONG = "duplicate", "answer too long"
"""Gates that need more than one instruction to look at; see `duplicates` and `batches`."""
KEPT = 0.8
"""Of the words of a text that was given, so many must still be there."""
_NUMBERING = re.compile(r"(?m)^[ \t]*\(?\d{1,2}[.)][ \t]")
_LISTED = re.compile(r"(?m)^[ \t]*(?:[-*•]|\(?(?:[ivx]{1,4}|[a-zA-Z]|\d{1,2})[.)])[ \t]+(\S.*)$")
_INLINE = re.compile(
    r"\((?:[A-Ha-h]|i{1,3}|iv|v)\)\s*([^()\n]{1,80}?)(?=[ \t]*[,;.]?[ \t]*(?:\(|\n|\Z))"
)
_CODE = re.compile(r"```[^\n]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
_CODE_LINE = re.compile(
    r"(?m)^(?=.*[A-Za-z])(?:.*[;{}]\s*|\s*(?:def|class|import|from|for|while|if|return|print|"
    r"SELECT|INSERT|UPDATE|<\w+)\b.*[:()=*>].*|\s*\w+\s*=\s*\S.*)$"
)
_NAME = re.compile(r"[^\W\d]\w*")
_ANSWERED = re.compile(
    r"(?im)^[ \t#*]*(?:the )?(?:answer|response|output|solution|result)[ \t*]*:[ \t*]*\S"
)


@GATES.register("unchanged")
def unchanged(candidate: FilterInput) -> str | None:
    """The same words as before."""
    same = plain(candidate.instruction) == plain(candidate.before.instruction)
    return "it has the same words as before" if same else None


@GATES.register("lost choices")
def lost_choices(candidate: FilterInput) -> str | None:
    """A choice or list item that was offered is no longer there."""
    offered = [choice.text for choice in asked(candidate.old).choices]
    offered += [match.group(1) for match in _LISTED.finditer(candidate.old)]
    inline = _INLINE.findall(candidate.old)
    offered += inline if len(inline) > 1 else []
    new = f" {plain(candidate.new)} "
    for text in offered:
        if (words := plain(text)) and f" {words} " not in new:
            return f"the choice {short(text)} is not in it any more"
    return None


@GATES.register("lost code")
def lost_code(candidate: FilterInput) -> str | None:
    """Code that was given is no longer there."""
    old = candidate.old
    pieces = [a or b for a, b in _CODE.findall(old)]
    pieces += [match.group() for match in _CODE_LINE.finditer(_CODE.sub(" ", old))]
    there = set(_NAME.findall(candidate.new))
    for piece in pieces:
        names = _NAME.findall(piece)
        if names and sum(name in there for name in names) < KEPT * len(names):
            return f"the code {short(piece)} is not in it any more"
    return None


@GATES.register("lost the input")
def lost_input(candidate: FilterInput) -> str | None:
    """A text that was given (as input, in quotes, after a colon) is no longer there."""
    given = given_texts(candidate.before)
    for text in given:
        if share_kept(text, candidate.new) < KEPT:
            return f"the text {short(text)} is not in it any more"
    return None


@GATES.register("lost numbers")
def lost_numbers(candidate: FilterInput) -> str | None:
    """A number that was asked for or given is no longer there, neither as digits nor as a word."""
    there = numbers(candidate.new)
    for number in sorted(numbers(_NUMBERING.sub(" ", candidate.old))):
        if number not in there:
            return f"the number {number[:30]} is not in it any more"
    return None


@GATES.register("answers itself")
def answers_itself(candidate: FilterInput) -> str | None:
    """It holds an answer: the known one, or a part that is headed so."""
    answer = plain(candidate.before.response or "")
    told = answer in plain(candidate.new) and answer not in plain(candidate.old)
    if told and len(answer.split()) >= 4:
        return "it holds the answer"
    if _ANSWERED.search(candidate.instruction) and not _ANSWERED.search(candidate.old):
        return "a part of it is headed as an answer"
    return None


@GATES.register("too long")
def too_long(candidate: FilterInput) -> str | None:
    """More words than are allowed."""
    count = len(candidate.instruction.split())
    return f"it has {count:,} words" if count > candidate.max_words else None


@GATES.register("several languages")
def several_languages(candidate: FilterInput) -> str | None:
    """A language in it that was not in it before."""
    for code, characters in SCRIPTS.items():
        script = re.compile(f"[{characters}]")
        if len(script.findall(candidate.instruction)) >= 3 and not script.search(candidate.old):
            return f"it is partly in another script ({code})"
    before = languages(candidate.old)
    new = languages(candidate.instruction) - before
    if before and new:
        return f"it is partly in another language ({', '.join(sorted(new))})"
    return None


@GATES.register("another topic")
def another_topic(candidate: FilterInput) -> str | None:
    """It has no word of what was asked about: the answer to an example of the prompt, perhaps."""
    if about_something_else(candidate.old, candidate.instruction):
        return "it is about something else"
    return None


@GATES.register(DUPLICATE)
def duplicate(_: FilterInput) -> str | None:
    """Nearly the words of an earlier one: looked at in `duplicates`, wave by wave."""
    return None


@GATES.register(ANSWER_TOO_LONG)
def answer_too_long(_: FilterInput) -> str | None:
    """Looked at when the answer is there."""
    return None


def refused_by(candidate: FilterInput, names: tuple[str, ...]) -> tuple[str, str] | None:
    """The first gate that refuses, and why; None: it may pass."""
    for name in names:
        why = GATES.get(name)(candidate)
        if why is not None:
            return name, why
    return None

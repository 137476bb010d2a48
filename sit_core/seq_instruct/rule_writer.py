"""The writer that needs no model: fewer kinds of sequence, made by rules, nothing invented.

It replies in the form that models are asked for, so that what reads their replies reads these.
It prefixes (repeat the input, or the question), suffixes (the answer in capitals, its number of
words) and decomposes (the choice's letter, then its text; two tasks that "and" joins); where none
of that fits it holds. It answers only with what follows from the answer that is known already.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sit_core.metrics.input_choices import asked as choices_of
from sit_core.seq_instruct.filters import (
    FilterInput,
    lost_choices,
    lost_code,
    lost_input,
    lost_numbers,
)
from sit_core.seq_instruct.record import Record
from sit_core.seq_instruct.stages import CLASSIFY, GENERATE, REFINE, Option
from sit_core.seq_instruct.state import NO_ANSWER, input_beside
from sit_core.sources.seen import hash64

REPEAT_INPUT = "First repeat the input, then do this: "
REPEAT_QUESTION = "First repeat this question, then answer it: "
CAPITALS = "Then write your whole answer once more in capital letters."
COUNT = "Then write the number of words in your answer."
ALL_CAPITALS = "Then write all of that once more in capital letters."
ALL_COUNT = "Then write the number of words in all of that."
"""After a prefix of ours: "your answer" could then be that of the last task alone."""
LETTER = "First write the letter of the right choice, then its text: "
MOST_SUFFIX_WORDS = 60
"""A longer answer is not asked for a second time."""
_PREFIXES = (REPEAT_INPUT, REPEAT_QUESTION, LETTER)
_SUFFIXES = (CAPITALS, COUNT, ALL_CAPITALS, ALL_COUNT)
_SEQUENCE = re.compile(r"(?i)\b(?:then|afterwards|after that|first(?:ly)?|finally|next)\b")
_VERBS = (
    "add analyze answer arrange calculate change check choose classify compare compose count "
    "create define describe determine discuss draw edit evaluate explain find generate give "
    "identify list make name output outline predict provide rank read reply return rewrite "
    "select show sort state suggest summarize tell translate use write"
)
_TWO_TASKS = re.compile(
    rf"\A((?:{'|'.join(_VERBS.split())})\b[^.?!:;\n]{{3,}}?),? and "
    rf"((?:{'|'.join(_VERBS.split())})\b[^.?!\n]{{3,}})([.!]?)\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class StageCall:
    """One call in the terms of the stages, as the rules want it."""

    stage: str
    before: Record
    option: Option | None = None
    proposed: str = ""
    seed: int = 0


def reply_to(asked: StageCall) -> str:
    """What the rules reply, in the form that models are asked for."""
    if asked.stage == CLASSIFY:
        kind = _kind(asked.before, asked.seed)
        return f"By rules: {kind.why}.\nOption: {kind.option}"
    if asked.stage == GENERATE:
        kind = _kind(asked.before, asked.seed, asked.option)
        if kind.option is Option.HOLD:
            return "No rule makes that of it."
        return f"<instruction>{kind.make(asked.before)}</instruction>"
    if asked.stage == REFINE:
        return _refined(asked)
    return _answer(asked.before, asked.proposed)


@dataclass(frozen=True, slots=True)
class _Kind:
    option: Option
    why: str
    make: Callable[[Record], str] = lambda before: before.instruction


_PREFIX = _Kind(Option.PREFIX, "the input can be repeated", lambda b: REPEAT_INPUT + b.instruction)
_PREFIX_QUESTION = _Kind(
    Option.PREFIX, "the question can be repeated", lambda b: REPEAT_QUESTION + b.instruction
)
_CAPITALS = _Kind(
    Option.SUFFIX, "the answer is short", lambda b: _with_suffix(b, CAPITALS, ALL_CAPITALS)
)
_COUNT = _Kind(Option.SUFFIX, "the answer has words", lambda b: _with_suffix(b, COUNT, ALL_COUNT))
_CHOICE = _Kind(
    Option.DECOMPOSE, "a choice is a letter and a text", lambda b: LETTER + b.instruction
)
_AND = _Kind(Option.DECOMPOSE, "it joins two tasks by and", lambda b: _divided(b.instruction))
_HOLD = _Kind(Option.HOLD, "no rule fits")


def _kind(before: Record, seed: int, option: Option | None = None) -> _Kind:
    """One of the kinds that fit, drawn by the seed and the text; of the option, if one is said."""
    fitting = [k for k in _fitting(before) if option is None or k.option is option]
    if not fitting:
        return _HOLD
    return fitting[hash64(str(seed), before.instruction, before.input) % len(fitting)]


def _fitting(before: Record) -> Iterator[_Kind]:
    text, answer = before.instruction, before.response or ""
    made_by_us = text.startswith(_PREFIXES) or text.endswith(_SUFFIXES)
    if _SEQUENCE.search(text) and not made_by_us:
        return  # it asks for a sequence already
    ours = text.endswith(_SUFFIXES)
    if not ours and 0 < len(answer.split()) <= MOST_SUFFIX_WORDS:
        yield _CAPITALS
        yield _COUNT
    if text.startswith(_PREFIXES):
        return
    if before.input.strip():
        yield _PREFIX
    elif text.rstrip().endswith("?"):
        yield _PREFIX_QUESTION
    if not ours and _chosen(before) is not None:
        yield _CHOICE
    if _TWO_TASKS.match(text.strip()):
        yield _AND


def _with_suffix(before: Record, of_answer: str, of_all: str) -> str:
    prefixed = before.instruction.startswith(_PREFIXES)
    return f"{before.instruction.rstrip()}\n\n{of_all if prefixed else of_answer}"


def _divided(instruction: str) -> str:
    match = _TWO_TASKS.match(instruction.strip())
    assert match is not None
    first, second, end = match.groups()
    return f"First do this: {first}. Then do this: {second}{end or '.'}"


def _chosen(before: Record) -> tuple[str, str] | None:
    """Letter and text of the choice that is the known answer."""
    choices = choices_of(before.input or before.instruction).choices
    answer = (before.response or "").strip()
    for choice in choices:
        if answer in (choice.letter, choice.text, f"{choice.letter}: {choice.text}"):
            return choice.letter, choice.text
    return None


def _refined(asked: StageCall) -> str:
    """Nothing lost: complete; else the old instruction is put below the new one."""
    beside = input_beside(asked.proposed, asked.before.input)
    candidate = FilterInput(asked.before, asked.proposed, beside)
    checks = (lost_input, lost_choices, lost_numbers, lost_code)
    if any(check(candidate) for check in checks):
        whole = f"{asked.proposed}\n\nThis was asked at first: {asked.before.instruction}"
        return f"Complete: no\n<instruction>{whole}</instruction>"
    return "Complete: yes"


def _answer(before: Record, instruction: str) -> str:
    known = before.response
    if known is None or not known.strip():
        return NO_ANSWER
    old = before.instruction
    if instruction == REPEAT_INPUT + old:
        return f"{before.input}\n{known}"
    if instruction == REPEAT_QUESTION + old:
        return f"{old}\n{known}"
    if instruction == _CAPITALS.make(before):
        return f"{known}\n{known.upper()}"
    if instruction == _COUNT.make(before):
        return f"{known}\n{len(known.split())}"
    if instruction == LETTER + old and (chosen := _chosen(before)):
        return "\n".join(chosen)
    if _TWO_TASKS.match(old.strip()) and instruction == _divided(old):
        return known
    return NO_ANSWER

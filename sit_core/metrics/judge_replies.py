r"""What an LLM judge's reply says: a verdict, or why there is none. Total and strict.

A reply is a verdict when it is nothing else (``Yes, 4``, ``[[No, 2.5]]``), or when its first or
last line is nothing but a verdict in double brackets and no other line contradicts it. Marks of
Markdown around a line, a full stop after it, a block of code around it and, where no line is a
verdict alone, a heading before it (``Final verdict: [[Yes, 4]]``) don't count. A word inside a
sentence is never one, nor is a verdict in single brackets: the form that judges are asked for, and
that GPT-4-Turbo's verdicts on SeqEval were read by, has two.

Everything here takes time linear in the reply.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sit_core.records import Unparsed, Verdict

T = TypeVar("T")
_NUMBER = r"[+-]?[0-9]{1,6}(?:\.[0-9]{1,6})?"
_FOLLOWING = re.compile(rf"(yes|no)(?:\s*,\s*({_NUMBER}))?", re.IGNORECASE | re.ASCII)
_STEP = re.compile(r"yes|no|partly", re.IGNORECASE | re.ASCII)
_PREFERENCE = re.compile(r"1|2|tie", re.IGNORECASE | re.ASCII)
_AROUND = " \t*_`>#~"
"""What Markdown puts around a line."""
_HEADING = 60
"""At most so many characters stand before the colon of a heading."""
TIE = 0
"""What stands for "neither is better" in a preference."""


@dataclass(frozen=True, slots=True)
class FollowingReply:
    """Whether all tasks were followed, and how good the output is."""

    following: bool
    quality: float | None
    """None where the judge gave none."""


def read_following(
    text: str, *, lowest: float = 1.0, highest: float = 5.0, cut: bool = False
) -> FollowingReply | Unparsed:
    r"""A verdict on all tasks with a quality.

    Args:
        text: the reply.
        lowest: the worst quality there is.
        highest: the best.
        cut: whether the limit of tokens ended it; then only a closed verdict counts.

    >>> read_following("[[Yes, 5]]")
    FollowingReply(following=True, quality=5.0)
    >>> read_following("No, 2.5"), read_following("No, 4]]").quality
    (FollowingReply(following=False, quality=2.5), 4.0)
    >>> read_following("It did both.\n[[yes, 4]]").following
    True
    >>> read_following("[Yes, 4]").reason
    'it holds no verdict of the form that was asked for'
    >>> read_following("Yes, 9").reason
    'the quality 9 is not between 1 and 5'
    >>> read_following("[[Yes, 5]]\n[[No, 1]]").reason
    'it holds verdicts that contradict each other'
    """

    def said(body: str, bare: bool) -> FollowingReply | Unparsed | None:
        match = _FOLLOWING.fullmatch(body)
        if match is None or (bare and match[2] is None):
            return None  # a lone "yes" may be the beginning of anything
        if match[2] is not None and not lowest <= float(match[2]) <= highest:
            return Unparsed(f"the quality {match[2]} is not between {lowest:g} and {highest:g}")
        return FollowingReply(
            match[1].lower() == "yes", None if match[2] is None else float(match[2])
        )

    return _read(text, said, cut)


def read_step(text: str, *, cut: bool = False) -> Verdict | Unparsed:
    """A verdict on one step.

    >>> read_step("[[Partly]]"), read_step("No")
    (<Verdict.PARTLY: 'partly'>, <Verdict.NO: 'no'>)
    >>> read_step("Yes, it did.").reason
    'it holds no verdict of the form that was asked for'
    """

    def said(body: str, _bare: bool) -> Verdict | None:
        return Verdict(body.lower()) if _STEP.fullmatch(body) else None

    return _read(text, said, cut)


def read_preference(text: str, *, cut: bool = False) -> int | Unparsed:
    r"""Which of two outputs is better: 1, 2, or `TIE`.

    >>> read_preference("[[2]]"), read_preference("Both fail.\n[[Tie]]")
    (2, 0)
    >>> read_preference("2 is better than 1").reason
    'it holds no verdict of the form that was asked for'
    """

    def said(body: str, _bare: bool) -> int | None:
        if not _PREFERENCE.fullmatch(body):
            return None
        return TIE if body.lower() == "tie" else int(body)

    return _read(text, said, cut)


def _read(text: str, said: Callable[[str, bool], T | Unparsed | None], cut: bool) -> T | Unparsed:
    lines = [line for raw in text.splitlines() if (line := raw.strip())]
    if not lines:
        return Unparsed("it is empty")
    lines = [line for line in lines if not line.startswith(("```", "~~~"))] or lines
    alone: list[T | Unparsed | None] = []
    headed: list[T | Unparsed | None] = []
    for line in lines:
        heading, inside = _bracketed(line)
        found = None if inside is None else said(inside, False)
        alone.append(None if heading else found)
        headed.append(found)
    for verdicts in (alone, headed):
        at_an_end = verdicts[-1] if verdicts[-1] is not None else verdicts[0]
        if at_an_end is not None:
            if any(found not in (None, at_an_end) for found in verdicts):
                return Unparsed("it holds verdicts that contradict each other")
            return at_an_end
    if cut:
        return Unparsed("it was cut off by its limit of tokens before its verdict")
    if len(lines) == 1:
        bare = lines[0].strip(_AROUND).removeprefix("[[").removesuffix("]]")
        found = said(bare.strip(_AROUND).removesuffix(".").strip(_AROUND), True)
        if found is not None:
            return found
    return Unparsed("it holds no verdict of the form that was asked for")


def _bracketed(line: str) -> tuple[bool, str | None]:
    """(whether a heading stands before it, what stands in double brackets) of a whole line."""
    plain = line.strip(_AROUND)
    if plain.endswith((".", "!")):
        plain = plain[:-1].rstrip(_AROUND)
    start = plain.find("[[")
    if start < 0 or not plain.endswith("]]"):
        return False, None
    before = plain[:start].rstrip(_AROUND) if start else ""
    if before and not (before.endswith((":", "：")) and len(before) <= _HEADING):
        return False, None
    return bool(before), plain[start + 2 : -2].strip(_AROUND)

"""Quality gates: whether a new instruction may take the place of the one before; small and pure.

Each says in a few words what is wrong, or None. The gates compare by words, so they can be wrong in
both directions; what they refuse is kept with the reason and counted, never thrown away unseen.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sit_core.augment.seq_instruct.comparing import plain
from sit_core.augment.seq_instruct.record import Record
from sit_core.records import Unparsed
from sit_core.registry import Registry
from sit_core.scoring.choices import asked
from sit_core.scoring.language import FREQUENT, SCRIPTS, language


@dataclass(frozen=True, slots=True)
class Candidate:
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


Gate = Callable[[Candidate], str | None]
GATES: Registry[Gate] = Registry("gate")
"""Name, which is also the reason in a record → gate. The first one that refuses is the reason."""

DUPLICATE, ANSWER_TOO_LONG = "duplicate", "answer too long"
"""Gates that need more than one instruction to look at; see `duplicates` and `waves`."""
KEPT = 0.8
"""Of the words of a text that was given, so many must still be there."""
_QUOTED = re.compile(r"“([^”]{8,})”|\"([^\"]{8,})\"|(?<!\w)'([^'\n]{12,})'(?!\w)")
_AFTER_COLON = re.compile(r":[ \t]*\n?(.{12,})\Z", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_NUMBERING = re.compile(r"(?m)^[ \t]*\(?\d{1,2}[.)][ \t]")
_WORDS = "two three four five six seven eight nine ten eleven twelve"
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_WORDS.split(), 2)}
_LISTED = re.compile(r"(?m)^[ \t]*(?:[-*•]|\(?(?:[ivx]{1,4}|[a-zA-Z]|\d{1,2})[.)])[ \t]+(\S.*)$")
_CODE = re.compile(r"```[^\n]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
_CODE_LINE = re.compile(
    r"(?m)^(?=.*[A-Za-z])(?:.*[;{}]\s*|\s*(?:def|class|import|from|for|while|if|return|print|"
    r"SELECT|INSERT|UPDATE|<\w+)\b.*[:()=*>].*|\s*\w+\s*=\s*\S.*)$"
)
_NAME = re.compile(r"[^\W\d]\w*")
_ANSWERED = re.compile(
    r"(?im)^[ \t#*]*(?:the )?(?:answer|response|output|solution|result)[ \t*]*:[ \t*]*\S"
)
_CLAUSE = re.compile(r"[.!?;:\n。！？]+")


@GATES.register("unchanged")
def unchanged(candidate: Candidate) -> str | None:
    """The same words as before."""
    same = plain(candidate.instruction) == plain(candidate.before.instruction)
    return "it has the same words as before" if same else None


@GATES.register("lost the input")
def lost_input(candidate: Candidate) -> str | None:
    """A text that was given (as input, in quotes, after a colon) is no longer there."""
    given = given_texts(candidate.before)
    for text in given:
        if share_kept(text, candidate.new) < KEPT:
            return f"the text {_short(text)} is not in it any more"
    return None


@GATES.register("lost choices")
def lost_choices(candidate: Candidate) -> str | None:
    """A choice or list item that was offered is no longer there."""
    offered = [choice.text for choice in asked(candidate.old).choices]
    offered += [match.group(1) for match in _LISTED.finditer(candidate.old)]
    new = f" {plain(candidate.new)} "
    for text in offered:
        if (words := plain(text)) and f" {words} " not in new:
            return f"the choice {_short(text)} is not in it any more"
    return None


@GATES.register("lost numbers")
def lost_numbers(candidate: Candidate) -> str | None:
    """A number that was asked for or given is no longer there, neither as digits nor as a word."""
    there = numbers(candidate.new)
    for number in sorted(numbers(_NUMBERING.sub(" ", candidate.old))):
        if number not in there:
            return f"the number {number[:30]} is not in it any more"
    return None


@GATES.register("lost code")
def lost_code(candidate: Candidate) -> str | None:
    """Code that was given is no longer there."""
    old = candidate.old
    pieces = [a or b for a, b in _CODE.findall(old)]
    pieces += [match.group() for match in _CODE_LINE.finditer(_CODE.sub(" ", old))]
    there = set(_NAME.findall(candidate.new))
    for piece in pieces:
        names = _NAME.findall(piece)
        if names and sum(name in there for name in names) < KEPT * len(names):
            return f"the code {_short(piece)} is not in it any more"
    return None


@GATES.register("answers itself")
def answers_itself(candidate: Candidate) -> str | None:
    """It holds an answer: the known one, or a part that is headed so."""
    answer = plain(candidate.before.response or "")
    told = answer in plain(candidate.new) and answer not in plain(candidate.old)
    if told and len(answer.split()) >= 4:
        return "it holds the answer"
    if _ANSWERED.search(candidate.instruction) and not _ANSWERED.search(candidate.old):
        return "a part of it is headed as an answer"
    return None


@GATES.register("too long")
def too_long(candidate: Candidate) -> str | None:
    """More words than are allowed."""
    count = len(candidate.instruction.split())
    return f"it has {count:,} words" if count > candidate.max_words else None


@GATES.register("several languages")
def several_languages(candidate: Candidate) -> str | None:
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


@GATES.register(DUPLICATE)
def duplicate(_: Candidate) -> str | None:
    """Nearly the words of an earlier one: looked at in `duplicates`, wave by wave."""
    return None


@GATES.register(ANSWER_TOO_LONG)
def answer_too_long(_: Candidate) -> str | None:
    """Looked at when the answer is there."""
    return None


def refused_by(candidate: Candidate, names: tuple[str, ...]) -> tuple[str, str] | None:
    """The first gate that refuses, and why; None: it may pass."""
    for name in names:
        why = GATES.get(name)(candidate)
        if why is not None:
            return name, why
    return None


def given_texts(before: Record) -> list[str]:
    """What the instruction is about: its input; without one, what it quotes or has after a colon.

    >>> from sit_core.augment.seq_instruct.stages import State
    >>> given_texts(Record(0, 0, State.SEED, "Name its colour: a ripe plum on a plate"))
    ['a ripe plum on a plate']
    >>> given_texts(Record(0, 0, State.SEED, "Name a colour.", "a plum")), given_texts(
    ...     Record(0, 0, State.SEED, "Name a colour."))
    (['a plum'], [])
    """
    found = [before.input] if before.input.strip() else []
    found += [next(filter(None, groups)) for groups in _QUOTED.findall(before.instruction)]
    if not found and (match := _AFTER_COLON.search(before.instruction)):
        found.append(match.group(1))
    return found


def share_kept(given: str, new: str) -> float:
    """The share of the words of one text that are in the other, each as often as it is there.

    >>> share_kept("a ripe plum", "Is a plum ripe?"), round(share_kept("one two three", "two"), 2)
    (1.0, 0.33)
    """
    wanted, there = plain(given).split(), plain(new).split()
    if not wanted:
        return 1.0
    left: dict[str, int] = {}
    for word in there:
        left[word] = left.get(word, 0) + 1
    kept = 0
    for word in wanted:
        if left.get(word):
            left[word] -= 1
            kept += 1
    return kept / len(wanted)


def numbers(text: str) -> set[str]:
    """The numbers in a text as digits; two to twelve also where they are words.

    >>> sorted(numbers("Give two of the 1,000 ways; it takes 3.5 s."))
    ['1000', '2', '3.5']
    """
    found = {match.replace(",", "") for match in _NUMBER.findall(text)}
    words = re.findall(r"[a-z]+", text.lower())
    return found | {_NUMBER_WORDS[word] for word in words if word in _NUMBER_WORDS}


def languages(text: str) -> set[str]:
    """The languages of a text and of its clauses, as far as they can be told with some certainty.

    >>> languages("Where is the hive of the bees?"), languages("A bottle?")
    ({'en'}, set())
    """
    found = set()
    parts = (part.strip() for part in (text.rstrip(".!?\n"), *_CLAUSE.split(text)))
    for clause in dict.fromkeys(parts):
        code = language(clause)
        if not isinstance(code, Unparsed) and _surely(code, clause):
            found.add(code)
    return found


def _surely(code: str, text: str) -> bool:
    """Whether there are words enough: three frequent ones (no single letters), or a script."""
    if code in SCRIPTS:
        return True
    frequent = set(FREQUENT[code].split())
    words = [word for word in plain(text).split() if len(word) > 1]
    return sum(word in frequent for word in words) >= 3


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else line[:59] + "…")

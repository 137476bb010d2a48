"""What a multiple-choice input asks: its question and its lettered choices, however many."""

import re
from dataclasses import dataclass
from functools import lru_cache

from sit_core.metrics.alignment import NO_SPACES, words
from sit_core.metrics.text_limits import READ

LABEL = re.compile(
    r"(?<![\w'’.])[(\[*]{0,4}([A-Z])[*)\]]{0,4}(?:[:.)][*)]{0,4}|(?<=[)\]]))(?=\s|\w|[\"'(*-]|$)"
)
"""A choice's label where it opens a choice: ``B:``, ``B.``, ``B)``, ``(B)``, ``**B:**``."""
_LEAD = re.compile(r"(?:^|\n)[ \t]*(?:answer )?(?:choices|options)\s*:[ \t]*\n?", re.IGNORECASE)
_QUESTION = re.compile(r"^\s*(?:input\s*:\s*)?question\s*:\s*", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|an?)\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class InputChoice:
    """One choice, e.g. ``B:library``."""

    letter: str
    text: str


@dataclass(frozen=True, slots=True)
class InputQuestion:
    """A question, and the choices it offers, if it does."""

    question: str
    """Without its label."""
    choices: tuple[InputChoice, ...] = ()

    @property
    def by_text(self) -> dict[str, str]:
        """Plain text of a choice (see `plain`) → its letter, the first where two are the same."""
        found: dict[str, str] = {}
        for choice in self.choices:
            found.setdefault(plain(choice.text), choice.letter)
        found.pop("", None)
        return found


@lru_cache(maxsize=8192)
def asked(text: str) -> InputQuestion:
    r"""The question and the choices of an input; total.

    The letters must run A, B, C, …; a comma within a choice, or a letter out of turn, makes no new
    one.

    >>> found = asked("Question: Who, me?\nChoices: A:you, B:rome, italy, C:vitamin B: yes, D:no")
    >>> found.question, [c.text for c in found.choices]
    ('Who, me?', ['you', 'rome, italy', 'vitamin B: yes', 'no'])
    >>> [c.letter for c in asked("Which?\n(A) one\n(B) two\n(C) three").choices]
    ['A', 'B', 'C']
    >>> asked("Translate: A cat.").choices, asked("").question
    ((), '')
    """
    lead = None
    for lead in _LEAD.finditer(text):  # noqa: B007 - the last one
        pass
    start = lead.end() if lead else 0
    starts = _in_turn(text, start)
    if len(starts) < 2:
        return InputQuestion(_QUESTION.sub("", text).strip())
    ends = [match.start() for match in starts[1:]] + [len(text)]
    choices = tuple(
        InputChoice(match.group(1), text[match.end() : end].strip().rstrip(",;").strip())
        for match, end in zip(starts, ends, strict=True)
    )
    head = text[: lead.start() if lead else starts[0].start()]
    return InputQuestion(_QUESTION.sub("", head).strip(), choices)


def _in_turn(text: str, start: int) -> list[re.Match[str]]:
    """The labels A, B, C, … in turn; each but the first follows a comma, a line or a blank."""
    found: list[re.Match[str]] = []
    for match in LABEL.finditer(text, start):
        if ord(match.group(1)) != ord("A") + len(found):
            continue
        before = text[start : match.start()].rstrip(" \t")
        if not found or before.endswith((",", ";", "\n", "|")):
            found.append(match)
    return found


_SHORT = 200
_MOST_WORDS = 40
"""So many of its words tell a choice apart; a pattern of more would take long to make."""
_NO_SPACE = re.compile(f"[{NO_SPACES}]")
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|ed|es|s|e)$")


@lru_cache(maxsize=8192)
def words_pattern(plain_text: str, inflected: bool = False) -> re.Pattern[str]:
    """These words (see `plain`) with anything but letters between; matches nothing without any.

    >>> bool(words_pattern("play ball", inflected=True).search("They are playing balls."))
    True
    >>> bool(words_pattern(plain("天空")).match("天空。")), bool(words_pattern("").search("a"))
    (True, False)
    """
    found = plain_text.split()[:_MOST_WORDS]
    if not found:
        return re.compile(r"(?!)")
    made = ["" if _NO_SPACE.match(found[0]) else r"(?<!\w)"]
    for n, word in enumerate(found):
        tight = n > 0 and (_NO_SPACE.match(word) or _NO_SPACE.match(found[n - 1]))
        made.append("" if n == 0 else r"\W*" if tight else r"\W+")
        stem = inflected and len(word) > 3
        made.append(re.escape(_ENDING.sub("", word) if stem else word))
        made.append("(?:e|e?s|ing|e?d)?" if stem else "")
    made.append("" if _NO_SPACE.match(found[-1]) else r"(?!\w)")
    return re.compile("".join(made), re.IGNORECASE)


def plain(text: str) -> str:
    """A choice's text for comparison: its words in lower case, without a leading article.

    >>> plain("The  Friend's house."), plain("a"), plain("!")
    ('friend s house', 'a', '')
    """
    if len(text) > _SHORT:
        return _plain(text[:READ])
    return _remembered(text)


@lru_cache(maxsize=8192)
def _remembered(text: str) -> str:
    return _plain(text)


def _plain(text: str) -> str:
    return _ARTICLE.sub("", " ".join(text[i:j].casefold() for i, j in words(text)))

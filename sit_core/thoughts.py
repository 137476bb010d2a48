r"""What a reasoning model writes before its answer, told apart from the answer. Linear in time.

Models mark their thoughts in a few ways (`MARKS`). Where a chat template opens them in the prompt,
an output has the closing mark alone. Only what stands *before* the answer is taken for thoughts: a
text that talks about ``<think>`` further on stays as it is.

>>> split_thoughts("<think>\nHm.\n</think>\n\nhello")
Split(text='hello', thoughts='Hm.', closed=True)
>>> split_thoughts("Models think between <think> and </think>.").thoughts
''
"""

import re
from dataclasses import dataclass

MARKS: dict[str, str] = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "<mm:think>": "</mm:think>",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
    "<|channel|>analysis<|message|>": "<|channel|>final<|message|>",
}
"""Opening → closing mark: DeepSeek, Qwen and most; Claude; Gemini; GRPO recipes; Seed; MiniMax;
Sky-T1; Mistral; Kimi; gpt-oss."""
SPECIAL: tuple[str, ...] = (
    *("<think>", "</think>", "<seed:think>", "</seed:think>", "<mm:think>", "</mm:think>"),
    *("[THINK]", "[/THINK]", "◁think▷", "◁/think▷"),
    *("<|channel|>", "<|message|>", "<|start|>", "<|end|>"),
)
"""Parts of marks that a tokenizer may count among its special tokens, which decoding leaves out."""
_ALONE = {close: opening for opening, close in MARKS.items() if "|" not in close}
"""Closing marks that end thoughts also where none were opened."""
_FIRST = frozenset(mark[0] for marks in MARKS.items() for mark in marks)
"""What the marks begin with; a text without these has none."""
_LONGEST = max(map(len, MARKS))
_BLOCKS = 100
"""Of more blocks of thoughts on end, what follows is text."""
_BETWEEN = re.compile(r"<\|end\|>(?:<\|start\|>assistant)?\s*\Z")
_PAIRS = {"'": "'", '"': '"', "“": "”", "‘": "’", "«": "»", "(": ")", "[": "]", "*": "*"}


@dataclass(frozen=True, slots=True)
class Split:
    """A model's text, parted."""

    text: str
    """The answer."""
    thoughts: str
    """What stood before it, without its marks; empty where there is none."""
    closed: bool = True
    """False where thoughts were begun and never ended, so that there is no answer."""


def split_thoughts(text: str, opened: bool = False) -> Split:
    r"""Part a text.

    Args:
        text: a model's whole text, or its beginning.
        opened: whether the prompt ended with an opening mark.

    >>> split_thoughts("The user wants hello.\n</think>\n\nhello").text
    'hello'
    >>> split_thoughts("<think>\nLet me see")
    Split(text='', thoughts='Let me see', closed=False)
    >>> split_thoughts("so be it</think>hello", opened=True).thoughts
    'so be it'
    """
    if not opened and not may_hold_thoughts(text):
        return Split(text, "")
    found, rest, closed = _leading(text, opened)
    if not found:
        place, mark = _closing_alone(text)
        if place < 0:
            return Split(text, "")
        more, rest, closed = _leading(text[place + len(mark) :], False)
        found = [text[:place], *more]
    parts = [_BETWEEN.sub("", part).strip() for part in found]
    # The blank lines after a mark belong to it, not to the answer.
    return Split(rest.lstrip(), "\n\n".join(part for part in parts if part), closed)


def may_hold_thoughts(text: str) -> bool:
    """False of most texts, and at once: there is nothing in them that a mark begins with.

    >>> may_hold_thoughts("hello"), may_hold_thoughts("1 < 2")
    (False, True)
    """
    return any(first in text for first in _FIRST)


def _leading(text: str, opened: bool) -> tuple[list[str], str, bool]:
    """The blocks of thoughts at a text's beginning, what follows, and whether the last is ended."""
    found: list[str] = []
    rest = text
    while len(found) < _BLOCKS:
        mark = opening_of(rest)
        if mark is not None:
            body, close = rest.lstrip()[len(mark) :], MARKS[mark]
        elif opened and not found:
            body, close = rest, next((mark for mark in _ALONE if mark in rest), "</think>")
        else:
            break
        inside, end, rest = body.partition(close)
        found.append(inside)
        if not end:
            return found, "", False
    return found, rest, True


def joined(thoughts: str, text: str) -> str:
    r"""Thoughts and answer as one text again, for who wants the thoughts kept in the output.

    >>> joined("Hm.", "hello")
    '<think>\nHm.\n</think>\n\nhello'
    """
    return f"<think>\n{thoughts}\n</think>\n\n{text}" if thoughts else text


def opening_of(text: str) -> str | None:
    """The opening mark with which a text begins, if it does."""
    start = text[: _LONGEST + 64].lstrip()
    if not start:
        start = text.lstrip()[:_LONGEST]
    return next((mark for mark in MARKS if start.startswith(mark)), None)


def leaves_open(prompt: str) -> bool:
    r"""Whether a prompt ends with thoughts begun, as some chat templates have it.

    >>> leaves_open("<|user|>hi<|model|><think>\n"), leaves_open("<think>\n\n</think>\n\n")
    (True, False)
    """
    end = prompt[-_LONGEST - 64 :].rstrip()
    return any(end.endswith(mark) for mark in MARKS)


def _closing_alone(text: str) -> tuple[int, str]:
    """Where a closing mark stands that ends thoughts which were never opened; −1 where none does.

    The first closing mark decides: it ends thoughts where it stands at the edge of a line or is
    glued to what follows, not inside a sentence, in quotes or in a block of code, nor after an
    opening mark.
    """
    places = [(place, mark) for mark in _ALONE if (place := text.find(mark)) >= 0]
    place, mark = min(places, default=(-1, ""))
    if place < 0 or _ALONE[mark] in (before := text[:place]) or before.count("```") % 2:
        return -1, ""
    after = text[place + len(mark) :]
    left, right = before[-1:], after[:1]
    if "`" in (left, right) or (left and _PAIRS.get(left) == right):
        return -1, ""
    begins_line = not before[before.rfind("\n") + 1 :].strip()
    ends_line = not after.partition("\n")[0].strip()
    if ends_line and left == " " and not begins_line:  # may be a sentence that goes on below
        ends_line = not after.strip() or not after.partition("\n")[2].partition("\n")[0].strip()
    glued = not (left + " ").isspace() and right not in " \t\n.,;:!?"
    return (place, mark) if begins_line or ends_line or glued else (-1, "")


class ThoughtSplitter:
    r"""The same for a text that comes in pieces; `feed` says which of what is new is which.

    What was shown as answer may turn out to be thoughts (the closing mark alone): `split` of the
    whole, at the end, is what counts.

    >>> pieces = ThoughtSplitter()
    >>> [pieces.feed(piece) for piece in ("<th", "ink>hm</th", "ink>\n", "he", "llo")]
    [('', ''), ('hm', ''), ('', ''), ('', 'he'), ('', 'llo')]
    """

    def __init__(self, opened: bool = False) -> None:
        self._opened = opened
        self._close = "</think>" if opened else ""
        self._begins = opened  # the model may open once more what the prompt opened
        self._had = False  # thoughts that were ended
        self._answers = False  # no thoughts can begin any more
        self._waits = ""
        self._pieces: list[str] = []

    def feed(self, piece: str) -> tuple[str, str]:
        """(new thoughts, new answer), without what may become a mark."""
        self._pieces.append(piece)
        self._waits += piece
        thoughts = text = ""
        while self._waits:
            if self._answers:
                text, self._waits = text + self._waits, ""
            elif self._begins:
                mark = opening_of(self._waits)
                if mark is None and len(self._waits) < 4 * _LONGEST and _may_open(self._waits):
                    break
                self._begins = False
                if mark is not None:
                    self._waits = self._waits.lstrip()[len(mark) :]
                    self._close = MARKS[mark]
            elif self._close:
                inside, end, rest = self._waits.partition(self._close)
                keep = 0 if end else len(inside) - _overlap(inside, self._close)
                thoughts += inside if end else inside[:keep]
                self._waits = rest if end else inside[keep:]
                if not end:
                    break
                self._close, self._had = "", True
            elif (mark := opening_of(self._waits)) is not None:
                self._waits = self._waits.lstrip()[len(mark) :]
                self._close = MARKS[mark]
            elif len(self._waits) < 4 * _LONGEST and _may_open(self._waits):
                break
            else:
                self._answers = True
                self._waits = self._waits.lstrip() if self._had else self._waits
        return thoughts, text

    def finish(self) -> tuple[str, str]:
        """What waited and became no mark: (thoughts, answer)."""
        waits, self._waits = self._waits, ""
        return (waits, "") if self._close else ("", waits.lstrip() if self._had else waits)

    def split(self) -> Split:
        """All that came."""
        return split_thoughts("".join(self._pieces), self._opened)


def _may_open(text: str) -> bool:
    """Whether a text that goes on may still begin with an opening mark."""
    start = text.lstrip()
    return any(mark.startswith(start) for mark in MARKS)


def _overlap(text: str, mark: str) -> int:
    """Length of the longest beginning of ``mark`` that ``text`` ends with."""
    longest = min(len(mark) - 1, len(text))
    return next((n for n in range(longest, 0, -1) if text.endswith(mark[:n])), 0)

"""A text cut to what rules read, so that none of them takes long, whatever a model wrote.

Long runs of blanks are shortened; of what is longer still, the beginning and the end are read.
Linear: one scan. Where something was left out it is counted, and a rule that found nothing in the
rest is *unsure*.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

READ_AT_THE_BEGINNING = 16_000
READ_AT_THE_END = 7_999
"""In characters; together about 6,000 tokens of English."""
READ = READ_AT_THE_BEGINNING + READ_AT_THE_END
_BLANKS = re.compile(r"(?<!\s)\s{41,}")
_KEPT_BLANKS = 4


@dataclass(frozen=True, slots=True)
class Bounded:
    """The text that is read, and where its characters stand in the whole one."""

    text: str
    here: tuple[int, ...]
    """Where in ``text`` each piece that was kept begins."""
    there: tuple[int, ...]
    """Where in the whole text it begins."""
    whole: int
    """Characters of the whole text."""
    left_out: int
    """Characters that are not read, apart from blanks."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` stands in the whole text."""
        first = self._place(start)
        return first, first if end <= start else self._place(end - 1) + 1

    def _place(self, at: int) -> int:
        piece = bisect_right(self.here, at) - 1
        return self.there[piece] + at - self.here[piece]


def bounded(text: str) -> Bounded:
    r"""What of a text is read; total.

    >>> found = bounded("a" + " " * 1000 + "b")
    >>> len(found.text), found.span(len(found.text) - 1, len(found.text)), found.left_out
    (10, (1001, 1002), 0)
    >>> long = bounded("x" * 1_000_000)
    >>> len(long.text), long.left_out
    (24000, 976001)
    """
    kept: list[tuple[int, int]] = []
    place = 0
    for run in _BLANKS.finditer(text):
        kept.append((place, run.start() + _KEPT_BLANKS))
        lines = run.group().count("\n", _KEPT_BLANKS, -_KEPT_BLANKS)
        at = run.start() + _KEPT_BLANKS
        for _ in range(min(lines, 3)):  # three line ends part texts; more say no more
            at = text.index("\n", at)
            kept.append((at, at + 1))
            at += 1
        place = run.end() - _KEPT_BLANKS
    kept.append((place, len(text)))
    size = sum(end - start for start, end in kept)
    left_out = size - READ_AT_THE_BEGINNING - READ_AT_THE_END
    if left_out > 0:
        kept = [
            *_within(kept, 0, READ_AT_THE_BEGINNING),
            *_within(kept, size - READ_AT_THE_END, size),
        ]
    pieces = [text[start:end] for start, end in kept]
    if left_out > 0:  # what was parted by the gap must not read as one word
        cut = len(_within(kept, 0, READ_AT_THE_BEGINNING))
        pieces.insert(cut, "\n")
        kept.insert(cut, (kept[cut - 1][1], kept[cut - 1][1] + 1))
    here: list[int] = []
    total = 0
    for piece in pieces:
        here.append(total)
        total += len(piece)
    there = tuple(start for start, _ in kept)
    return Bounded("".join(pieces), tuple(here), there, len(text), max(left_out, 0))


def _within(kept: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """What of the pieces, laid end to end, stands between two places."""
    found: list[tuple[int, int]] = []
    total = 0
    for first, last in kept:
        a, b = max(start - total, 0), min(end - total, last - first)
        if a < b:
            found.append((first + a, first + b))
        total += last - first
    return found

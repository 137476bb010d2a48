"""Which words of an output stand in a text in the same order: runs of words, in any script.

Words that two texts merely share tell nothing: an answer, a summary and an e-mail are made of the
input's words too. So only runs of `RUN` or more words count (of `RUN_NO_SPACES` characters in
scripts without spaces), each with its place in the text. One pass, at most `_PLACES` tries a word.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence

from sit_core.metrics.alignment import NO_SPACES, words

RUN = 3
RUN_NO_SPACES = 4
_PLACES = 12
"""Of a run that the text is full of, so many places are tried."""
_NO_SPACE = re.compile(f"[{NO_SPACES}]")
NOWHERE = -1
_GAP = 5
_SLIP = 2
"""Words: a run may be parted by so many that were added, or left out."""


def folded_words(text: str) -> list[str]:
    """The words as they are compared."""
    return [unicodedata.normalize("NFC", text[i:j]).casefold() for i, j in words(text)]


def places_in(source: Sequence[str], said: Sequence[str]) -> list[int]:
    """For each word that was said its place in the source, or `NOWHERE`; total.

    >>> places_in("a b c d e".split(), "x b c d e a b".split())
    [-1, 1, 2, 3, 4, -1, -1]
    >>> places_in(["why", "not"], ["why", "not"]), places_in([], ["a"])
    ([0, 1], [-1])
    """
    found = [NOWHERE] * len(said)
    run = _run(source)
    if not run:
        return found
    where: dict[tuple[str, ...], list[int]] = {}
    for i in range(len(source) - run + 1):
        starts = where.setdefault(tuple(source[i : i + run]), [])
        if len(starts) < _PLACES:
            starts.append(i)
    at, expected = 0, 0
    while at <= len(said) - run:
        starts = where.get(tuple(said[at : at + run]), [])
        if not starts:
            at += 1
            expected += 1
            continue
        place, size = _longest(source, said, at, starts, expected)
        found[at : at + size] = range(place, place + size)
        at += size
        expected = place + size
    _fill(source, said, found)
    return found


def _fill(source: Sequence[str], said: Sequence[str], found: list[int]) -> None:
    """A few words beside a run that follow in the source, too, after a slip ("on that day")."""
    at = 1
    while at < len(found):
        if found[at] != NOWHERE or found[at - 1] == NOWHERE:
            at += 1
            continue
        until, place = at, found[at - 1] + 1
        while until < len(found) and until - at < _GAP and found[until] == NOWHERE:
            window = source[place : place + _SLIP + 1]
            if said[until] in window:
                found[until] = place + window.index(said[until])
                place = found[until] + 1
            until += 1
        at = until + 1


def _run(source: Sequence[str]) -> int:
    tight = sum(bool(_NO_SPACE.match(word)) for word in source)
    return min(RUN_NO_SPACES if tight * 2 > len(source) else RUN, len(source))


def _longest(
    source: Sequence[str], said: Sequence[str], at: int, starts: list[int], expected: int
) -> tuple[int, int]:
    """Where the longest run begins in the source; of several as long, where a copy goes on."""
    best, most = starts[0], 0
    first = bisect_left(starts, expected)
    for place in [*starts[first:], *starts[:first]]:
        size = 0
        while (
            at + size < len(said)
            and place + size < len(source)
            and said[at + size] == source[place + size]
        ):
            size += 1
        if size > most:
            best, most = place, size
    return best, most

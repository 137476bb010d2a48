"""Where a text is written out again in an output, word joins and small slips included.

Both are reduced to their letters and digits; runs of a few equal ones are chained in order. So
"the old millis quiet" still is the text, and a text cut off half-way is half of it.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

from sit_core.metrics.alignment import NO_SPACES, words

_RUN = 8
_RUN_NO_SPACES = 3
_MAX_INSERTED = 25
"""Letters that a copy may have between two runs beyond those that the text has there."""
_DENSE = 0.5
_MAX_STARTS = 64
"""Of a run that the text is full of ("ha ha ha"), this many places are remembered."""
_NO_SPACES = re.compile(f"[{NO_SPACES}]")


@dataclass(frozen=True, slots=True)
class FuzzySpan:
    """One place where (part of) the text stands again."""

    start: int
    """In the output, in characters."""
    end: int
    share: float
    """Share of the text's letters and digits that stand here, 0 to 1."""
    head: float
    """Where in the text the first of them is, 0 to 1."""
    tail: float
    """Where the last of them is, 0 to 1."""


@lru_cache(maxsize=32)
def echoes(text: str, output: str, at_least: float = 0.3) -> tuple[FuzzySpan, ...]:
    """All places, in the output's order, that hold at least this share of the text; total.

    >>> [(e.start, e.end, e.share) for e in echoes("Do bees sleep?", "So: do bees sleep")]
    [(4, 17, 1.0)]
    >>> echoes("Where do cats sleep?", "Cats are nice."), echoes("", "a"), echoes("a", "")
    ((), (), ())
    """
    needle, _ = _letters(text)
    hay, places = _letters(output)
    if not needle or not hay:
        return ()
    run = _RUN_NO_SPACES if len(_NO_SPACES.findall(needle)) * 2 > len(needle) else _RUN
    run = min(run, len(needle))
    where: dict[str, list[int]] = {}
    for i in range(len(needle) - run + 1):
        starts_here = where.setdefault(needle[i : i + run], [])
        if len(starts_here) < _MAX_STARTS:
            starts_here.append(i)
    found: list[FuzzySpan] = []
    chain: list[tuple[int, int]] = []  # (place in the output, place in the text)
    for j in range(len(hay) - run + 1):
        starts = where.get(hay[j : j + run])
        if not starts:
            continue
        goes_on = _next(chain, starts, j)
        if goes_on is None:
            found += _echo(chain, run, len(needle), places)
            chain = []
        chain.append((j, starts[0] if goes_on is None else goes_on))
    found += _echo(chain, run, len(needle), places)
    return tuple(echo for echo in found if echo.share >= at_least)


def _next(chain: list[tuple[int, int]], starts: list[int], j: int) -> int | None:
    """Where in the text the chain goes on, or None: it is broken off here."""
    if not chain:
        return starts[0]
    last_j, last_i = chain[-1]
    straight = last_i + (j - last_j)
    at = bisect_left(starts, straight)
    if at < len(starts) and starts[at] == straight:
        return straight
    at = bisect_left(starts, max(last_i + 1, straight - _MAX_INSERTED))
    return starts[at] if at < len(starts) else None


def _echo(chain: list[tuple[int, int]], run: int, size: int, places: list[int]) -> list[FuzzySpan]:
    if not chain:
        return []
    covered = {i + k for _, i in chain for k in range(run)}
    if len(covered) < _DENSE * (chain[-1][0] + run - chain[0][0]):
        return []  # strewn words in common
    return [
        FuzzySpan(
            places[chain[0][0]],
            places[chain[-1][0] + run - 1] + 1,
            len(covered) / size,
            chain[0][1] / size,
            (chain[-1][1] + run) / size,
        )
    ]


def _letters(text: str) -> tuple[str, list[int]]:
    """The words' characters in lower case without what stands between, and where each stood."""
    letters: list[str] = []
    places: list[int] = []
    for start, end in words(text):
        lower = text[start:end].lower()
        if len(lower) == end - start:
            letters.append(lower)
        else:  # a letter such as the Turkish İ becomes two
            letters += [c.lower() if len(c.lower()) == 1 else c for c in text[start:end]]
        places.extend(range(start, end))
    return "".join(letters), places

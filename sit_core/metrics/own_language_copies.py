"""Where an output is the input again in its own words: no answer, and no translation either."""

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from sit_core.metrics.output_units import COPY, TALK, Source, Unit, source_of, units_of
from sit_core.metrics.task_talk import ANSWERED

_WHOLE = 0.85
"""Of a sentence's words: a clause of it is an answer like others."""


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    text: str
    copied: bool
    says_nothing: bool


def is_copied(output: str, input_text: str, start: int, end: int) -> bool:
    """Whether nothing but the input again stands from one place to another; total.

    What is announced as the answer is none, though the input has it.

    >>> text = "Bees live in a hive. They are warm."
    >>> [is_copied(said, text, 0, len(said)) for said in (f"Translation: {text}", "In a hive.")]
    [True, False]
    """
    pieces = _pieces(output, input_text)
    first = bisect_right(pieces, start, key=lambda piece: piece.end)
    here = pieces[first : bisect_left(pieces, end, key=lambda piece: piece.start)]
    return any(piece.copied for piece in here) and all(piece.says_nothing for piece in here)


def before_copies(output: str, input_text: str) -> str:
    r"""The output up to the copy of the input that ends it, if one does; total.

    >>> text = "Bees live in a hive. They are warm."
    >>> before_copies(f"In a hive.\nTranslation: {text}", text)
    'In a hive.'
    """
    pieces = _pieces(output, input_text)
    end = next((piece.end for piece in reversed(pieces) if not piece.says_nothing), 0)
    return output[:end] if any(x.copied and x.start >= end for x in pieces) else output


def without_copies(output: str, input_text: str) -> str:
    """The pieces that are not the input again, one a line; total."""
    return "\n".join(piece.text for piece in _pieces(output, input_text) if not piece.copied)


@lru_cache(maxsize=16)
def _pieces(output: str, input_text: str) -> tuple[_Piece, ...]:
    source = source_of(input_text)
    found: list[_Piece] = []
    place: int | None = None  # where in the input the copy before this piece ends
    for unit in units_of(output, source):
        copied = unit.kind == COPY and _holds_a_sentence(unit, source, place)
        nothing = (copied or unit.kind == TALK) and unit.label != ANSWERED
        found.append(_Piece(unit.start, unit.end, unit.text, copied, nothing))
        place = unit.copied[-1] if copied and unit.copied else None
    return tuple(found)


def _holds_a_sentence(unit: Unit, source: Source, place: int | None) -> bool:
    """Whether a copy holds one of the input's sentences, or only begins it, or goes on with one."""
    here = unit.copied
    begins = 0 if unit.label else None  # a bare answer may have the input's first words
    if not here or here[0] == (begins if place is None else place + 1):
        return True
    held = Counter(map(source.sentence, here))
    return any(words >= _WHOLE * source.size(n) for n, words in held.items())

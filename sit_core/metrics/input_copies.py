"""The copies of an input in an output, told apart: the repetition, loops, and answers.

A model that copies goes through the input in order. A sentence of the passage that stands there
after the question, or alone, is not gone through but picked: it is an answer. What begins again
and goes on is a loop.

Where an output is the input again in its own words: no answer, and no translation either.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sit_core.metrics.output_units import COPY, SAID, TALK, InputText, Unit, source_of, units_of
from sit_core.metrics.task_talk import ANSWERED, EDITS

_FULL = 0.75


@dataclass(frozen=True, slots=True)
class InputCopies:
    """Where the input is gone through again, and which copied sentences answer."""

    passes: tuple[tuple[Unit, ...], ...]
    answers: tuple[Unit, ...]

    @property
    def copies(self) -> tuple[Unit, ...]:
        """All pieces that repeat."""
        return tuple(unit for units in self.passes for unit in units)

    @property
    def best(self) -> tuple[Unit, ...]:
        """The fullest pass, the first of several."""
        return max(self.passes, key=lambda units: _size(units), default=())

    def share(self, units: Sequence[Unit], source: InputText) -> float:
        """How much of the input's words these pieces hold; slips within a sentence don't count."""
        there: set[int] = {place for unit in units for place in unit.copied}
        total = 0
        for n, first in enumerate(source.begins):
            size = source.size(n)
            held = sum(place in there for place in range(first, first + size))
            total += size if held >= _FULL * size else held
        return total / len(source.words) if source.words else 0.0

    def question_copied(self, source: InputText) -> bool:
        """Whether one of the input's questions is among the copies."""
        return any(source.asks[_sentence(unit, source)] for unit in self.copies if unit.copied)


def _size(units: Sequence[Unit]) -> int:
    return len({place for unit in units for place in unit.copied})


def passes_of(units: list[Unit], source: InputText, instruction: str) -> InputCopies:
    """The copies in passes; in edits, a copy with something changed becomes what is said."""
    if EDITS.search(instruction):
        _edited(units, source)
    passes: list[list[Unit]] = []
    answers: list[Unit] = []
    copies = [unit for unit in units if unit.kind == COPY]
    asks = any(source.asks)
    last = -1
    for n, unit in enumerate(copies):
        if not unit.copied:  # the output breaks off in its first words
            continue
        if unit.label == ANSWERED:
            answers.append(unit)
            continue
        here = unit.copied[0]
        goes_on = here > last and bool(passes)
        if not goes_on:
            if passes and _picked(copies, n, source, asks):
                answers.append(unit)
                continue
            passes.append([])
        passes[-1].append(unit)
        last = unit.copied[-1]
    others = any(unit.kind == SAID for unit in units)
    if not answers and not others and _only_picked(passes, source, asks):
        answers, passes = [unit for mine in passes for unit in mine], []
    return InputCopies(tuple(tuple(mine) for mine in passes), tuple(answers))


def _picked(copies: Sequence[Unit], n: int, source: InputText, asks: bool) -> bool:
    """Whether a copied sentence that goes back in the input answers, instead of beginning again."""
    unit = copies[n]
    sentence = _sentence(unit, source)
    if not asks or source.asks[sentence] or len(source.begins) < 2:
        return False
    if n + 1 < len(copies):
        following = copies[n + 1]
        return not following.copied or _sentence(following, source) != sentence + 1
    return not _broken(unit, source)


def _broken(unit: Unit, source: InputText) -> bool:
    """Whether it stops within its sentence, without a mark that ends it."""
    sentence = _sentence(unit, source)
    if unit.text.rstrip(' *"”’»`').endswith((".", "!", "。", "।")):
        return False
    return unit.copied[-1] < source.begins[sentence] + source.size(sentence) - 1


def _only_picked(passes: Sequence[Sequence[Unit]], source: InputText, asks: bool) -> bool:
    """Whether nothing stands there but one of several sentences, and that is no question."""
    there = {_sentence(unit, source) for mine in passes for unit in mine if unit.copied}
    if len(passes) != 1 or not there or any(source.asks[n] for n in there):
        return False
    statements = sum(not asked for asked in source.asks)
    unit = passes[0][-1]
    if _broken(unit, source):
        return False
    if asks:
        return len(there) == 1 or (min(there) > 0 and len(there) <= statements / 2)
    return len(there) == 1 and statements >= 3


def _sentence(unit: Unit, source: InputText) -> int:
    """The sentence that most of its words are from."""
    found = [source.sentence(place) for place in unit.copied]
    return max(set(found), key=lambda n: (found.count(n), -n))


def _edited(units: list[Unit], source: InputText) -> None:
    """Copies that differ in anything but blanks from the input are its edited text."""
    whole = " ".join(source.text.split())
    for n, unit in enumerate(units):
        said = " ".join(unit.text.split()).strip("\"“”'‘’«»`*>| ")
        last = n == len(units) - 1
        if (
            unit.kind == COPY
            and unit.copied
            and said not in whole
            and not (last and _broken(unit, source))
        ):
            unit.kind = SAID


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


def _holds_a_sentence(unit: Unit, source: InputText, place: int | None) -> bool:
    """Whether a copy holds one of the input's sentences, or only begins it, or goes on with one."""
    here = unit.copied
    begins = 0 if unit.label else None  # a bare answer may have the input's first words
    if not here or here[0] == (begins if place is None else place + 1):
        return True
    held = Counter(map(source.sentence, here))
    return any(words >= _WHOLE * source.size(n) for n, words in held.items())

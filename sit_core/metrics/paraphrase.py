"""Which pieces of an output say the input in other words, where no choices tell it.

A label tells first. Else, an input that asks is reworded up to the question that ends it, and one
that doesn't by its first lines or sentences, as many as it takes to be about as long. A short
verdict in front ("False. …"), a reason and talk about the task are none.
"""

from collections.abc import Sequence

from sit_core.metrics.alignment import words
from sit_core.metrics.output_units import COPY, QUESTION, SAID, InputText, Unit
from sit_core.metrics.rouge_l import rouge_l
from sit_core.metrics.task_talk import (
    ANSWERED,
    ASKS_FOR,
    OTHER,
    REPEATED,
    REWORDED,
    SECOND_PERSON,
    SPEAKS_OF_IT,
)
from sit_core.metrics.translation_signs import size_in_words
from sit_core.records import Verdict

_COPY = 0.9
_ALMOST_A_COPY = 0.75
_IN_COMMON = 0.1
_SHORT = 0.35
_MUCH_SHORTER = 0.5
_LONG = 3.0
_FEW = 3
_HALF = 0.5
Groups = list[list[Unit]]


def rewordings_in(units: Sequence[Unit], source: InputText, most: int) -> Groups:
    """The pieces that reword, one list for each rewording, in order; total."""
    zones: Groups = [[]]
    for unit in units:
        if unit.kind == COPY or unit.label == ANSWERED:
            zones.append([])
        elif unit.kind in (SAID, QUESTION):
            zones[-1].append(unit)
    if labelled := _labelled(units):
        return labelled
    found: Groups = []
    for zone in zones:
        free = [u for u in zone if u.label not in (OTHER, REPEATED)]
        if free and len(found) < most:
            found += _asking(free, source) if any(source.asks) else _telling(free, source, most)
    return found


def _labelled(units: Sequence[Unit]) -> Groups:
    found: Groups = []
    for unit in units:
        if unit.label != REWORDED or unit.kind not in (SAID, QUESTION):
            continue
        if found and found[-1][-1].block == unit.block:
            if unit.paragraph == found[-1][0].paragraph:
                found[-1].append(unit)
        else:
            found.append([unit])
    return found


def _asking(units: Sequence[Unit], source: InputText) -> Groups:
    """Up to a question that is like the input's."""
    found: Groups = []
    here: list[Unit] = []
    passage = sum(not asked for asked in source.asks) > 0
    for n, unit in enumerate(units):
        if unit.kind != QUESTION:
            alone = len(words(unit.text)) <= _FEW and not here
            if not alone:
                here.append(unit)
            if not passage and _asked_for(units, n, source):
                found.append([unit])
                here = []
            continue
        mine = [u for u in here if passage or u.line == unit.line]
        mine = [u for u in mine if _common(u.text, source.text) >= _IN_COMMON] + [unit]
        long = size_in_words(_text(mine)) >= _HALF * size_in_words(source.text)
        if _like_the_question(unit, source) or (len(mine) > 1 and long):
            found.append(mine)
        here = []
    if not found and passage and here:
        told = _text([u for u in here if _common(u.text, source.text) >= _IN_COMMON])
        size = size_in_words(told) / max(1.0, size_in_words(source.text))
        if size >= _HALF and _common(source.text, told) >= 0.25:
            found.append(here if len({u.line for u in here}) == 1 else _first_lines(here))
    return found


def _first_lines(units: list[Unit]) -> list[Unit]:
    """Without a last line that may be the answer."""
    last = units[-1].line
    return [unit for unit in units if unit.line != last] or units


def _asked_for(units: Sequence[Unit], n: int, source: InputText) -> bool:
    unit = units[n]
    following = n + 1 < len(units) and units[n + 1].line != unit.line
    return (
        following
        and bool(ASKS_FOR.match(unit.text))
        and _common(source.text, unit.text) >= _IN_COMMON
    )


def _like_the_question(unit: Unit, source: InputText) -> bool:
    if _common(source.text, unit.text) >= _IN_COMMON or _common(unit.text, source.text) >= 0.2:
        return True
    if SECOND_PERSON.search(unit.text) and not SECOND_PERSON.search(source.text):
        return False
    said = max(1.0, size_in_words(unit.text))
    questions = [source.size(n) for n, asked in enumerate(source.asks) if asked]
    return any(0.4 <= said / size <= 2.5 for size in questions)


def _telling(units: Sequence[Unit], source: InputText, most: int) -> Groups:
    """Lines, or on one line sentences, that are like the input and as long."""
    whole = max(1.0, size_in_words(source.text))
    lines: Groups = []
    for unit in units:
        if lines and lines[-1][-1].line == unit.line:
            lines[-1].append(unit)
        else:
            lines.append([unit])
    found: Groups = []
    at = 0
    while at < len(lines) and len(found) < most:
        mine = list(lines[at])
        at += 1
        if len(words(mine[0].text)) <= min(_FEW, 0.5 * whole):
            continue  # a verdict, and its reason behind it
        if at == len(lines):
            mine = _first_sentences(mine, whole)
        while (
            at < len(lines) - 1
            and size_in_words(_text(mine)) < 0.6 * whole
            and _common(lines[at][0].text, source.text) >= 0.2
        ):
            mine += lines[at]
            at += 1
        size = size_in_words(_text(mine)) / whole
        alike = _common(source.text, _text(mine)) >= _IN_COMMON
        if _SHORT <= size <= _LONG and alike and not _about_it(mine[0].text, source):
            found.append(mine)
    return found


def _first_sentences(units: list[Unit], whole: float) -> list[Unit]:
    mine: list[Unit] = []
    for unit in units:
        if mine and size_in_words(_text(mine)) >= 0.6 * whole:
            break
        mine.append(unit)
    return mine


def _about_it(text: str, source: InputText) -> bool:
    """Whether it speaks of the input as a text: that is an answer or a comment."""
    match = SPEAKS_OF_IT.search(text[:120])
    return match is not None and match.group().casefold() not in source.text.casefold()


def _text(units: Sequence[Unit]) -> str:
    return "\n".join(unit.text for unit in units)


def verdict_on(
    units: Sequence[Unit], source: InputText, expected: str | None
) -> tuple[Verdict, str]:
    """Whether these pieces are a paraphrase of the input."""
    said = _text(units)
    alike = rouge_l(source.text, said)
    if alike >= _COPY:
        return Verdict.NO, "it is a copy"
    if expected and rouge_l(expected, said) >= _HALF:
        return Verdict.YES, "it is much like the expected paraphrase"
    if alike >= _ALMOST_A_COPY:
        return Verdict.PARTLY, "most words are the same"
    size = size_in_words(said) / max(1.0, size_in_words(source.text))
    asks = any(unit.kind == QUESTION for unit in units)
    if size < _SHORT and not (asks and any(source.asks)):
        return Verdict.NO, "it is too short to say the input again"
    if size < _MUCH_SHORTER:
        return Verdict.PARTLY, "it is much shorter than the input"
    return Verdict.YES, "it says the input in other words"


def _common(left: str, right: str) -> float:
    """Share of the left text's longer words whose beginnings stand in the right one."""
    ours = {left[i:j].casefold()[:5] for i, j in words(left) if j - i > 3}
    ours = ours or {left[i:j].casefold() for i, j in words(left)}
    theirs = {right[i:j].casefold()[:5] for i, j in words(right)}
    return len(ours & theirs) / len(ours) if ours else 0.0

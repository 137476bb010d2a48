"""An output in pieces that each are one thing: a copy of the input, talk about the task, or said.

Pieces are sentences and lines, cut once more at labels ("Answer:", JSON keys) and where a whole
sentence of the input ends, since models write both steps on one line. A piece is a copy where
runs of the input's words make up most of it *and* it holds most of one of the input's sentences;
a sentence that only uses the input's words is none.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sit_core.metrics.alignment import words
from sit_core.metrics.copied_words import NOWHERE, folded_words, places_in
from sit_core.metrics.refusal import refuses_in_any_language
from sit_core.metrics.sentences import sentences_of
from sit_core.metrics.task_talk import (
    ANSWERED,
    JSON_KEY,
    LABEL,
    OTHER,
    OTHER_LABEL,
    TAG,
    heading,
    is_talk,
    label_of,
    meaning_of,
    offers,
)

COPY, TALK, REFUSAL, QUESTION, SAID = "copy", "talk", "refusal", "question", "said"
_MOSTLY = 0.75
_OF_A_SENTENCE = 0.6
_WHOLE = 0.85
_CLOSES = (".", "!", "?", "。", "？", "！", "؟", "।")
_ENDS = (*_CLOSES, ",", ";")
_NUMBER = re.compile(r"[\s*_(]*\d{1,2}[.)][*_\s]*$")
_HEAD_OF_A_TABLE = re.compile(r"\n[ \t]*\|?[ \t]*:?-{2,}")
_FEW_WORDS = 6
_ALMOST_ALL = 0.85
_QUOTES = ' \t\n*_"”’»`)]'
_FIRST_WORDS = 8
_LEAD = 6
"""Words before a label or a copy that may only lead to it."""
_CLOSERS = " \t\n*_\"“”'’»«`)]}>,;.:!?。，！？؟।…-–—|{[("
_MARKS = " \t\r\n"
_FENCE = re.compile(r"(?:```|~~~)\w*\s*$")
_GREEK = re.compile(r"[\u0370-\u03ff];$")
_OPENERS = tuple("\"“‘'«`:：>*-–—([{|\n「『„")


@dataclass(slots=True)
class Unit:
    """One piece of an output."""

    start: int
    end: int
    text: str
    line: int
    """Which line of the output it stands on."""
    paragraph: int
    label: str | None
    """What a label before it says it is; see `task_talk`."""
    block: int
    """The same for all pieces behind one label; 0 without."""
    places: list[int] = field(default_factory=list)
    """For each of its words its place in the input, or `NOWHERE`."""
    kind: str = SAID

    @property
    def copied(self) -> list[int]:
        """The places in the input that its words are runs of."""
        return [place for place in self.places if place != NOWHERE]


@dataclass(frozen=True, slots=True)
class InputText:
    """The input, as copies are looked for."""

    text: str
    words: tuple[str, ...]
    begins: tuple[int, ...]
    """The first word of each of its sentences."""
    asks: tuple[bool, ...]
    """Whether each of them is a question."""

    def sentence(self, word: int) -> int:
        """Which sentence a word belongs to."""
        return bisect_right(self.begins, word) - 1

    def size(self, sentence: int) -> int:
        """Its number of words."""
        end = self.begins[sentence + 1] if sentence + 1 < len(self.begins) else len(self.words)
        return end - self.begins[sentence]


def asks(text: str) -> bool:
    """Whether it ends as a question does; Greek has another mark, which ends a line of code, too.

    >>> [asks(t) for t in ("Why?", "为什么？", '"Why?"', "Γιατί;", "x = 1;")]
    [True, True, True, True, False]
    """
    end = text.rstrip(" \n\t*_\"”’'»`)]}>")
    return end.endswith(("?", "？", "؟")) or bool(_GREEK.search(end))


def source_of(text: str) -> InputText:
    """An input in words and sentences; total.

    >>> found = source_of("Bees hum. Why do they?")
    >>> found.begins, found.asks, found.sentence(3), found.size(1)
    ((0, 2), (False, True), 1, 3)
    """
    said: list[str] = []
    begins: list[int] = []
    asked: list[bool] = []
    for start, end in sentences_of(text):
        mine = folded_words(text[start:end])
        if mine:
            begins.append(len(said))
            asked.append(asks(text[start:end]))
            said += mine
    return InputText(text, tuple(said), tuple(begins), tuple(asked))


def units_of(output: str, source: InputText, instruction: str = "") -> list[Unit]:
    r"""The pieces of an output in order, each with its kind; total.

    What only says the instruction again is talk about the task.

    >>> of = source_of("Why do bees hum?")
    >>> [(u.text, u.kind) for u in units_of("Sure! Why do bees hum? They are warm.", of)]
    [('Sure!', 'talk'), ('Why do bees hum?', 'copy'), ('They are warm.', 'said')]
    >>> [(u.text, u.label) for u in units_of("Answer: They are warm.", of)]
    [('They are warm.', 'answer')]
    """
    spans = words(output)
    starts = [start for start, _ in spans]
    places = places_in(source.words, folded_words(output))
    found: list[Unit] = []
    label: str | None = None
    block, line, paragraph, last = 0, 0, 0, 0
    for start, end in sentences_of(output):
        between = output[last:start]
        line += between.count("\n")
        paragraph += "\n" in between.replace(" ", "").partition("\n")[2]
        last = end
        if _FENCE.match(output, start, end) or _HEAD_OF_A_TABLE.match(output, end):
            continue
        if _NUMBER.fullmatch(output, start, end) and output[end : end + 1] not in ("\n", ""):
            continue
        named = heading(output[start:end])
        if named is not None:
            label, block = named, block + 1
            continue
        for a, b, own in _labelled(output, start, end, source):
            if own is not None:
                label, block = own, block + 1
            for i, j in _whole_sentences(output, a, b, starts, places, source):
                mine = places[bisect_right(starts, i - 1) : bisect_right(starts, j - 1)]
                if mine:
                    text = output[i:j].strip(_MARKS)
                    i = output.index(text, i)
                    j = i + len(text)
                    found.append(Unit(i, j, text, line, paragraph, label, block, mine))
    told = folded_words(instruction) if instruction.strip() != source.text.strip() else []
    for n, unit in enumerate(found):
        unit.kind = _kind(found, n, source, output)
        if unit.kind == SAID and unit.label != ANSWERED and _says_again(unit.text, told):
            unit.kind = TALK
    return found


def _says_again(text: str, told: Sequence[str]) -> bool:
    said = folded_words(text)
    return len(said) > 2 and NOWHERE not in places_in(told, said)


def _labelled(
    output: str, start: int, end: int, source: InputText
) -> Iterator[tuple[int, int, str | None]]:
    """A sentence cut at its labels, which are left out: where, and the label before it."""
    own: str | None = None
    begin = start
    if "{" in output[start:end] or "}" in output[start:end]:
        for key in JSON_KEY.finditer(output, start, end):
            if output[begin : key.start()].strip(_CLOSERS):
                yield begin, key.start(), own
            own, begin = meaning_of(key.group("name")), key.end()
        yield begin, end, own
        return
    for tag in TAG.finditer(output, start, end):
        meaning = meaning_of(tag.group("name") or tag.group("cell"))
        if meaning == OTHER:
            continue
        if output[begin : tag.start()].strip(_CLOSERS):
            yield begin, tag.start(), own
        own, begin = meaning, tag.end()
        start = begin
    first = OTHER_LABEL.match(output, start, end)
    if first and not LABEL.search(output, start, first.end() + 1):
        name = first.group("name")
        if len(name.split()) <= 4 and f"{name}:".casefold() not in source.text.casefold():
            own, begin = OTHER, first.end()
    for match in LABEL.finditer(output, begin, end):
        if match.group().rstrip('*_"”` ').casefold() in source.text.casefold():
            continue  # the input has this label itself
        before = output[begin : match.start()]
        lead = folded_words(before)
        closed = before.rstrip(_QUOTES).endswith(_CLOSES)
        if len(lead) > _LEAD or closed or _holds(source, lead):
            yield begin, match.start(), own
        own, begin = label_of(match), match.end()
    yield begin, end, own


def _holds(source: InputText, said: Sequence[str]) -> bool:
    """Whether a run of the input's words is in a few words."""
    return any(place != NOWHERE for place in places_in(source.words, said)) if said else False


def _whole_sentences(
    output: str, start: int, end: int, starts: list[int], places: list[int], source: InputText
) -> Iterator[tuple[int, int]]:
    """A piece cut before and behind a whole sentence of the input, if it holds more than that."""
    first, stop = bisect_right(starts, start - 1), bisect_right(starts, end - 1)
    begin = start
    at = first
    while at < stop:
        if places[at] == NOWHERE:
            at += 1
            continue
        until = at + 1
        while until < stop and places[until] == places[until - 1] + 1:
            until += 1
        cut = _cut(output, begin, end, starts, at, until, stop, places, source)
        if cut is not None:
            a, b = cut
            if output[begin:a].strip(_CLOSERS):
                yield begin, a
            yield a, b
            begin = b
        at = until
    if output[begin:end].strip(_CLOSERS):
        yield begin, end


def _cut(
    output: str,
    begin: int,
    end: int,
    starts: list[int],
    at: int,
    until: int,
    stop: int,
    places: list[int],
    source: InputText,
) -> tuple[int, int] | None:
    """Where a run of the input's words stands for itself: whole, and nothing leads into it."""
    one, other = source.sentence(places[at]), source.sentence(places[until - 1])
    held = [n for n in (one, other) if _held(places, at, until, n, source) >= _WHOLE]
    if not held or (until - at < 3 and until - at < len(source.words)):
        return None
    a = starts[at]
    before = output[begin:a]
    if before.strip(_CLOSERS) and not before.rstrip(" ").endswith(_OPENERS):
        return None
    b = starts[until] if until < stop else end
    word_end = words(output[starts[until - 1] : b])
    closed = starts[until - 1] + (word_end[0][1] if word_end else 0)
    if until < stop and not output[closed:b].strip():
        after = source.begins[other + 1] - 1 if other + 1 < len(source.begins) else None
        ends_there = after is None or places[until - 1] == after
        if not ends_there or _closes(source, other):
            return None  # it goes on as a sentence of its own
    return a, b


def _closes(source: InputText, sentence: int) -> bool:
    """Whether the input has sentences that end with a mark."""
    return source.asks[sentence] or source.text.rstrip(" \"'”’)").endswith((".", "!", "?", "。"))


def _held(places: list[int], at: int, until: int, sentence: int, source: InputText) -> float:
    first = source.begins[sentence]
    size = source.size(sentence)
    low, high = max(places[at], first), min(places[until - 1], first + size - 1)
    return (high - low + 1) / size


def _kind(found: Sequence[Unit], n: int, source: InputText, output: str) -> str:
    unit = found[n]
    if _is_copy(found, n, source, output):
        return COPY
    if refuses_in_any_language(unit.text):
        return REFUSAL
    if asks(unit.text):
        return REFUSAL if offers(unit.text) else QUESTION
    if is_talk(unit.text) and unit.label != ANSWERED:
        return TALK
    return SAID


def _is_copy(found: Sequence[Unit], n: int, source: InputText, output: str) -> bool:
    unit = found[n]
    last = n == len(found) - 1 and not output[unit.end :].strip(_CLOSERS)
    last = last and unit.label != ANSWERED
    if last and _breaks_off(unit, source, _where_a_copy_goes_on(found, n, source)):
        return True
    copied = unit.copied
    few = len(unit.places) < _FEW_WORDS
    if len(copied) < (_ALMOST_ALL if few else _MOSTLY) * len(unit.places):
        return False
    if any(b < a for a, b in pairwise(copied)):
        return False  # pieced together out of the input
    for sentence in {source.sentence(place) for place in copied}:
        first, size = source.begins[sentence], source.size(sentence)
        mine = {place for place in copied if first <= place < first + size}
        if len(mine) >= _OF_A_SENTENCE * size:
            return True
    before = found[n - 1].copied[-1:] if n else []
    after = found[n + 1].copied[:1] if n + 1 < len(found) else []
    if before == [copied[0] - 1] or after == [copied[-1] + 1]:
        return True  # a line break within the sentence
    begins_again = copied[0] in _where_a_copy_goes_on(found, n, source)
    return last and begins_again and not unit.text.rstrip().endswith(_ENDS)


def _where_a_copy_goes_on(found: Sequence[Unit], n: int, source: InputText) -> set[int]:
    """The input's first word, and the first one behind the sentence that was copied last."""
    before = next((unit.copied for unit in reversed(found[:n]) if unit.copied), None)
    following = source.sentence(before[-1]) + 1 if before else 0
    return {0, source.begins[following] if following < len(source.begins) else 0}


def _breaks_off(unit: Unit, source: InputText, begins: set[int]) -> bool:
    """Whether the output ends within the first words of the sentence that would come."""
    said = folded_words(unit.text)
    if not 1 < len(said) < _FIRST_WORDS or unit.text.rstrip().endswith(_ENDS):
        return False
    for first in begins:
        there = source.words[first : first + len(said)]
        if list(there[:-1]) == said[:-1] and there and there[-1].startswith(said[-1]):
            return True
    return False

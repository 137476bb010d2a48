"""Which sentences of a known translation stand in an output, wherever they stand in it.

The words of each expected sentence are looked for in one to three neighbouring sentences of the
output. What counts is the share of the sentence's weight that is found there:

- a word weighs more the fewer of the expected sentences have it, ln((n + 1) / df) / ln(n + 1);
- names and numbers weigh half, since a poor translation gets them wrong; where enough other words
  are left, the sentence is also found by these alone;
- a place that says much else counts less, so that words strewn over a free account are no
  translation.

Sentences that the output repeats count once. Sentences in another language than the one asked for
never count, nor does what a model says *about* the task.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from sit_core.metrics.alignment import words
from sit_core.metrics.language import FREQUENT, language
from sit_core.metrics.sentences import sentences_of
from sit_core.records import Unparsed

FOUND = 0.45
"""Of a sentence's weight, where it counts as translated."""
ROUGHLY_FOUND = 0.4
"""Where it counts as one of many."""
OWN_WORDS = 0.25
"""Of the words at a place: fewer from the sentence make the place count less."""
ABOUT_THE_QUESTION = 0.5
"""Share of the question's words that makes a statement an answer to it."""
_OF_THE_TEXT = 0.7
"""Of a sentence's words: where so many are the text's, it is no talk about the task."""
_NAME = 0.5
_LEAST = 0.05
_MOST_SENTENCES = 120
_MOST_UNITS = 400
_WINDOW = 3
_GAIN = 0.08
"""What a further sentence must add, so that the shortest place is found."""
LABELS = re.compile(
    r"(?:^|\n)[ \t]*(?:context|question|passage|input|text|choices|options)[ \t]*:", re.IGNORECASE
)
ABOUT_THE_TASK = re.compile(
    r"\b(?:contexts?|translat\w*|questions?|answer\w*|inputs?|instructions?|passages?|notes?|"
    r"sorry|please|provided?)\b",
    re.IGNORECASE,
)
"""Words with which models talk about what they were asked."""
_LABEL = re.compile(
    r"[ \t#*>]*[^\n:.]{0,30}\b(?:translat\w*|context|passage|question|input|text|english)\b"
    r"[^\n:.]{0,30}:",
    re.IGNORECASE,
)
"""What announces a translation; what follows it is none of that."""
_MORE = (
    "they he she we i you them him us been being into than then so also but over while during "
    "after before up out there these those such can could may might will more most very only "
    "just about between both each all any some other nor too"
)
_OFTEN = frozenset(word for text in (*FREQUENT.values(), _MORE) for word in text.split())

Weights = dict[str, float]
"""Beginning of a word → what it weighs."""


@dataclass(frozen=True, slots=True)
class OutputSentence:
    """One sentence of the output."""

    start: int
    end: int
    words: Weights
    counts: bool
    """Whether it can be a translation: in the language asked for, and not about the task."""
    foreign: bool
    """Whether it is in another language."""
    asks: bool
    """Whether it is a question."""
    question: float
    """Share of the question's words in it."""
    of_the_question: float
    """Share of its words that are the question's."""


@dataclass(frozen=True, slots=True)
class SentenceMatch:
    """Where a sentence stands, if it does."""

    share: float
    """Of the sentence's weight."""
    first: int = -1
    """The first of the output's sentences there."""
    last: int = -1
    core: int = -1
    """The one of them that has most of it."""


@dataclass(frozen=True, slots=True)
class TranslationMatch:
    """What an output has of the expected text."""

    units: tuple[OutputSentence, ...]
    weights: tuple[Weights, ...]
    """Of each expected sentence, the question apart."""
    sizes: tuple[int, ...]
    """Words of each of them."""
    places: tuple[SentenceMatch, ...]
    """Best place of each."""
    besides: tuple[SentenceMatch, ...]
    """The same without the output's questions and its answers to the question."""
    question: SentenceMatch
    """Where the question stands as a question."""
    has_question: bool

    @property
    def share(self) -> float:
        """Of the expected text."""
        return self.share_of(self.places)

    def share_of(self, places: tuple[SentenceMatch, ...]) -> float:
        """Of the expected text, by the words of the sentences that are roughly there."""
        there = sum(
            size
            for size, place in zip(self.sizes, places, strict=True)
            if place.share >= ROUGHLY_FOUND
        )
        return there / max(1, sum(self.sizes))

    @property
    def besides_the_answer(self) -> dict[int, SentenceMatch]:
        """The expected sentences that stand in the output besides the answer, and where.

        What says half of the question is an answer, unless there are several of the kind: a text
        about the question's matter takes up its words again and again. Then the one with most of
        them is the answer.
        """
        clear = {i: p for i, p in enumerate(self.besides) if p.share >= FOUND}
        taken = {place.core for place in clear.values()}
        like_it = {
            i: place
            for i, place in enumerate(self.places)
            if i not in clear
            and place.share >= FOUND
            and place.core not in taken
            and not self.units[place.core].asks
        }
        answer = max(
            sorted({place.core for place in like_it.values()}),
            key=lambda n: self.units[n].question,
            default=-1,
        )
        return clear | {i: place for i, place in like_it.items() if place.core != answer}

    @property
    def in_order(self) -> float:
        """Share of the neighbours found that stand in the source's order; 1 where fewer than 2."""
        starts = [p.first for p in self.places if p.share >= ROUGHLY_FOUND]
        pairs = list(pairwise(starts))
        return sum(a <= b for a, b in pairs) / len(pairs) if pairs else 1.0


@lru_cache(maxsize=32)
def match_translation(output: str, expected: str, wanted: str) -> TranslationMatch:
    """Where the expected text's sentences stand in an output; total.

    Args:
        output: what the model wrote.
        expected: the text that the step should yield.
        wanted: the code of its language.

    >>> text = "Herons sleep in reeds by quiet lakes. Old storms frighten young owls."
    >>> found = match_translation("The heron sleeps by a quiet lake, in reeds. Nice!", text, "en")
    >>> [round(place.share, 1) for place in found.places], round(found.share, 1)
    ([0.8, 0.0], 0.5)
    """
    bare = LABELS.sub("\n", expected)
    pieces = [bare[a:b] for a, b in sentences_of(bare, _MOST_SENTENCES)]
    weighed = [(piece, _content(piece)) for piece in pieces]
    asked = [c for piece, c in weighed if asks(piece) and c]
    told = [c for piece, c in weighed if not asks(piece) and len(c) >= 2]
    if not told:
        told, asked = [c for _, c in weighed if c], asked if len(asked) < len(weighed) else []
    # names of the question count in full: they are what an answer takes up
    question = dict.fromkeys(asked[-1], 1.0) if asked else {}
    source = frozenset(word for content in (*told, *asked) for word in content)
    units = tuple(_units(output, wanted, question, source, bool(ABOUT_THE_TASK.search(bare))))
    index = _first_of_each(output, units)
    weights = _weigh(told)
    rare = [_without_names(w, c) for w, c in zip(weights, told, strict=True)]
    free = [unit.counts for unit in units]
    others = [
        unit.counts and not unit.asks and unit.question < ABOUT_THE_QUESTION for unit in units
    ]
    questions = [unit.counts and unit.asks for unit in units]
    return TranslationMatch(
        units,
        tuple(weights),
        tuple(len(c) for c in told),
        tuple(_best(w, r, units, index, free) for w, r in zip(weights, rare, strict=True)),
        tuple(_best(w, r, units, index, others) for w, r in zip(weights, rare, strict=True)),
        _best(question, {}, units, index, questions, 1) if question else SentenceMatch(0.0),
        bool(question),
    )


def _units(
    output: str, wanted: str, question: Weights, source: frozenset[str], may_tell: bool
) -> Iterator[OutputSentence]:
    for start, end in sentences_of(output, _MOST_UNITS):
        text = output[start:end]
        content = _content(text)
        spoken = language(text)
        foreign = not isinstance(spoken, Unparsed) and spoken != wanted
        hit = sum(word in question for word in content)
        yield OutputSentence(
            start,
            end,
            content,
            not foreign and (may_tell or _mostly_of(content, source) or not about_the_task(text)),
            foreign,
            asks(text),
            hit / len(question) if question else 0.0,
            hit / len(content) if content else 0.0,
        )


def _mostly_of(content: Weights, source: frozenset[str]) -> bool:
    """Whether most of a sentence's words are the expected text's, whatever they are about.

    "They provide answers to pupils" is about the task by its words alone, and yet a sentence of a
    text about schools.
    """
    return sum(word in source for word in content) >= _OF_THE_TEXT * len(content)


def _first_of_each(output: str, units: tuple[OutputSentence, ...]) -> list[int]:
    seen: set[str] = set()
    index: list[int] = []
    for n, unit in enumerate(units):
        key = " ".join(output[unit.start : unit.end].casefold().split())
        if key not in seen:
            seen.add(key)
            index.append(n)
    return index


def about_the_task(text: str) -> bool:
    """Whether a sentence is about the task; not where a label only announces what follows.

    >>> [about_the_task(t) for t in ("Translation: Herons sleep.", "The context is in Greek.")]
    [False, True]
    """
    label = _LABEL.match(text)
    begins = label.end() if label and text[label.end() :].strip(' *"“') else 0
    return bool(ABOUT_THE_TASK.search(text, begins))


def asks(text: str) -> bool:
    """Whether it ends as a question does, in any script."""
    return text.rstrip(" \n\t*\"”’')]").endswith(("?", "？", "؟", ";"))


def _content(text: str) -> Weights:
    """The beginnings of the words that say something; names and numbers weigh less."""
    found: Weights = {}
    for n, (i, j) in enumerate(words(text)):
        word = text[i:j]
        folded = word.casefold()
        if folded in _OFTEN or (len(word) == 1 and word.isascii() and not word.isdigit()):
            continue
        name = word[0].isdigit() or (n > 0 and word[0].isupper())
        begins = folded[:5]
        found[begins] = max(found.get(begins, 0.0), _NAME if name else 1.0)
    return found


def _weigh(told: list[Weights]) -> list[Weights]:
    n = len(told)
    if n < 2:
        return told
    often = Counter(word for content in told for word in content)
    rarity = {word: math.log((n + 1) / df) / math.log(n + 1) for word, df in often.items()}
    return [{w: max(rarity[w], _LEAST) * x for w, x in content.items()} for content in told]


def _without_names(weights: Weights, content: Weights) -> Weights:
    """Nothing where too few words would be left to tell the sentence by."""
    rest = {word: weight for word, weight in weights.items() if content[word] > _NAME}
    return rest if len(rest) >= 3 else {}


def _best(
    weights: Weights,
    rest: Weights,
    units: tuple[OutputSentence, ...],
    index: list[int],
    allowed: list[bool],
    window: int = _WINDOW,
) -> SentenceMatch:
    best = SentenceMatch(0.0)
    whole, whole_rest = sum(weights.values()), sum(rest.values())
    if not whole:
        return best
    for n in index:
        if not allowed[n] or weights.keys().isdisjoint(units[n].words):
            continue
        said: set[str] = set()
        for width in range(window):
            if n + width >= len(units) or not allowed[n + width]:
                break
            said |= units[n + width].words.keys()
            if width and len(said) > 2 * len(weights) + 4:
                break
            hit = weights.keys() & said
            share = sum(weights[word] for word in hit) / whole
            if whole_rest:
                share = max(share, sum(rest[w] for w in hit if w in rest) / whole_rest)
            share *= min(1.0, len(hit) / len(said) / OWN_WORDS) if said else 0.0
            if share > best.share + (_GAIN if width else 0.0):
                best = SentenceMatch(share, n, n + width)
    return best if best.first < 0 else _with_core(best, weights, units)


def _with_core(
    place: SentenceMatch, weights: Weights, units: tuple[OutputSentence, ...]
) -> SentenceMatch:
    def has(n: int) -> float:
        return sum(weight for word, weight in weights.items() if word in units[n].words)

    return replace(place, core=max(range(place.first, place.last + 1), key=has))


def best_of(found: TranslationMatch, unit: int) -> tuple[int, float]:
    """The expected sentence that one of the output's sentences has most of, and how much of it."""
    said = found.units[unit].words
    best = (-1, 0.0)
    for n, weights in enumerate(found.weights):
        share = sum(weights[word] for word in weights.keys() & said.keys())
        share /= sum(weights.values()) or 1.0
        if share > best[1]:
            best = (n, share)
    return best

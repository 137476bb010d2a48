"""What in an output could be the answer to a multiple-choice question, strongest sign first.

Four signs, each looked for only where the stronger ones find nothing: an announcement ("the answer
is (B)"), a line that is a choice ("B: library"), a choice with its letter within a sentence, and
the only choice that a sentence names. Repeated lists of choices and the repeated question are
hidden from all of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from sit_core.metrics.input_choices import LABEL, InputChoice, InputQuestion, plain, words_pattern
from sit_core.metrics.refusal import refuses
from sit_core.metrics.spans import Spans

_CONNECT = r"(?::|=|->|\bis\b|\bwas\b|\bbe\b|\bare\b)"
_ANNOUNCED = re.compile(r"\b(?:answers?|choice|option|solution|response)\b", re.I)
_WINDOW = 240
"""So many characters after such a word, an answer is no longer announced by it."""
_LINE = re.compile(r"[^\n]+")
_CONNECTOR = re.compile(rf"{_CONNECT}(?:\s*{_CONNECT})*", re.IGNORECASE)
_CHOSEN = re.compile(
    r"\b(?:i(?:'d| would)? (?:choose|select|pick|say|guess)|i(?:'d| would)? go with|opt for|"
    r"(?:both|either)(?= [(\[\"]?[A-Z]\b))\b",
    re.I,
)
_FILLER = re.compile(
    r"(?:[\s*_\"“'‘:>-]|\b(?:most likely|likely|probably|definitely|option|choice|answer|letter|"
    r"that|it is|therefore|clearly|indeed)\b){0,40}",
    re.IGNORECASE,
)
_LETTER = re.compile(
    r"[(\[]?([A-Z])(?:[)\]]|(?=\s*(?:$|[\n:.,;!?*\"'”’)</]|[-–—]\s|(?:or|and)\s)))(?!['’]\w)"
)
_SMALL_LETTER = re.compile(r"(?:\(([a-z])\)|([a-z])\)|([a-z])(?=\s*(?:$|[\n.:])))")
_AFTERWARDS = re.compile(
    r"(?:(?:\b(?:[Oo]ption|[Cc]hoice|[Ll]etter)\s+[(\"]?|\()([A-Z])\b|\b([A-Z])\b(?=[)\]:]))"
    r"[)\]\":]*(?:\s[^.\n]{0,60}?)?\s(?:is|would be)(?: the| my)?(?: most)? "
    r"(?:correct|right|best|appropriate)\b"
)
_LAST = re.compile(
    r"(?:->|=>|→|\w:|\w>|\b[Ss]o|\b[Tt]hus|\b[Hh]ence)\s{0,3}[*(\"']{0,3}([A-Z])[*)\"'.]{0,4}"
    r"(?:</\w{1,20}>)?\s*$"
)
_OPENS_A_LIST = re.compile(r"\b(?:choices|options|question|input)\b\W{0,3}:", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|isn't|never|neither|incorrect|wrong)\b", re.IGNORECASE)
_GOES_ON = re.compile(
    r"\s*(?:$|[^\w\s]|\n|(?:because|since|as|which|due|for|so|when|where|in|on|at|is|and|but|if)\b)",
    re.IGNORECASE,
)
_JOINED = re.compile(r"[\s,*\"”)]*(?:\b(?:or|and)\b|/)\s*", re.IGNORECASE)
_COMMA = re.compile(r"\s*[,;]\s*(?=[(\[]?[A-Z][)\]]?[:.)])")
_FEW = "a an the i it is in on at of to and or no yes this that he she"
_SMALL_WORDS = frozenset(_FEW.split(" "))
"""Choices that a sentence holds without meaning them."""
_HEADING = re.compile(r"[\s#*]*(?:choices|options|question|input|instruction)\b\W*:", re.I)
_OFTEN = 20
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


@dataclass(frozen=True, slots=True)
class AnswerCandidate:
    """One sign of an answer."""

    letter: str
    """The letter given, or that of the choice whose words are given."""
    start: int
    end: int
    contradicts: str | None = None
    """The letter of another choice whose words stand beside the letter ("B: words of E")."""


def candidates(
    output: str,
    asked: InputQuestion,
    hidden: Spans,
    start: int,
    end: int,
    plain_only: bool = False,
) -> list[AnswerCandidate]:
    """The strongest signs between two places of the output, in order; total.

    Args:
        output: the whole output.
        asked: the question with its choices.
        hidden: spans where nothing counts: repeated choices, the repeated question.
        start: where to begin.
        end: where to stop.
        plain_only: whether only what is announced or stands on a line of its own counts.
    """
    shift = max(0, start - 1)  # one character more: whether a word begins at ``start``
    text, first = output[shift:end], start - shift
    bare = hidden.blanked(text, shift)  # a line ends where what is hidden begins
    weak = () if plain_only else (_with_letter, _named, _at_the_end)
    signs = (_announced, _lines, *weak)
    for sign in signs:
        found = {
            c.start: c
            for c in sign(bare if sign is _lines else text, asked, first)
            if not hidden.touch(c.start + shift, c.end + shift)
        }
        if found:
            return [
                replace(found[at], start=at + shift, end=found[at].end + shift)
                for at in sorted(found)
            ]
    return []


def _announced(text: str, asked: InputQuestion, start: int) -> Iterator[AnswerCandidate]:
    marks = list(_ANNOUNCED.finditer(text, start))
    nexts = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, following in zip(marks, nexts, strict=False):
        until = min(mark.end() + _WINDOW, following)
        gap = text.find("\n\n\n", mark.end(), until)
        for connector in _CONNECTOR.finditer(text, mark.end(), until if gap < 0 else gap):
            if found := _values(text, connector.end(), asked):
                yield from found
                break
    for mark in _CHOSEN.finditer(text, start):
        yield from _values(text, mark.end(), asked)
    for mark in _AFTERWARDS.finditer(text, start):
        letter = mark.group(1) or mark.group(2)
        if not _NOT.search(mark.group()) and _known(letter, asked):
            yield AnswerCandidate(letter, *mark.span(1 if mark.group(1) else 2))


def _lines(text: str, asked: InputQuestion, start: int) -> Iterator[AnswerCandidate]:
    opens = True
    for line in _LINE.finditer(text, start):
        content = line.group().strip(' \t*_>#-•"“”')
        if not content.strip() or _HEADING.match(text, line.start()):
            continue
        at = line.start() + line.group().find(content)
        candidate = _value(text, at, asked) if content else None
        is_first, opens = opens, False
        if candidate is None:
            continue
        rest = plain(text[at : line.end()])
        choice = next((plain(c.text) for c in asked.choices if c.letter == candidate.letter), "")
        given = plain(f"{candidate.letter} {choice}")
        alone = is_first and (len(rest.split()) <= 8 or not text[line.end() :].strip())
        is_choice = rest in (choice, given, candidate.letter.casefold())
        is_choice = is_choice or bool(choice and rest.startswith(given))
        is_choice = is_choice or (
            is_first and text[candidate.end : candidate.end + 1] in (",", ";")
        )
        is_other = bool(LABEL.match(text, at)) and (alone or not _known(candidate.letter, asked))
        if is_choice or is_other or candidate.contradicts:
            yield candidate


def _at_the_end(text: str, asked: InputQuestion, start: int) -> Iterator[AnswerCandidate]:
    """A lone letter that ends the text, after an arrow, a colon, a tag or "so"."""
    match = _LAST.search(text, max(start, len(text.rstrip()) - 40))
    begins = text.rfind("\n", 0, match.start()) + 1 if match else 0
    if match and _known(match.group(1), asked) and not _OPENS_A_LIST.search(text, begins):
        yield AnswerCandidate(match.group(1), *match.span(1))


def _with_letter(text: str, asked: InputQuestion, start: int) -> Iterator[AnswerCandidate]:
    for label in LABEL.finditer(text, start):
        candidate = _value(text, label.start(), asked)
        if candidate and candidate.end > label.end() and candidate.contradicts is None:
            yield candidate


def _named(text: str, asked: InputQuestion, start: int) -> Iterator[AnswerCandidate]:
    """The choices that the first sentence to name any of them names; questions don't count."""
    if refuses(text):
        return
    nameable, negations = _nameable(asked)
    for sentence in _SENTENCE.finditer(text, start):
        if sentence.group().endswith("?") or _HEADING.match(sentence.group()):
            continue
        if len(_NOT.findall(sentence.group())) > negations:
            continue
        spans: list[tuple[int, int, str]] = []
        for words_of, letter in nameable:
            named = words_pattern(words_of, inflected=True).finditer(sentence.group())
            for match in islice(named, _OFTEN):
                if not any(match.start() < b and a < match.end() for a, b, _ in spans):
                    spans.append((*match.span(), letter))
        if spans:
            offset = sentence.start()
            yield from (AnswerCandidate(letter, offset + a, offset + b) for a, b, letter in spans)
            return


def _known(letter: str, asked: InputQuestion) -> bool:
    return any(choice.letter == letter for choice in asked.choices)


def _values(text: str, at: int, asked: InputQuestion) -> list[AnswerCandidate]:
    """One value, and those joined to it by "or" or "and"."""
    found: list[AnswerCandidate] = []
    while candidate := _value(text, at, asked):
        found.append(candidate)
        joined = _JOINED.match(text, candidate.end) or _COMMA.match(text, candidate.end)
        if joined is None:
            break
        at = joined.end()
    return found


def _value(text: str, at: int, asked: InputQuestion) -> AnswerCandidate | None:
    """A letter or the words of a choice that stand right here, after some filler."""
    filler = _FILLER.match(text, at)
    begin = filler.end() if filler else at
    while begin > at and text[begin - 1] in "([":
        begin -= 1
    letter, stop = None, begin
    if match := _LETTER.match(text, begin):
        letter, stop = match.group(1), match.end()
    elif match := _SMALL_LETTER.match(text, begin):
        letter, stop = next(g for g in match.groups() if g).upper(), match.end()
        letter = letter if _known(letter, asked) else None
    if letter is None:
        named = _choice_at(text, begin, asked)
        return AnswerCandidate(named[0], begin, named[1]) if named else None
    behind = re.compile(r"[\s*_)\]:.,-]{0,40}").match(text, stop)
    beside = _choice_at(text, behind.end(), asked, letter) if behind else None
    if beside is None:
        return AnswerCandidate(letter, begin, stop)
    if beside[0] != letter:
        return AnswerCandidate(letter, begin, beside[1], contradicts=beside[0])
    return AnswerCandidate(letter, begin, beside[1])


def _choice_at(
    text: str, at: int, asked: InputQuestion, first: str | None = None
) -> tuple[str, int] | None:
    """The choice whose words begin here and end where a sentence may: its letter and its end."""
    article = re.compile(r"[\"“'‘(*_\s]{0,40}(?:(?:the|an?)\s+)?", re.IGNORECASE).match(text, at)
    place = article.end() if article else at
    for choice, words_of in _longest_first(asked, first):
        match = words_pattern(words_of).match(text, place)
        if match and _GOES_ON.match(text, match.end()):
            return choice.letter, match.end()
    return None


@lru_cache(maxsize=1024)
def _longest_first(asked: InputQuestion, first: str | None) -> tuple[tuple[InputChoice, str], ...]:
    """The choices with their plain texts, where these are words; of the same length, the first."""
    order = sorted(asked.choices, key=lambda c: (-len(plain(c.text)), c.letter != first))
    return tuple((choice, plain(choice.text)) for choice in order if plain(choice.text))


@lru_cache(maxsize=256)
def _nameable(asked: InputQuestion) -> tuple[tuple[tuple[str, str], ...], int]:
    """The choices (plain text, letter) whose words can only mean them; the question's negations."""
    in_question = f" {plain(asked.question)} "
    found = tuple(
        (words_of, letter)
        for words_of, letter in sorted(asked.by_text.items(), key=lambda x: -len(x[0]))
        if f" {words_of} " not in in_question and words_of not in _SMALL_WORDS
    )
    return found, len(_NOT.findall(asked.question))

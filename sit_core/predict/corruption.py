"""An intermediate text with one fact changed: a choice, a number or a name. Pure and seeded.

    corrupted(text, example, others, random.Random(0))

A fact that the gold answer is made of comes first, because then the text implies another answer;
else any number or name. All mentions of the fact are changed alike, and nothing else.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sit_core.metrics.accuracy import gold_answers, text_of_choices
from sit_core.metrics.input_choices import InputQuestion, asked, plain
from sit_core.metrics.text_limits import bounded
from sit_core.records import Example, Unparsed

CHOICE, NUMBER, NAME = "choice", "number", "name"
_NUMBER = re.compile(r"(?<![\w.,])\d{1,12}(?![\w]|[.,]\d)")
_WORD = re.compile(r"\w+")
_MOST = 200
"""So many numbers and names of a text are looked at."""
NO_FACT = Unparsed("the text has no choice, number or name that could be changed")


@dataclass(frozen=True, slots=True)
class Corruption:
    """A text with one fact changed."""

    text: str
    kind: str
    """`CHOICE`, `NUMBER` or `NAME`."""
    before: str
    after: str
    implied: str | None
    """The answer that the changed text implies; None: the fact is no part of the gold answer."""


def corrupted(
    text: str, example: Example, others: Sequence[str], rng: random.Random
) -> Corruption | Unparsed:
    r"""The text with one fact changed, or why it has none.

    Args:
        text: the expected text of a step.
        example: with its gold answer.
        others: answers of other items, which names and choices are replaced by.
        rng: for the choice of the fact and of what comes in its place.

    >>> where = Example("…", "Where?\nChoices: A:bank, B:mall", reference="mall")
    >>> corrupted(where.input, where, ["mall", "hive"], random.Random(0)).text
    'Where?\nChoices: A:bank, B:hive'
    >>> asked_when = Example("…", "When was it?", reference="in 1990")
    >>> found = corrupted("It was 1990.", asked_when, [], random.Random(0))
    >>> found.before, found.implied == f"in {found.after}"
    ('1990', True)
    >>> corrupted("nothing here", asked_when, [], random.Random(0)) == NO_FACT
    True
    """
    if bounded(text).text != text:
        return Unparsed("the text is too long to look for facts in it")
    golds = gold_answers(example)
    # A translation lists the choices in its own words.
    listed = [asked(one) for one in (text_of_choices(example), text)]
    if listed[0].choices:
        changed = (
            _choice(text, gold, one, others, rng) for one in listed if one.choices for gold in golds
        )
        found = next((one for one in changed if one is not None), None)
        return found if found is not None else _any_fact(text, "", others, rng)
    for gold in golds:
        for kind, before in _facts(text):
            if kind == NUMBER and re.search(rf"(?<!\d){before}(?!\d)", gold):
                after = _other_number(before, rng)
                implied = re.sub(rf"(?<!\d){before}(?!\d)", after, gold)
                return Corruption(_replaced(text, before, after), kind, before, after, implied)
        if _mentions(text, gold) and (after := _other(gold, others, rng)):
            return Corruption(_replaced(text, gold, after), NAME, gold, after, after)
    return _any_fact(text, " ".join(golds), others, rng)


def _choice(
    text: str,
    gold: str,
    question: InputQuestion,
    others: Sequence[str],
    rng: random.Random,
) -> Corruption | None:
    """The right choice's words replaced wherever they stand; None: they stand nowhere."""
    letters = {choice.letter: choice.text for choice in question.choices}
    letter = gold.strip().upper() if gold.strip().upper() in letters else ""
    right = letters.get(letter) or letters.get(question.by_text.get(plain(gold), ""), "")
    if not right or not _mentions(text, right):
        return None
    if letter:  # the letter is the answer: its words go to another letter
        wrong = [c for c in question.choices if plain(c.text) != plain(right)]
        swapped = [c for c in wrong if _mentions(text, c.text)]
        if not swapped:
            return None
        other = rng.choice(swapped)
        return Corruption(
            _swapped(text, right, other.text), CHOICE, right, other.text, other.letter
        )
    taken = {plain(choice.text) for choice in question.choices}
    after = _other(right, [one for one in others if plain(one) not in taken], rng)
    if not after:
        return None
    return Corruption(_replaced(text, right, after), CHOICE, right, after, after)


def _any_fact(
    text: str, golds: str, others: Sequence[str], rng: random.Random
) -> Corruption | Unparsed:
    """A number or a name that is no part of the gold answer."""
    facts = [(kind, before) for kind, before in _facts(text) if not _mentions(golds, before)]
    rng.shuffle(facts)
    for kind, before in facts:
        after = _other_number(before, rng) if kind == NUMBER else _other(before, others, rng)
        if after:
            return Corruption(_replaced(text, before, after), kind, before, after, None)
    return NO_FACT


def _facts(text: str) -> Iterator[tuple[str, str]]:
    """Numbers, then names: words with a capital that does not begin a sentence."""
    yield from ((NUMBER, one) for one in list(dict.fromkeys(_NUMBER.findall(text)))[:_MOST])
    seen: dict[str, None] = {}
    for match in _WORD.finditer(text):
        if len(seen) >= _MOST:
            break
        word, before = match.group(), text[: match.start()].rstrip()[-1:]
        begins = not before or before in ".?!:;\n。？！"
        if word[0].isupper() and not begins and len(word) > 1 and not word.isdigit():
            seen.setdefault(word)
    yield from ((NAME, one) for one in seen)


def _other(before: str, others: Sequence[str], rng: random.Random) -> str:
    """Another answer in place of a name or a choice; empty: there is none."""
    known = {plain(one): one.strip() for one in others if 0 < len(one.strip()) <= 200}
    left = [one for key, one in known.items() if key and key != plain(before)]
    alike = [one for one in left if one[0].isupper() == before.strip()[:1].isupper()]
    return rng.choice(alike or left) if left else ""


def _other_number(before: str, rng: random.Random) -> str:
    """Another number with as many digits, as far as that goes.

    >>> _other_number("0", random.Random(0)) != "0", len(_other_number("1990", random.Random(1)))
    (True, 4)
    """
    value, away = int(before), rng.randint(1, 9)
    other = value - away if rng.random() < 0.5 and value - away >= 0 else value + away
    made = str(other).zfill(len(before) if before[0] == "0" else 0)
    return made if made != before else str(value + away)


def _pattern(words: str) -> re.Pattern[str]:
    left = r"(?<!\w)" if words[:1].isalnum() and words[:1].isascii() else ""
    right = r"(?!\w)" if words[-1:].isalnum() and words[-1:].isascii() else ""
    return re.compile(f"{left}{re.escape(words)}{right}", re.IGNORECASE)


def _mentions(text: str, words: str) -> bool:
    return bool(words.strip()) and _pattern(words.strip()).search(text) is not None


def _replaced(text: str, before: str, after: str) -> str:
    return _pattern(before.strip()).sub(lambda _: after, text)


def _swapped(text: str, one: str, other: str) -> str:
    """Each in the other's place."""
    both = re.compile(f"({_pattern(one).pattern})|({_pattern(other).pattern})", re.IGNORECASE)
    return both.sub(lambda found: other if found.group(1) else one, text)

"""Random texts that mean nothing: what the model learns exact copying on, besides questions.

Words, invented words, letters, digits, punctuation, other scripts, several lines: so that it copies
whatever stands in the input, not only what looks like a question.
"""

import random
from collections.abc import Callable
from functools import cache

from sit_core.embedded.lexicon import lexicon
from sit_core.embedded.world import HEADS, LETTERS

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_MIXED = _LOWER + _LOWER.upper() + "0123456789"
_ONSETS = """
b c d f g h j k l m n p r s t v w z br ch cl cr dr fl fr gr pl pr sh sl sp st th tr
"""
_VOWELS = "a e i o u ai ea ee oo ou"
_CODAS = "- - - d k l m n r s t x ll nd ng nt rd rt st"
"""``-`` is none."""
_SMALL = """
the a an of in on at to for with and or but is are was were be it he she they you we what
which who where when why how do does did can could would should not no some any more most
two three from by as that this there their his her its if because so very up down out over
"""
_COMMON = """
about above across after again against age almost alone along already also always among animal
another answer anything around away back because become been before began begin behind being below
best better between both bring brother build business call came carry change child children city
class close cold come common complete country course day different done door during each early earth
else end enough even every example eye face family far father feel few field find fire first follow
food foot form found friend full gave general girl give good great group grow hand happen hard head
hear heart help high himself home hope hour house however human idea important information input
instruction interest just keep kind knew know land language large last late learn leave left less
letter life light like line list little live long look lose love made make many matter mean might
mind minute money month morning mother mountain move much music must name near need never new next
night nothing number often old once only open order other own page paper part pass people perhaps
person picture place plan plant play point possible power problem question quick rather reach read
ready really reason remember right room round run said same saw school second seem sentence set
several short show side simple since small something soon sound space special stand start state stay
still stop story street strong study such sun sure system table take talk teach tell thank thing
think thought through time today together told took toward town travel tree true try turn under
understand until upon use usually voice walk want warm watch water way week while white whole wind
without woman wonder word work world write year yes young
"""
_SYMBOLS = (
    *("{w}={n}", '"{w}"', "({w})", "{w}: {n}", "{w}/{n}", "#{n}", "{W}!", "{w}_{n}", "<{w}>"),
    *("{n} {w}", "{n}.{n}", "{w}; ", "* {w}\n", "{w}'s", "{n}%", "{w} & {w}", "[{n}]"),
)
_OTHER_SCRIPTS = (
    (0xC0, 0xFF),
    (0x3B1, 0x3C9),
    (0x430, 0x44F),
    (0x4E00, 0x4FFF),
    (0x1F600, 0x1F640),
)


@cache
def known_words() -> tuple[str, ...]:
    """All words of the micro world in its three languages."""
    words = lexicon().all_words()
    return tuple(w.bare(language) for w in words for language in ("english", "spanish", "german"))


@cache
def _list(table: str) -> tuple[str, ...]:
    return tuple("" if part == "-" else part for part in table.split())


def invented(rng: random.Random) -> str:
    """A word that no language has (or only by chance).

    >>> invented(random.Random(0))
    'plartheell'
    """
    parts = [
        rng.choice(_list(_ONSETS)) + rng.choice(_list(_VOWELS)) + rng.choice(_list(_CODAS))
        for _ in range(rng.choice((1, 1, 2, 2, 2, 3)))
    ]
    return "".join(parts)


def patched(rng: random.Random) -> str:
    """Pieces of words put together: tokens follow each other that never do in real words."""
    pieces = []
    for _ in range(rng.choice((1, 2, 2, 3))):
        word = rng.choice(rng.choice((known_words(), _list(_SMALL), _list(_COMMON))))
        start = rng.randrange(len(word))
        pieces.append(word[start : start + rng.randint(1, 6)])
    word = "".join(pieces)
    return word.capitalize() if rng.random() < 0.15 else word


def any_word(rng: random.Random) -> str:
    """A known, a small, an invented or a patched word."""
    draw = rng.random()
    if draw < 0.3:
        return rng.choice(known_words())
    if draw < 0.5:
        return rng.choice(rng.choice((_list(_SMALL), _list(_COMMON))))
    return invented(rng) if draw < 0.72 else patched(rng)


def word_string(rng: random.Random) -> str:
    """Random words in a row."""
    separator = rng.choice((" ", " ", " ", ", ", "\n", " - "))
    return separator.join(any_word(rng) for _ in range(_length(rng, 1, 24)))


def letter_string(rng: random.Random) -> str:
    """Random letters and digits, in groups or one by one."""
    alphabet = rng.choice((_LOWER, _MIXED, _LOWER.upper(), "0123456789"))
    longest = rng.choice((1, 4, 8, 12))
    groups = range(_length(rng, 1, max(2, 28 // longest)))
    words = ["".join(rng.choices(alphabet, k=rng.randint(1, longest))) for _ in groups]
    return " ".join(words)


def sentence(rng: random.Random) -> str:
    """What looks like a sentence."""
    words = [any_word(rng) for _ in range(_length(rng, 2, 18))]
    if rng.random() < 0.2:
        words[rng.randrange(len(words))] += rng.choice(("'s", "n't", "'ll", "-" + any_word(rng)))
    if len(words) > 5 and rng.random() < 0.4:
        words[rng.randrange(1, len(words) - 1)] += ","
    text = " ".join(words)
    return text[0].upper() + text[1:] + rng.choice(".....?!:")


def invented_question(rng: random.Random) -> str:
    """What looks like a question with choices, in unknown words."""
    head, tail = HEADS[rng.choice(("english", "english", "english", "spanish", "german"))]
    question = " ".join(any_word(rng) for _ in range(_length(rng, 3, 20)))
    question = question[0].upper() + question[1:] + "?"
    if rng.random() < 0.15:
        question = sentence(rng) + rng.choice((" ", " ", "  ")) + question
    choices = ", ".join(
        f"{letter}:{' '.join(any_word(rng) for _ in range(rng.choice((1, 1, 2))))}"
        for letter in LETTERS[: rng.choice((3, 4, 5, 5, 5, 5))]
    )
    return f"{head}: {question}\n{tail}: {choices}"


def symbols(rng: random.Random) -> str:
    """Words with numbers and punctuation of all sorts."""
    made = []
    for _ in range(_length(rng, 1, 9)):
        word = any_word(rng)
        number = rng.randrange(10 ** rng.randint(1, 4))
        form = rng.choice(_SYMBOLS)
        made.append(form.format(w=word, W=word.upper(), n=number))
    return " ".join(made).strip()


def other_script(rng: random.Random) -> str:
    """A few characters of other scripts and signs."""
    low, high = rng.choice(_OTHER_SCRIPTS)
    words = [
        "".join(chr(rng.randint(low, high)) for _ in range(rng.randint(1, 4)))
        for _ in range(rng.randint(1, 4))
    ]
    return " ".join(words)


FORMS: dict[str, tuple[int, Callable[[random.Random], str]]] = {
    "words": (26, word_string),
    "letters": (22, letter_string),
    "sentence": (16, sentence),
    "invented question": (22, invented_question),
    "symbols": (10, symbols),
    "other script": (4, other_script),
}
"""Name → how often, and how it is made."""


def free_text(rng: random.Random, form: str | None = None) -> str:
    """A random text of this form, or of any."""
    if form is None:
        names = list(FORMS)
        form = rng.choices(names, [FORMS[n][0] for n in names])[0]
    return FORMS[form][1](rng)


def _length(rng: random.Random, low: int, high: int) -> int:
    """Short more often than long."""
    return low + int((high - low + 1) * rng.random() ** 1.6)

"""The word tables of the micro world as records, with the articles that sentences need."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from sit_core.embedded import words
from sit_core.embedded import words as things

_SPANISH_A = {"m": "un", "f": "una"}
_SPANISH_THE = {"m": "el", "f": "la"}
_GERMAN_A = {
    "m": ("ein", "einen", "einem"),
    "f": ("eine", "eine", "einer"),
    "n": ("ein", "ein", "einem"),
}
_NO_ARTICLE = {"furniture"}


@dataclass(frozen=True)
class Word:
    """A noun or verb or colour in three languages."""

    english: str
    spanish: str
    german: str
    forms: tuple[tuple[str, str], ...] = ()
    """Slot of a phrasing and what stands there, ``language:slot`` → text."""

    def form(self, language: str, slot: str) -> str:
        """What stands in a slot of a phrasing, e.g. ``form("german", "einen")``."""
        return dict(self.forms)[f"{language}:{slot}"]

    def bare(self, language: str) -> str:
        """The word alone, as in a list of choices."""
        return {"english": self.english, "spanish": self.spanish, "german": self.german}[language]


@dataclass(frozen=True)
class Thing:
    """One thing of the micro world and its three facts."""

    word: Word
    kind: str
    place: str
    look: str
    """Its colour, or what it is used for."""


@dataclass(frozen=True)
class Lexicon:
    """All words, by their English name."""

    things: dict[str, Thing]
    kinds: dict[str, Word]
    places: dict[str, Word]
    colours: dict[str, Word]
    uses: dict[str, Word]

    def all_words(self) -> list[Word]:
        """Every word once, in a fixed order."""
        found = [t.word for t in self.things.values()]
        for table in (self.kinds, self.places, self.colours, self.uses):
            found += table.values()
        return found


@cache
def too_near(name: str) -> frozenset[str]:
    """The word itself and those that would be right as well, or nearly (`words.NEAR`).

    >>> sorted(too_near("write"))
    ['draw', 'write']
    """
    lines = [set(line.split()) for line in words.NEAR]
    return frozenset({name}.union(*(line for line in lines if name in line)))


@cache
def lexicon() -> Lexicon:
    """Read the tables."""
    return Lexicon(
        things={
            row[0]: Thing(_noun(row[0], row[1], row[2]), row[3], row[4], row[5])
            for row in _rows(things.LIVING + things.MADE)
        },
        kinds={row[0]: _noun(*row) for row in _rows(words.KINDS)},
        places={row[0]: _place(*row) for row in _rows(words.PLACES)},
        colours={row[0]: Word(row[0], row[1], row[2]) for row in _rows(words.COLOURS)},
        uses={row[0]: Word(row[0], row[1], row[2]) for row in _rows(words.USES)},
    )


def _rows(table: str) -> Iterator[list[str]]:
    return (line.split("|") for line in table.strip().splitlines() if line)


def english_a(noun: str) -> str:
    """The noun with its article.

    >>> english_a("owl"), english_a("cow"), english_a("furniture")
    ('an owl', 'a cow', 'furniture')
    """
    if noun in _NO_ARTICLE:
        return noun
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _noun(english: str, spanish: str, german: str) -> Word:
    es, es_gender = spanish.split()
    de, de_gender = german.split()
    ein, einen, einem = _GERMAN_A[de_gender]
    forms = {
        "english:a": english_a(english),
        "spanish:a": f"{_SPANISH_A[es_gender]} {es}",
        "german:ein": f"{ein} {de}",
        "german:einen": f"{einen} {de}",
        "german:einem": f"{einem} {de}",
    }
    return Word(english, es, de, tuple(forms.items()))


def _place(english: str, preposition: str, spanish: str, german: str, german_in: str) -> Word:
    es, gender = spanish.split()
    forms = {
        "english:in": f"{preposition} {english}",
        "spanish:in": f"en {_SPANISH_THE[gender]} {es}",
        "german:in": f"{german_in} {german}",
    }
    return Word(english, es, german, tuple(forms.items()))

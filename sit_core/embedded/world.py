"""The micro world: its facts, the questions about them, and what is held out of training.

A fact is asked in six English phrasings (three pairs of paraphrases). For every fact one pair is
held out: those questions never occur in training, in no skill and no language, while the same
phrasing is seen with other facts and the fact in other phrasings. Besides, any free text whose hash
falls into a sixteenth of all hashes is held out (`held_text`).
"""

import hashlib
import random
from dataclasses import dataclass
from functools import cache, cached_property

from sit_core.embedded.lexicon import Lexicon, Word, lexicon, too_near
from sit_core.embedded.phrasings import RELATIONS

LETTERS = "ABCDE"
LANGUAGES = ("english", "spanish", "german")
HEADS = {
    "english": ("Question", "Choices"),
    "spanish": ("Pregunta", "Opciones"),
    "german": ("Frage", "Auswahl"),
}
"""Language → what stands before the question and before its choices."""


@dataclass(frozen=True)
class Fact:
    """One thing, one relation, one value."""

    relation: str
    thing: str
    value: str

    @property
    def answer(self) -> str:
        """The right choice (English): the value, or the thing where the relation asks backwards."""
        return self.thing if RELATIONS[self.relation].backwards else self.value


@dataclass(frozen=True)
class WorldQuestion:
    """A fact asked in one phrasing with five choices; ``phrasing`` counts the English ones."""

    fact: Fact
    phrasing: int
    choices: tuple[str, ...]

    @property
    def paraphrase(self) -> "WorldQuestion":
        """The same question in the other phrasing of its pair."""
        return WorldQuestion(self.fact, self.phrasing ^ 1, self.choices)


def digest(seed: int, text: str) -> int:
    """A number that depends on the seed and the text alone."""
    packed = f"{seed}\x1f{text}".encode()
    return int.from_bytes(hashlib.sha256(packed).digest()[:8], "big")


class World:
    """All facts of the micro world, and which of its texts are held out, for one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.lexicon: Lexicon = lexicon()

    @cached_property
    def facts(self) -> list[Fact]:
        """Every fact, in a fixed order."""
        found = []
        for name, thing in self.lexicon.things.items():
            look = "colour" if thing.look in self.lexicon.colours else "use"
            found += [
                Fact("place", name, thing.place),
                Fact("kind", name, thing.kind),
                Fact(look, name, thing.look),
                Fact("thing-at", name, thing.place),
                Fact("thing-of", name, thing.kind),
            ]
        return found

    @cached_property
    def answerable(self) -> list[Fact]:
        """The facts that are asked forwards, so that a question has one right word."""
        return [f for f in self.facts if not RELATIONS[f.relation].backwards]

    def held_pair(self, fact: Fact) -> int:
        """Which pair of phrasings (0, 1 or 2) of this fact never occurs in training."""
        return digest(self.seed, f"{fact.relation}/{fact.thing}") % 3

    def held_text(self, text: str) -> bool:
        """Whether a free text (a statement, a word string, …) is kept out of training."""
        return digest(self.seed, text) % 16 == 0

    def question(self, rng: random.Random, *, held: bool) -> WorldQuestion:
        """A question for training, or one whose fact was never asked in this phrasing there."""
        return self.question_about(rng, rng.choice(self.facts), held=held)

    def question_about(self, rng: random.Random, fact: Fact, *, held: bool) -> WorldQuestion:
        """A question about this fact with four wrong choices of the same sort."""
        pair = self.held_pair(fact)
        if not held:
            pair = rng.choice([p for p in range(3) if p != pair])
        choices = [fact.answer, *rng.sample(_wrong(fact.relation, fact.value), 4)]
        rng.shuffle(choices)
        return WorldQuestion(fact, 2 * pair + rng.randrange(2), tuple(choices))

    def word(self, name: str) -> Word:
        """A word by its English name, whatever it is."""
        table = self.lexicon
        if name in table.things:
            return table.things[name].word
        for words in (table.places, table.kinds, table.colours, table.uses):
            if name in words:
                return words[name]
        raise KeyError(name)


@cache
def _wrong(relation: str, value: str) -> tuple[str, ...]:
    table = lexicon()
    near = too_near(value)
    if relation == "thing-at":
        return tuple(n for n, t in table.things.items() if t.place not in near)
    if relation == "thing-of":
        return tuple(n for n, t in table.things.items() if t.kind not in near)
    tables = {
        "place": table.places,
        "kind": table.kinds,
        "colour": table.colours,
        "use": table.uses,
    }
    return tuple(v for v in tables[relation] if v not in near)

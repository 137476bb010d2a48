"""Near-duplicates among new instructions: MinHash over word triples, in a flat table.

Datasketch makes the signatures; the table of their bands is `sit_core.sources.seen.KeyCounts`; it
takes some 200 bytes an instruction where a dict of sets takes kilobytes. A hit in the table is only
a candidate: the two texts themselves are compared.
"""

from collections.abc import Callable
from typing import Any

from sit_core.seq_instruct.text_comparison import plain
from sit_core.sources.seen import KeyCounts, hash64

PERMUTATIONS = 40
BANDS = 5
"""Of 8 rows each: 94 of 100 texts that share 90 % of their triples are found, equal ones always."""
ROWS = PERMUTATIONS // BANDS
WORDS = 3


class Duplicates:
    """The instructions so far; asks for the text of an earlier one where it may be the same."""

    def __init__(self, similarity: float, text_of: Callable[[int], str]) -> None:
        """Nothing so far.

        Args:
            similarity: from which share of common triples on two texts are one.
            text_of: place → its text.
        """
        self.similarity = similarity
        self._text_of = text_of
        self._seen = KeyCounts()
        self._permutations: Any = None
        self._known: dict[str, list[int]] = {}

    def earlier(self, text: str) -> int | None:
        """The place of an earlier instruction that is nearly this text; None: there is none."""
        own = triples(text)
        for key in self._keys(text, own):
            place = self._seen[key] - 1
            if place >= 0 and similarity(own, triples(self._text_of(place))) >= self.similarity:
                return place
        return None

    def add(self, place: int, text: str) -> None:
        """Take up an instruction."""
        for key in self._keys(text, triples(text)):
            if not self._seen[key]:
                self._seen[key] = place + 1

    def look(self, text: str) -> None:
        """Make a text's keys beforehand, while there is time; until `forget`."""
        self._keys(text, triples(text))

    def forget(self) -> None:
        """Of the keys that were made so far, those that are in the table are enough."""
        self._known.clear()

    def _keys(self, text: str, own: set[str]) -> list[int]:
        """A key for each band; a text is looked at, asked about and added."""
        if text in self._known:
            return self._known[text]
        from datasketch import MinHash

        made = MinHash(PERMUTATIONS, seed=1, permutations=self._permutations, scheme="affine32")
        self._permutations = made.permutations  # drawn by the seed: the same for all
        made.update_batch([triple.encode("utf-8", "surrogatepass") for triple in sorted(own)])
        values = [int(value) for value in made.digest()]
        keys = [
            hash64(str(band), *map(str, values[band * ROWS : (band + 1) * ROWS]))
            for band in range(BANDS)
        ]
        self._known[text] = keys
        return keys


def triples(text: str) -> set[str]:
    """Its runs of three words, marks and case aside; of a shorter text, the whole.

    >>> sorted(triples("Name a colour, then a shape.")) == [
    ...     "a colour then", "colour then a", "name a colour", "then a shape"]
    True
    >>> triples("Hi!"), triples("")
    ({'hi'}, {''})
    """
    words = plain(text).split()
    if len(words) < WORDS:
        return {" ".join(words)}
    return {" ".join(words[i : i + WORDS]) for i in range(len(words) - WORDS + 1)}


def similarity(one: set[str], other: set[str]) -> float:
    """Jaccard's: what they have in common over what there is.

    >>> similarity({"a", "b"}, {"b", "c"})
    0.3333333333333333
    """
    return len(one & other) / len(one | other) if one or other else 1.0

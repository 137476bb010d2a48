"""What training rows and test prompts share: exact, normalised, and in runs of words. Pure.

Per test prompt: whether some training row has its exact text (instruction and input); whether one
has it normalised (`sit_core.matching.match_key`: line ends, outer blanks, Unicode forms); whether
one has its input under whatever instruction; and which share of its word n-grams stand anywhere in
the training rows' texts, outputs included (n words in a row, lower case, as decontamination of
training data counts them: Brown et al. 2020, arXiv 2005.14165, appendix C, with 13 words).

Linear in the lengths of all texts: each is read once, n-grams are kept as 64-bit hashes. Two
different n-grams share a hash with a probability below 10⁻⁶ for ten million of them.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

from sit_core.errors import UsageError
from sit_core.matching import match_key, match_text

NGRAM = 13
"""Words in a row."""
SHARE = 0.5
"""A prompt *overlaps in words* from this share of its n-grams on."""
SHOWN = 20
"""Rows that are named of each kind."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class OverlapRow:
    """One row of either side."""

    name: str
    """What it is called where it is shown: its number, its id."""
    instruction: str
    input: str = ""
    output: str = ""
    """Of training rows."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A test prompt and the training row that has it too."""

    test: str
    train: str
    """The first such row; empty where n-grams come from several."""
    share: float = 1.0
    """Of the prompt's n-grams."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What was found."""

    train_rows: int
    test_rows: int
    ngram: int
    share: float
    """From which share of n-grams on a prompt is in `words`."""
    exact: tuple[Shared, ...]
    normalised: tuple[Shared, ...]
    """Exact ones among them."""
    inputs: tuple[Shared, ...]
    """Prompts whose input, not empty, is some training row's input."""
    words: tuple[Shared, ...]
    mean_share: float | None
    """Of n-grams found in training, over the prompts that have any; None: none has."""
    any_words: int
    """Prompts with at least one n-gram found."""
    short: tuple[str, ...]
    """Prompts of fewer than n words: they have no n-gram to look for."""

    def to_dict(self, shown: int | None = None) -> dict[str, Any]:
        """For JSON: counts, and the first rows of each kind (all with None)."""
        known = asdict(self)
        for name in ("exact", "normalised", "inputs", "words", "short"):
            rows = list(known.pop(name))
            known[name] = len(rows)
            known[f"{name}_rows"] = rows if shown is None else rows[:shown]
        return known


def overlap(
    train: Iterable[OverlapRow],
    test: Sequence[OverlapRow],
    *,
    ngram: int = NGRAM,
    share: float = SHARE,
) -> Overlap:
    """Look for each test prompt in the training rows.

    Args:
        train: read once, row by row.
        test: the prompts.
        ngram: words in a row.
        share: of n-grams, from which on a prompt counts.

    Raises:
        UsageError: there are no test prompts, or a setting is out of range.

    >>> rows = [OverlapRow("row 1", "Repeat.", "a b c d", "a b c d")]
    >>> found = overlap(rows, [OverlapRow("q1", "Repeat.", "a b c d "), OverlapRow("q2", "x y")],
    ...                 ngram=2)
    >>> len(found.exact), [s.test for s in found.normalised], [s.share for s in found.words]
    (0, ['q1'], [1.0])
    """
    if ngram < 1 or not 0 < share <= 1:
        raise UsageError("n-grams have at least 1 word, and the share is above 0 and at most 1.")
    if not test:
        raise UsageError("There are no test prompts to look for.")
    grams = [frozenset(_grams(_text(row), ngram)) for row in test]
    wanted = frozenset().union(*grams)
    seen: set[int] = set()
    exact: dict[tuple[str, str], str] = {}
    keys: dict[str, str] = {}
    inputs: dict[str, str] = {}
    asked = {(row.instruction, row.input) for row in test}
    asked_keys = {match_key(row.instruction, row.input) for row in test}
    asked_inputs = {match_text(row.input) for row in test}
    count = 0
    for row in train:
        count += 1
        if (row.instruction, row.input) in asked:
            exact.setdefault((row.instruction, row.input), row.name)
        if (key := match_key(row.instruction, row.input)) in asked_keys:
            keys.setdefault(key, row.name)
        if (text := match_text(row.input)) in asked_inputs:
            inputs.setdefault(text, row.name)
        for part in (_text(row), row.output):
            seen.update(g for g in _grams(part, ngram) if g in wanted)
    shares = [len(of & seen) / len(of) if of else None for of in grams]
    known = [s for s in shares if s is not None]
    return Overlap(
        train_rows=count,
        test_rows=len(test),
        ngram=ngram,
        share=share,
        exact=tuple(
            Shared(row.name, exact[row.instruction, row.input])
            for row in test
            if (row.instruction, row.input) in exact
        ),
        normalised=tuple(
            Shared(row.name, keys[key])
            for row in test
            if (key := match_key(row.instruction, row.input)) in keys
        ),
        inputs=tuple(
            Shared(row.name, inputs[text])
            for row in test
            if (text := match_text(row.input)) and text in inputs
        ),
        words=tuple(
            Shared(row.name, "", s)
            for row, s in zip(test, shares, strict=True)
            if s is not None and s >= share
        ),
        mean_share=sum(known) / len(known) if known else None,
        any_words=sum(s > 0 for s in known),
        short=tuple(row.name for row, of in zip(test, grams, strict=True) if not of),
    )


def _text(row: OverlapRow) -> str:
    """What is looked at in words: the input, and where there is none the instruction.

    The instruction of a set of prompts is often one sentence for all of them; shared wordings are
    no leak.
    """
    return row.input if row.input.strip() else row.instruction


def _grams(text: str, n: int) -> Iterator[int]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text[:_LONGEST]).casefold())
    for i in range(len(words) - n + 1):
        packed = "\x1f".join(words[i : i + n]).encode("utf-8", "surrogatepass")
        yield int.from_bytes(blake2b(packed, digest_size=8).digest(), "big")


_LONGEST = 1_000_000
"""Characters of a text that are looked at in words."""

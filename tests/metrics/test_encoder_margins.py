"""What an encoder says is read by margins: encoders that blur, and sentences alike to all others.

The encoders are drawn: a sentence's vector is that of its meanings, of what all sentences have in
common, and noise. Each kind of text is drawn many times, and the verdicts are counted that differ
from what was put there.
"""

import random
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from sit_core.metrics.encoder_probe_texts import PARALLEL
from sit_core.metrics.translation_encoder import MOST, read_encoded, scale_of
from sit_core.records import Verdict

pytestmark = pytest.mark.slow

WIDTH = 200
TEXTS = 120
ANY = "any"
"""What all sentences have in common."""


def drawn(name: str) -> NDArray[np.float64]:
    vector = np.random.default_rng(zlib.crc32(name.encode())).normal(size=WIDTH)
    return vector / np.linalg.norm(vector)


@dataclass
class DrawnEncoder:
    """Texts are words as ``meaning:language``; ``a:es`` and ``a:en`` are translations."""

    seed: int
    noise: float
    common: float
    like: defaultdict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    """Word → what else it says, and how much of it."""
    name: str = "drawn"

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found = np.array([self._row(text) for text in texts], dtype="float32")
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    def _row(self, text: str) -> NDArray[np.float64]:
        for code in ("es", "en"):
            lines = PARALLEL[code].split("\n")
            if text in lines:
                text = f"parallel{lines.index(text)}:{code}"
        row = np.zeros(WIDTH)
        for word in text.split():
            row += drawn(f"{self.seed} {word.split(':')[0]}") + self.common * drawn(ANY)
            row += self.noise * drawn(f"{self.seed} {word}")
            for other, much in self.like[word].items():
                row += much * drawn(other)
        return row


@dataclass(frozen=True)
class Kind:
    """How texts are made."""

    noise: float = 0.5
    common: float = 0.45
    joined: bool = False
    """Neighbours of the input become one sentence of the output."""
    parted: bool = False
    """Sentences of the input become two."""
    like_all: str = ""
    """In this language one sentence is alike to all others."""
    much: float = 1.0
    related: float = 0.0
    """Three sentences of the input, and one of the output's own, are about one matter."""


def wrong(kind: Kind) -> int:
    """Of `TEXTS` texts, how many verdicts differ from what stands there."""
    rng = random.Random(7)
    found = 0
    read, seed = 0, -1
    while read < TEXTS:
        seed += 1
        encoder = DrawnEncoder(seed, kind.noise, kind.common)
        if not scale_of(encoder, "es", "en").separates:
            continue
        read += 1
        n = rng.randint(4, 8)
        names = [f"m{i}" for i in range(n)]
        kept = sorted(rng.sample(range(n), rng.randint(0, n)))
        said = ["own:en"]
        while kept:
            i, *kept = kept
            if kind.joined and kept[:1] == [i + 1]:
                said.append(f"m{i}:en m{kept.pop(0)}:en")
            elif kind.parted:
                said += [f"m{i}:en", f"m{i}x:en"]
            else:
                said.append(f"m{i}:en")
        source = [f"{m}:es {m}x:es" if kind.parted else f"{m}:es" for m in names]
        if kind.like_all:
            encoder.like["own:en" if kind.like_all == "en" else "m0:es"][ANY] = kind.much
        if kind.related:
            for name in rng.sample(names, 3):
                encoder.like[f"{name}:es"]["matter"] = kind.related
                encoder.like[f"{name}:en"]["matter"] = kind.related
            encoder.like["own:en"]["matter"] = kind.related
        there = {word.split(":")[0] for text in said for word in text.split()} & set(names)
        share = len(there) / n
        expected = Verdict.YES if share >= MOST else Verdict.PARTLY if there else Verdict.NO
        verdict, _ = read_encoded(source, said, [1.0] * n, ("es", "en"), encoder)
        found += verdict != expected
    return found


@pytest.mark.parametrize(
    "kind",
    [
        Kind(),
        Kind(noise=0.7),
        Kind(joined=True),
        Kind(joined=True, noise=0.7),
        Kind(parted=True),
        Kind(parted=True, noise=0.7),
        Kind(like_all="es"),
        Kind(like_all="en", much=2.0),
        Kind(related=0.8),
        Kind(related=0.8, common=0.6),
    ],
    ids=str,
)
def test_encoders_that_blur_still_tell_what_stands_there(kind: Kind) -> None:
    assert wrong(kind) <= 1

"""What a mixture is like: chains, steps, languages, lengths; counted while it is written."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sit_core.augment.chains import label
from sit_core.augment.example import final_text
from sit_core.records import Example

BINS = (0, 1, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
"""Lower bounds of the lengths' bins, in characters; the first is for what is empty."""
NOT_SAID = "not said"


@dataclass
class Statistics:
    """Counts over rows, train and held-out together unless it says otherwise."""

    rows: Counter[str] = field(default_factory=Counter)
    """``train`` and ``held_out`` → rows."""
    chains: Counter[str] = field(default_factory=Counter)
    """``R+A`` (``A``: left as it was) → rows."""
    steps: Counter[int] = field(default_factory=Counter)
    """Steps of a row → rows."""
    languages: Counter[str] = field(default_factory=Counter)
    inputs: Counter[int] = field(default_factory=Counter)
    """Lower bound of the bin → rows, by the input's length in characters."""
    outputs: Counter[int] = field(default_factory=Counter)

    def add(self, example: Example, held_out: bool) -> None:
        """Count one row."""
        self.rows["held_out" if held_out else "train"] += 1
        self.chains[label(example.steps)] += 1
        self.steps[len(example.steps) or 1] += 1
        self.languages[example.language or NOT_SAID] += 1
        self.inputs[bin_of(len(example.input))] += 1
        texts = [s.expected or "" for s in example.steps] or [final_text(example) or ""]
        self.outputs[bin_of(sum(map(len, texts)) + len(texts) - 1)] += 1

    def as_plain(self) -> dict[str, Any]:
        """For the manifest; in an order that depends on the counts alone."""
        return {
            "rows": sum(self.rows.values()),
            "sequential": sum(n for name, n in self.chains.items() if "+" in name),
            "chains": _sorted(self.chains),
            "steps": _sorted(self.steps),
            "languages": _sorted(self.languages),
            "input_characters": _sorted(self.inputs),
            "output_characters": _sorted(self.outputs),
        }


def bin_of(length: int) -> int:
    """The lower bound of the bin that a length falls into.

    >>> [bin_of(n) for n in (0, 1, 31, 32, 10**9)]
    [0, 1, 1, 32, 32768]
    """
    if length < BINS[2]:
        return min(length, BINS[1])
    return min(BINS[-1], 1 << (length.bit_length() - 1))


def _sorted(counts: Mapping[Any, int]) -> dict[Any, int]:
    return {key: counts[key] for key in sorted(counts)}

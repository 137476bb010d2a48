"""Which example becomes which chain, what is held out, and in what order: pure, and seeded.

All choices come from 64-bit numbers made of the seed and the example's own text. So the same
example is held out, or not, in every mixture of that seed (the baseline and the sequences share
their held-out examples), and adding a row to a file draws nothing else for the others.
Some 70 bytes of memory an example at most.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sit_core.errors import UsageError

PLAIN = -1
"""In place of a chain: the example as it is."""
Numbers = np.ndarray[Any, np.dtype[np.uint64]]
Places = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass
class Table:
    """What is known of every example that can be used, in the order of reading."""

    key: "array[int]" = field(default_factory=lambda: array("Q"))
    """Of the example's text."""
    split_key: "array[int]" = field(default_factory=lambda: array("Q"))
    """The same for what must not be on both sides of the split; empty: `key` serves."""
    chains: "array[int]" = field(default_factory=lambda: array("H"))
    """Bit i: it can become chain i."""
    source: "array[int]" = field(default_factory=lambda: array("H"))

    def add(self, key: int, chains: int, source: int, split_key: int | None = None) -> None:
        """One more example; all with a key of their own for the split, or none."""
        if split_key is not None:
            self.split_key.append(split_key)
        self.key.append(key)
        self.chains.append(chains)
        self.source.append(source)

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True)
class MixtureSpec:
    """What a plan is asked for."""

    weights: Sequence[float]
    caps: Sequence[int | None]
    takes: Sequence[int | None]
    """Per source."""
    share: float = 1.0
    keep_originals: bool = False
    plain: int | None = None
    held_out: float | int = 0
    shuffle: bool = True
    seed: int = 0


@dataclass(frozen=True)
class MixturePlan:
    """The rows to write, in their order."""

    rows: Places
    """Example of each row."""
    chains: Places
    """Its chain, or `PLAIN`."""
    held_out: Flags
    over_the_cap: int
    """Examples that could have become a sequence, but all their chains were full."""
    not_in_the_share: int


def make_plan(table: Table, asked: MixtureSpec) -> MixturePlan:
    """Lay the mixture out.

    Raises:
        UsageError: more examples are to be held out than there are.
    """
    key = np.frombuffer(table.key, dtype=np.uint64) if len(table) else np.zeros(0, np.uint64)
    place = np.arange(len(table), dtype=np.uint64)
    draws = mixed(key ^ mixed(place + np.uint64(asked.seed)))
    taken = _taken(table, asked, draws)
    chain_of, full, beyond = _assigned(table, asked, draws, taken)
    plain = np.flatnonzero(taken & ((chain_of == PLAIN) | asked.keep_originals))
    if asked.plain is not None and len(plain) > asked.plain:
        order = np.argsort(mixed(draws[plain] + np.uint64(1)), kind="stable")
        plain = np.sort(plain[order[: asked.plain]])
    changed = np.flatnonzero(taken & (chain_of != PLAIN))
    rows = np.concatenate([plain, changed])
    chains = np.concatenate([np.full(len(plain), PLAIN, np.int64), chain_of[changed]])
    if asked.shuffle:
        order = np.argsort(mixed(draws[rows] + chains.astype(np.uint64)), kind="stable")
    else:
        order = np.lexsort((chains, rows))
    rows, chains = rows[order], chains[order]
    held = _held_out(table, asked, rows)
    return MixturePlan(rows.astype(np.uint32), chains.astype(np.int8), held, full, beyond)


def mixed(numbers: Numbers) -> Numbers:
    """Other numbers, each depending on its own alone (splitmix64: Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        z = numbers + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def _taken(table: Table, asked: MixtureSpec, draws: Numbers) -> Flags:
    taken = np.ones(len(table), dtype=bool)
    source = np.frombuffer(table.source, dtype=np.uint16) if len(table) else np.zeros(0, np.uint16)
    for number, most in enumerate(asked.takes):
        own = np.flatnonzero(source == number)
        if most is not None and len(own) > most:
            order = np.argsort(mixed(draws[own] + np.uint64(2)), kind="stable")
            taken[own[order[most:]]] = False
    return taken


def _assigned(
    table: Table, asked: MixtureSpec, draws: Numbers, taken: Flags
) -> tuple[Places, int, int]:
    """Chain of each example; how many found all chains full; how many were not in the share.

    An example goes to the chain that is furthest behind its weight among those that it can become
    and that are not full.
    """
    possible = np.array(table.chains, dtype=np.uint16)
    able = np.flatnonzero(taken & (possible != 0))
    able = able[np.argsort(mixed(draws[able] + np.uint64(3)), kind="stable")]
    wanted = round(asked.share * len(able))
    chain_of = np.full(len(table), PLAIN, dtype=np.int64)
    counts = [0] * len(asked.weights)
    options: dict[int, list[int]] = {}
    full = 0
    for place, mask in zip(able[:wanted].tolist(), possible[able[:wanted]].tolist(), strict=True):
        if mask not in options:
            options[mask] = [i for i in range(len(counts)) if mask >> i & 1]
        best, behind = PLAIN, 0.0
        for i in options[mask]:
            cap = asked.caps[i]
            if cap is not None and counts[i] >= cap:
                continue
            filled = counts[i] / asked.weights[i]
            if best == PLAIN or filled < behind:
                best, behind = i, filled
        if best == PLAIN:
            full += 1
        else:
            counts[best] += 1
            chain_of[place] = best
    return chain_of, full, len(able) - wanted


def _held_out(table: Table, asked: MixtureSpec, rows: Places) -> Flags:
    """By example, never by row: what has the same key is on the same side."""
    if not asked.held_out:
        return np.zeros(len(rows), dtype=bool)
    keys = np.frombuffer(table.split_key or table.key, dtype=np.uint64)[rows]
    draws = mixed(mixed(keys) ^ mixed(np.full(len(keys), asked.seed, np.uint64)))
    if isinstance(asked.held_out, float):
        below = np.uint64(min(int(asked.held_out * 2**64), 2**64 - 1))
        return np.asarray(draws < below)
    there = np.unique(draws)
    if asked.held_out >= len(there):
        raise UsageError(
            f"held_out: Expected fewer than the {len(there):,} examples that there are, but found "
            f"{asked.held_out:,}."
        )
    return np.asarray(draws < there[asked.held_out])

"""Inputs to try: the micro lab's held-out items."""

import json
import random
from functools import lru_cache
from pathlib import Path

from sit_core.embedded import shipped

SEED = 1


def item_sets() -> dict[str, Path]:
    """Name → file, of those that are here."""
    return {f"micro lab: {path.stem}": path for path in sorted(shipped.HELD_OUT.glob("*.jsonl"))}


def item(path: Path, number: int) -> str:
    """The input of the item number ``number`` (from 0) of a shuffled set, round and round."""
    inputs = _inputs(path)
    return inputs[number % len(inputs)] if inputs else ""


@lru_cache(maxsize=32)
def _inputs(path: Path) -> tuple[str, ...]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    inputs = list(dict.fromkeys(row["input"] for row in rows if row.get("input")))
    random.Random(SEED).shuffle(inputs)
    return tuple(inputs)

"""What binds the steps of a prompt: which builds on which, weights, level and group; readers.

They are given with the examples or outputs, in columns that are kept with them when a file is
imported (in CSV as JSON text):

* ``depends``: ``{"answer": ["translate"]}``, step's key → the steps that it builds on;
* ``weights``: ``{"answer": 2}``, step's key → its weight, else 1;
* ``level`` (or SeqEval's ``iteration``): a whole number from 1; ``group``: what the prompts of
  several levels have in common;

or for all examples with ``--depends answer=translate`` (``--depends chain``: each step builds on
all before it) and ``--weights answer=2``, which win. A step is named by its key or its task.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sit_core.errors import UsageError
from sit_core.store.verdict_state import CHAIN

_LONGEST = 20_000
_LARGEST = 1e6
UNREAD = "{name!r} of an example can't be read and is not used"


@dataclass(frozen=True, slots=True)
class StepRelations:
    """Of one output."""

    builds_on: Mapping[str, tuple[str, ...]]
    weights: Mapping[str, float]
    level: int | None
    group: str
    item: str = ""
    """The key of the prompt in its data set (IFEval's ``key``)."""
    unread: tuple[str, ...] = ()
    """What the example says that can't be used."""


def relations(
    keys: Sequence[str],
    meta: Mapping[str, Any],
    depends: Sequence[str] = (),
    weights: Sequence[str] = (),
) -> StepRelations:
    """What binds the steps of one output.

    Args:
        keys: of its steps, in the order asked.
        meta: what is kept with the example and the output; hostile.
        depends: ``STEP=STEP`` or ``chain``, said for all; wins over the meta.
        weights: ``STEP=NUMBER``, the same.

    Raises:
        UsageError: what is said for all is not of that form.

    >>> relations(("translate", "answer"), {}, ["chain"]).builds_on
    {'answer': ('translate',)}
    >>> relations(("a", "b"), {"depends": '{"b": "a"}', "level": 2}).level
    2
    """
    unread = []
    on, heavy = parse_depends(depends, keys), parse_weights(weights)
    if not depends:
        said = _object(meta.get("depends"))
        found = None if said is None else _builds_on(said, keys)
        if found is None and meta.get("depends") is not None:
            unread.append("depends")
        on = found or {}
    if not weights:
        said = _object(meta.get("weights"))
        weighed = None if said is None else _weights(said)
        if weighed is None and meta.get("weights") is not None:
            unread.append("weights")
        heavy = weighed or {}
    level = _level(meta.get("level", meta.get("iteration")))
    doc = meta.get("doc")
    item = meta.get("key", doc.get("key") if isinstance(doc, Mapping) else None)
    of_key = {key: heavy.get(key, heavy.get(_task(key), 1.0)) for key in keys}
    return StepRelations(on, of_key, level, _name(meta.get("group")), _name(item), tuple(unread))


def parse_depends(said: Sequence[str], keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """``STEP=STEP`` for these steps.

    Raises:
        UsageError: one is not of that form.
    """
    found: dict[str, tuple[str, ...]] = {}
    for one in said:
        if one.strip() == CHAIN:
            chain = {key: tuple(keys[:place]) for place, key in enumerate(keys) if place}
            found |= {key: (*found.get(key, ()), *before) for key, before in chain.items()}
            continue
        step, has, on = (part.strip() for part in one.rpartition("="))
        if not has or not step or not on:
            raise UsageError(
                f"--depends takes STEP=STEP (the second is what the first builds on) or {CHAIN}, "
                f"but {one[:80]!r} is neither."
            )
        for key in _named(step, keys):
            found[key] = (*found.get(key, ()), *_named(on, keys))
    return found


def parse_weights(said: Sequence[str]) -> dict[str, float]:
    """``STEP=NUMBER``.

    Raises:
        UsageError: one is not of that form.
    """
    found = {}
    for one in said:
        step, _, text = (part.strip() for part in one.rpartition("="))
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not step or not _usable(number):
            raise UsageError(
                f"--weights takes STEP=NUMBER (0 to {_LARGEST:,.0f}), but {one[:80]!r} is not so."
            )
        found[step] = number
    return found


def _usable(number: object) -> bool:
    plain = isinstance(number, int | float) and not isinstance(number, bool)
    return plain and math.isfinite(number) and 0 <= number <= _LARGEST  # type: ignore[arg-type, operator]


def _task(key: str) -> str:
    """The task of a key: ``paraphrase`` of ``paraphrase-2``."""
    head, _, number = key.rpartition("-")
    return head if head and number.isdecimal() else key


def _named(step: str, keys: Sequence[str]) -> tuple[str, ...]:
    """The keys that a name means: the key itself, else all steps of that task."""
    return (step,) if step in keys else tuple(key for key in keys if _task(key) == step)


def _object(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, str) and len(value) <= _LONGEST:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, Mapping) else None


def _builds_on(said: Mapping[str, Any], keys: Sequence[str]) -> dict[str, tuple[str, ...]] | None:
    found: dict[str, tuple[str, ...]] = {}
    for step, on in said.items():
        parts = [on] if isinstance(on, str) else on
        if not isinstance(parts, list | tuple) or not all(isinstance(p, str) for p in parts):
            return None
        for key in _named(str(step), keys):
            found[key] = tuple(name for part in parts for name in _named(part, keys))
    return found


def _weights(said: Mapping[str, Any]) -> dict[str, float] | None:
    if not all(_usable(number) for number in said.values()):
        return None
    return {str(step): float(number) for step, number in said.items()}


def _name(value: Any) -> str:
    named = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value)[:200] if named else ""


def _level(value: Any) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 6:
        value = int(value)
    plain = isinstance(value, int) and not isinstance(value, bool)
    return value if plain and 1 <= value <= 10_000 else None

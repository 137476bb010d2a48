"""The examples of an import: found again by their gold, inserted once, filled in where they lack.

A gold answer, a chain, a language or something in the meta that was missing is filled in; what is
there is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sit_core.matching import example_key
from sit_core.records import Example, Step, steps_from_json, steps_to_json
from sit_core.sources import Numbering
from sit_core.store.schema import examples


def learn_variants(connection: Connection, numbering: Numbering, asked: Sequence[Example]) -> None:
    """Tell the numbering which variants of these prompts the store has.

    Args:
        connection: inside the import's transaction.
        numbering: what is told.
        asked: examples as read, all of variant 0.
    """
    waiting: dict[str, list[Example]] = {}
    for example in asked:
        if not numbering.knows(example):
            waiting.setdefault(example_key(example), []).append(example)
    e = examples.c
    while waiting:
        found = connection.execute(
            select(e.match_key, e.reference, e.variant)
            .where(e.match_key.in_(list(waiting)))
            .order_by(e.match_key, e.id)
        ).all()
        further: dict[str, list[Example]] = {}
        for row in found:
            for example in waiting[row.match_key]:
                numbering.learn(replace(example, reference=row.reference, variant=row.variant))
        for key in {row.match_key for row in found if row.reference is not None}:
            for example in waiting[key]:
                if not numbering.knows(example):
                    following = replace(example, variant=example.variant + 1)
                    further.setdefault(example_key(following), []).append(following)
        waiting = further


def merged(ids: Sequence[str], asked: Sequence[Example]) -> dict[str, Example]:
    """Each example once, with the gold and the steps that any of its rows has."""
    seen: dict[str, Example] = {}
    for example_id, example in zip(ids, asked, strict=True):
        first = seen.get(example_id)
        if first is None:
            seen[example_id] = example
        elif first.reference is None or not first.steps or example.meta.keys() - first.meta.keys():
            seen[example_id] = replace(
                first,
                meta={**example.meta, **first.meta},
                reference=example.reference if first.reference is None else first.reference,
                steps=first.steps or example.steps,
            )
    return seen


def add_examples(connection: Connection, asked: Mapping[str, Example]) -> int:
    """Insert the new ones, fill in what the stored ones lack; how many have other steps there."""
    other_steps = 0
    there = {
        row.id: row
        for row in connection.execute(
            select(
                examples.c.id,
                examples.c.reference,
                examples.c.steps,
                examples.c.language,
                examples.c.meta,
            ).where(examples.c.id.in_(list(asked)))
        )
    }
    new = [_example_row(i, e) for i, e in asked.items() if i not in there]
    if new:
        connection.execute(_insert(connection), new)
    for example_id, row in there.items():
        example = asked[example_id]
        stored = steps_from_json(row.steps)
        changes: dict[str, Any] = {}
        if row.reference is None and example.reference is not None:
            changes["reference"] = example.reference
        if row.language is None and example.language is not None:
            changes["language"] = example.language
        if example.meta.keys() - (row.meta or {}).keys():  # how often a prompt was grown, …
            changes["meta"] = {**example.meta, **(row.meta or {})}
        if example.steps and _keys(stored) in (_keys(example.steps), []):
            filled = _filled(stored, example.steps)
            if filled != stored:
                changes["steps"] = steps_to_json(filled)
        elif example.steps:
            other_steps += 1
        if changes:
            connection.execute(
                update(examples).where(examples.c.id == example_id).values(**changes)
            )
    return other_steps


def _insert(connection: Connection) -> Any:
    """An insert that leaves alone what another writer has put there meanwhile."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(examples).on_conflict_do_nothing()


def _keys(steps: Sequence[Step]) -> list[str]:
    return [s.key for s in steps]


def _filled(stored: Sequence[Step], new: Sequence[Step]) -> tuple[Step, ...]:
    """The stored steps with expected texts that were missing; the new ones where there are none."""
    if not stored:
        return tuple(new)
    return tuple(
        s if s.expected is not None else replace(s, expected=n.expected)
        for s, n in zip(stored, new, strict=True)
    )


def _example_row(example_id: str, example: Example) -> dict[str, Any]:
    return {
        "id": example_id,
        "instruction": example.instruction,
        "input": example.input,
        "image": example.image,
        "language": example.language,
        "steps": steps_to_json(example.steps),
        "reference": example.reference,
        "variant": example.variant,
        "match_key": example_key(example),
        "meta": dict(example.meta),
    }

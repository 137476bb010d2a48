"""The text that each step should yield: from the task, or from an ``expected`` column."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sit_core.records import Example, Step, Unparsed
from sit_core.tasks import TASKS

FINAL = "answer"
"""The final task; a plain ``expected`` text is about what comes before it."""


def with_expected(
    steps: Sequence[Step], example: Example, column: Any = None
) -> tuple[Step, ...] | Unparsed:
    """The steps with their expected texts; what the column says wins over what the task knows.

    Args:
        steps: the chain, with keys.
        example: what the tasks derive their texts from (repeat: the input).
        column: nothing, or a text (for the first step that is not the answer), or a list (step by
            step, null where not known), or an object (step key → text).
    """
    filled = [_by_task(step, example) for step in steps]
    if column is None or column == "":
        return tuple(filled)
    if isinstance(column, str):
        first = next((i for i, s in enumerate(filled) if s.task != FINAL), None)
        given = {} if first is None else {filled[first].key: column}
    elif isinstance(column, list):
        if len(column) != len(filled):
            return Unparsed(
                f"'expected' lists {len(column)} texts, but the chain has {len(filled)} steps"
            )
        given = {s.key: text for s, text in zip(filled, column, strict=True) if text is not None}
    elif isinstance(column, dict):
        given = {key: text for key, text in column.items() if text is not None}
        keys = {s.key for s in filled}
        strange = [k for k in given if k not in keys]
        if strange:
            return Unparsed(f"'expected' is about {strange[0]!r}, which is no step of the chain")
    else:
        return Unparsed("'expected' should be text, a list or an object")
    if not all(isinstance(text, str) for text in given.values()):
        return Unparsed("'expected' holds something that is not text")
    return tuple(replace(s, expected=given.get(s.key, s.expected)) for s in filled)


def _by_task(step: Step, example: Example) -> Step:
    if step.expected is not None or step.task not in TASKS:
        return step
    expected = TASKS.get(step.task).expected(example)
    return step if expected is None else replace(step, expected=expected)

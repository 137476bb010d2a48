"""What comes before an example's question goes along: a system message, earlier turns."""

from dataclasses import replace
from pathlib import Path

from sit_core.records import Example
from sit_core.sources import Problem
from sit_core.sources.context import COLUMNS, HISTORY, TOOLS, NoContext, context_of

NAMES_TOOLS = "it names tools, for which a row has no place"
EARLIER_TURNS = "there are earlier turns, for which a sequence of instructions has no place"


def with_context(item: Example | Problem, source: str, index: int) -> Example | Problem:
    """The example with its system message and earlier turns under one name each.

    Args:
        item: as read, with the columns `sit_core.sources.context.COLUMNS` in its meta.
        source: where it is from, for a problem.
        index: its place there, from 0.
    """
    if isinstance(item, Problem):
        return item
    try:
        context = context_of(item.meta)
    except NoContext as fault:
        return Problem(Path(source).name, None, f"example {index + 1}: {fault}")
    meta = {name: value for name, value in item.meta.items() if name not in COLUMNS}
    if context.system:
        meta["system"] = context.system
    if context.history:
        meta[HISTORY] = [list(turn) for turn in context.history]
    if context.tools:
        meta[TOOLS] = item.meta[TOOLS]
    return replace(item, meta=meta) if meta != item.meta else item


def has_no_place(item: Example) -> str | None:
    """Why Seq-Instruct can't start from an example, or None."""
    if item.meta.get(TOOLS):
        return NAMES_TOOLS
    return EARLIER_TURNS if item.meta.get(HISTORY) else None

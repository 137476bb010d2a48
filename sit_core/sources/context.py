"""What comes before a row's question in training data: a system message and earlier turns.

Alpaca's files have the columns ``system`` and ``history`` (pairs of question and answer), chats
have them as messages; other names of the same are known too.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SYSTEM_COLUMNS = ("system", "system_prompt", "system_message")
HISTORY, TOOLS = "history", "tools"
COLUMNS = (*SYSTEM_COLUMNS, HISTORY, TOOLS)
"""Columns that say what comes before the question."""


class NoContext(ValueError):
    """A system message or a history of no known shape; the argument says what it is."""


@dataclass(frozen=True, slots=True)
class Context:
    """What comes before the question."""

    system: str = ""
    history: tuple[tuple[str, str], ...] = ()
    """Earlier questions with their answers: read, not learned."""
    tools: bool = False
    """Whether functions are described that the model may call."""

    def messages(self) -> list[dict[str, str]]:
        """As a chat template takes them, before the question."""
        turns = [{"role": "system", "content": self.system}] if self.system else []
        for asked, answered in self.history:
            turns.append({"role": "user", "content": asked})
            turns.append({"role": "assistant", "content": answered})
        return turns


NONE = Context()


def context_of(meta: Mapping[str, Any]) -> Context:
    """The context in a row's columns.

    Args:
        meta: column → value; a history is a list of pairs, question and answer (Alpaca's), or the
            same as JSON text.

    Raises:
        NoContext: it is of another shape.

    >>> context_of({"system": "Be brief.", "history": [["q", "a"]]}).history
    (('q', 'a'),)
    """
    system = next((meta[name] for name in SYSTEM_COLUMNS if meta.get(name)), "")
    if not isinstance(system, str):
        raise NoContext(f"the system message should be text, but is {system!r:.60}")
    tools = meta.get(TOOLS)
    named = bool(tools) and tools not in ("[]", "{}", "null")
    return Context(system if system.strip() else "", _history(meta.get(HISTORY)), named)


def _history(value: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise NoContext(f"the history is no list of turns: {value!r:.60}") from None
    if not value:
        return ()
    pairs: list[tuple[str, str]] = []
    for pair in value if isinstance(value, list) else [value]:
        texts = isinstance(pair, list | tuple) and all(isinstance(text, str) for text in pair)
        if not texts or len(pair) != 2:
            raise NoContext(f"the history should be pairs of question and answer: {pair!r:.60}")
        pairs.append((pair[0], pair[1]))
    return tuple(pairs)

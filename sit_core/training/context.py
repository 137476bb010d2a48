"""What comes before a row's question: a system message and earlier turns; and whether it is read.

A chat template has places for them, the other prompt formats have none. A row whose system message
or history the model would not see is not trained on as if it had none: it is left out and counted.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sit_core.errors import SitError

SYSTEM_COLUMNS = ("system", "system_prompt", "system_message")
HISTORY, TOOLS = "history", "tools"
COLUMNS = (*SYSTEM_COLUMNS, HISTORY, TOOLS)
"""Columns that say what comes before the question."""
NO_SYSTEM = "there is a system message, for which the prompt has no place"
NO_HISTORY = "there are earlier turns, for which the prompt has no place"
NO_TOOLS = "it names tools, for which the prompt has no place"
_PROBES = "\u2063system\u2063", "\u2063asked\u2063", "\u2063answered\u2063"


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


@dataclass(frozen=True, slots=True)
class Places:
    """What a prompt format shows the model beside the question."""

    system: bool = False
    history: bool = False

    def lacking(self, context: Context) -> str | None:
        """Why a row can't be trained on, or None."""
        if context.tools:
            return NO_TOOLS
        if context.system and not self.system:
            return NO_SYSTEM
        return NO_HISTORY if context.history and not self.history else None


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


def places_of(render: Any) -> Places:
    """What a chat template shows of a system message and of earlier turns.

    Args:
        render: messages before the question → the prompt; may raise `SitError`.
    """
    system, asked, answered = _PROBES

    def shows(context: Context, *probes: str) -> bool:
        try:
            text = render(context)
        except SitError:
            return False
        return all(probe in text for probe in probes)

    return Places(
        shows(Context(system=system), system),
        shows(Context(history=((asked, answered),)), *(asked, answered)),
    )


def counted(contexts: Sequence[Context]) -> dict[str, int]:
    """Of how many rows a system message and earlier turns are read."""
    counts = Counter(
        name
        for context in contexts
        for name, there in (("system", context.system), ("history", context.history))
        if there
    )
    return {"system": counts["system"], "history": counts["history"]}

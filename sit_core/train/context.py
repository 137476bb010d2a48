"""Whether a model sees what comes before a row's question (`sit_core.sources.context`).

A chat template has places for them, the other prompt formats have none. A row whose system message
or history the model would not see is not trained on as if it had none: it is left out and counted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sit_core.errors import SitError
from sit_core.sources.context import Context

NO_SYSTEM = "there is a system message, for which the prompt has no place"
NO_HISTORY = "there are earlier turns, for which the prompt has no place"
NO_TOOLS = "it names tools, for which the prompt has no place"
_PROBES = "\u2063system\u2063", "\u2063asked\u2063", "\u2063answered\u2063"


@dataclass(frozen=True, slots=True)
class ContextSupport:
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


def context_support(render: Any) -> ContextSupport:
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

    return ContextSupport(
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

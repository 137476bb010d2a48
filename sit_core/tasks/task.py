"""What a task is, and the registry of them: one file each in this folder.

A new task is a new file with one `Task`, imported in ``sit_core/tasks/__init__.py``.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sit_core.records import Example
from sit_core.registry import Registry

MAX_STEPS = 64
"""Of a chain. The longest in print has five, and each step is a question, a column and a key."""


def _not_known(_example: Example) -> str | None:
    return None


@dataclass(frozen=True)
class Task:
    """One thing that a chain may ask of a model."""

    name: str
    """As the researcher writes it: ``repeat``."""
    letter: str
    """As the tables write it: ``R``."""
    question: str
    """Put to an annotator; ends with a question mark."""
    rule: str
    """One line on what counts, whether or not the result is right."""
    patterns: Sequence[str] = ()
    """Regular expressions for the *beginning* of a clause that asks for it, in any case."""
    expected: Callable[[Example], str | None] = _not_known
    """The text it should yield for an example, or None where that can't be known."""
    wording: str = ""
    """How a chain asks for it, after "first" or "then"; ``{language}`` stands for the
    name of a language. Empty: chains are not built of it."""
    obtained: str = ""
    """How the expected text of the step is got when training data are made; a sentence."""
    needs_image: bool = False
    """Whether it can only be asked of an example with an image."""

    def is_asked_by(self, clause: str) -> bool:
        """Whether a clause such as "repeat the input" asks for this task."""
        return any(re.match(p, clause, re.IGNORECASE | re.DOTALL) for p in self.patterns)


TASKS: Registry[Task] = Registry("task")
"""Task name → `Task`."""

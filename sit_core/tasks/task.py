"""What a task is, and the registry of them: one file each in this folder.

A new task is a new file with one `Task`, imported in ``sit_core/tasks/__init__.py``, or a plugin's
`Task` (group ``sit.tasks``).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sit_core.plugins import PluginError
from sit_core.records import Example
from sit_core.registry import Registry

MAX_STEPS = 64
"""Of a chain. The longest in print has five, and each step is a question, a column and a key."""
MAX_LETTER = 4
"""Characters of what stands for a task in a chain's name."""


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
    judged_by: Callable[[Any], Any] | None = None
    """The automatic verdict: `sit_core.metrics.rules.RuleInput` → ``RuleVerdict``. None: the rule
    registered for the task in `sit_core.metrics.rules`, where there is one."""
    guidelines: str = ""
    """What the guidelines of a new study say of it: Markdown, a question and worked examples.
    Empty: the annotators' own examples are asked for."""

    def is_asked_by(self, clause: str) -> bool:
        """Whether a clause such as "repeat the input" asks for this task."""
        return any(re.match(p, clause, re.IGNORECASE | re.DOTALL) for p in self.patterns)


def _of_plugin(name: str, thing: Any) -> Task:
    """A plugin's task, seen to be one that all who read tasks can use."""
    if not isinstance(thing, Task):
        raise PluginError(f"it is a {type(thing).__name__}, not a Task")
    if thing.name != name or name != name.lower():
        raise PluginError(
            f"it calls itself {thing.name!r}; that must be its name, in small letters"
        )
    if not (0 < len(thing.letter) <= MAX_LETTER and thing.letter.isalnum()):
        raise PluginError(f"its letter {thing.letter!r} is not 1 to {MAX_LETTER} letters or digits")
    if taken := [task for task in TASKS if TASKS.get(task).letter == thing.letter]:
        raise PluginError(f"its letter {thing.letter} stands for {taken[0]!r} already")
    if not thing.question.endswith("?"):
        raise PluginError("its question does not end with a question mark")
    for pattern in thing.patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise PluginError(f"its pattern {pattern!r} can't be read: {error}") from None
    return thing


TASKS: Registry[Task] = Registry("task", "sit.tasks", _of_plugin)
"""Task name → `Task`."""

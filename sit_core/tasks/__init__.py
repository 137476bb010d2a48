"""The tasks of a chain: one file each, registered by name; and the chains they are put into."""

from sit_core.tasks import answer, caption, follow, paraphrase, repeat, translate
from sit_core.tasks.naming import question_for, rule_for, steps_named
from sit_core.tasks.task import TASKS, Task
from sit_core.tasks.wording import steps_from_instruction

__all__ = [
    "TASKS",
    "Task",
    "answer",
    "caption",
    "follow",
    "paraphrase",
    "question_for",
    "repeat",
    "rule_for",
    "steps_from_instruction",
    "steps_named",
    "translate",
]

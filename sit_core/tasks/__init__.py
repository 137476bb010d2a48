"""The tasks of a chain: one file each, registered by name; and the chains they are put into."""

from sit_core.tasks import answer, caption, follow, paraphrase, repeat, translate
from sit_core.tasks.naming import question_for, rule_for, steps_named
from sit_core.tasks.task import TASKS, Task
from sit_core.tasks.wording import (
    clause_for,
    clauses_of,
    joined,
    steps_from_instruction,
    task_asked_by,
)

__all__ = [
    "TASKS",
    "Task",
    "answer",
    "caption",
    "clause_for",
    "clauses_of",
    "follow",
    "joined",
    "paraphrase",
    "question_for",
    "repeat",
    "rule_for",
    "steps_from_instruction",
    "steps_named",
    "task_asked_by",
    "translate",
]

"""The way back from tasks to words: "First p1, then p2" (arXiv 2403.07794, section 2)."""

from collections.abc import Sequence

from sit_core.errors import UsageError
from sit_core.tasks.task import Task

LANGUAGE = "{language}"
"""Stands for a language's name in a task's wording."""


def clause_for(task: Task, language: str = "English") -> str:
    """What asks for one task.

    Raises:
        UsageError: the task has no wording.

    >>> from sit_core.tasks.translate import TRANSLATE
    >>> clause_for(TRANSLATE, "German")
    'translate the input into German'
    """
    if not task.wording:
        raise UsageError(f"The task {task.name!r} has no wording that a chain could be built of.")
    return task.wording.replace(LANGUAGE, language)


def joined(clauses: Sequence[str]) -> str:
    """One instruction of these clauses, each kept letter by letter.

    >>> joined(["repeat the input", "paraphrase the input", "answer the question"])
    'First repeat the input, then paraphrase the input, then answer the question.'
    >>> joined(["repeat the input"]), joined([])
    ('Repeat the input.', '')
    """
    if not clauses:
        return ""
    text = ", then ".join(clauses)
    text = text[:1].upper() + text[1:] if len(clauses) == 1 else f"First {text}"
    return text if text.endswith((".", "!", "?")) else f"{text}."

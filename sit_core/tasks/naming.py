"""Steps by name (``repeat,answer``, or one's own ``summarise=S``), and what to ask about a step."""

from collections.abc import Sequence

from sit_core.errors import UsageError
from sit_core.records import IN_ORDER, Step, chain
from sit_core.registry import unknown
from sit_core.tasks.task import MAX_LETTER, MAX_STEPS, TASKS

MAX_NAME = 80


def steps_named(names: Sequence[str]) -> tuple[Step, ...]:
    """The chain of these tasks, with unique keys.

    Args:
        names: registered tasks (``repeat``), or own ones with their letter (``summarise=S``).

    Raises:
        UsageError: all that is wrong with the names, in one message.

    >>> [(s.key, s.letter) for s in steps_named(["paraphrase", "summarise=S", "paraphrase"])]
    [('paraphrase', 'P'), ('summarise', 'S'), ('paraphrase-2', 'P')]
    """
    if len(names) > MAX_STEPS:
        raise UsageError(
            f"A chain has at most {MAX_STEPS} steps, but {len(names):,} are named "
            f"({', '.join(map(str, names[:3]))[:80]}, …)."
        )
    steps: list[Step] = []
    problems: list[str] = []
    for name in names:
        found = _step(name)
        if isinstance(found, Step):
            steps.append(found)
        else:
            problems.append(found)
    owner: dict[str, str] = {}
    for step in steps:
        if owner.setdefault(step.letter, step.task) != step.task:
            problems.append(
                f"The letter {step.letter} stands for both {owner[step.letter]!r} and "
                f"{step.task!r}; give one of them another (name=LETTER)."
            )
    if problems:
        raise UsageError(" ".join(dict.fromkeys(problems)))
    keyed = chain(steps)
    if len({s.key for s in keyed}) != len(keyed):
        raise UsageError("Two steps would have the same key; rename the one that ends in a number.")
    return keyed


def _step(text: str) -> Step | str:
    """The step, or what is wrong with it."""
    name, has_letter, letter = (part.strip() for part in text.partition("="))
    known = name.lower()
    if known in TASKS:
        task = TASKS.get(known)
        if has_letter and letter != task.letter:
            return f"The task {known!r} has the letter {task.letter} already."
        return Step(task.name, task.letter)
    if not name:
        return "A step has no name."
    if not has_letter:
        return f"{unknown('task', name, list(TASKS))} A step of your own needs a letter ({name}=X)."
    if len(name) > MAX_NAME or not name.isprintable() or name == IN_ORDER or "," in name:
        return (
            f"A step can't be called {name[:MAX_NAME]!r}: use up to {MAX_NAME} ordinary characters."
        )
    if not (0 < len(letter) <= MAX_LETTER and letter.isalnum()):
        return f"The step {name!r} needs a letter (1 to {MAX_LETTER} letters or digits)."
    return Step(name, letter)


def question_for(step: Step) -> str:
    """What an annotator is asked about a step; plain text, may hold a researcher's own name.

    >>> question_for(Step("paraphrase", "P", "paraphrase-2"))
    'Did it paraphrase the input (2nd time)?'
    >>> question_for(Step("summarise", "S", "summarise"))
    'Did it do this step: summarise?'
    """
    if step.task in TASKS:
        question = TASKS.get(step.task).question
    else:
        question = f"Did it do this step: {step.task}?"
    n = _which_time(step)
    return question if n == 1 else f"{question[:-1]} ({_ordinal(n)} time)?"


def rule_for(step: Step) -> str:
    """One line on what counts as done; plain text."""
    if step.task in TASKS:
        return TASKS.get(step.task).rule
    return "It counts as done when the output does what this step asks, right or wrong."


def _which_time(step: Step) -> int:
    """1 for the task's first use in its chain; told by the key that `records.chain` gave."""
    tail = step.key[len(step.task) :]
    return int(tail[1:]) if step.key.startswith(step.task) and tail[1:].isdecimal() else 1


def _ordinal(n: int) -> str:
    """A number as it is read aloud.

    >>> [_ordinal(n) for n in (2, 3, 4, 11, 12, 21, 112)]
    ['2nd', '3rd', '4th', '11th', '12th', '21st', '112th']
    """
    if n % 100 in (11, 12, 13):
        return f"{n}th"
    return f"{n}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th') }"

"""A chain by its letters (``R+P+A``) or names (``repeat,paraphrase``); the last step is the answer.

The answer is the original task, whatever it is; every other step is a registered task that has a
wording.
"""

from sit_core.errors import UsageError
from sit_core.records import Step, chain_name
from sit_core.registry import unknown
from sit_core.tasks import TASKS, steps_named

ANSWER = "answer"
MAX_STEPS = 12


def parse_chain(text: str) -> tuple[Step, ...]:
    """The steps of a chain, with unique keys.

    Args:
        text: letters or names with ``+`` or commas between; ``answer`` at the end may be left out
            of names.

    Raises:
        UsageError: all that is wrong with it.

    >>> [step.key for step in parse_chain("P+R+P+A")]
    ['paraphrase', 'repeat', 'paraphrase-2', 'answer']
    >>> chain_name(parse_chain("repeat, paraphrase"))
    'R+P+A'
    """
    parts = [part.strip() for part in text.replace(",", "+").split("+")]
    letters = {TASKS.get(name).letter: name for name in TASKS}
    names, faults = [], []
    for part in parts:
        name = letters.get(part.upper(), part.lower())
        if name not in TASKS:
            known = [f"{TASKS.get(n).letter} ({n})" for n in TASKS if TASKS.get(n).wording]
            said = unknown("task", part[:40], list(TASKS)) if len(part) > 1 else ""
            faults.append(said or f"There is no task {part!r}; known: {', '.join(known)}.")
        elif not TASKS.get(name).wording:
            faults.append(f"The task {name!r} has no wording that a chain could ask for it with.")
        else:
            names.append(name)
    if not faults:
        if names[-1] != ANSWER and not any(part.upper() in letters for part in parts):
            names.append(ANSWER)
        if names[-1] != ANSWER or names.count(ANSWER) != 1:
            faults.append("Its last step, and no other, must be the answer (A).")
        elif len(names) < 2:
            faults.append("It needs a step before the answer, such as R+A.")
        elif len(names) > MAX_STEPS:
            faults.append(f"It may have {MAX_STEPS} steps at most.")
    if faults:
        raise UsageError(
            f"The chain {text[:80]!r} can't be used: {' '.join(dict.fromkeys(faults))}"
        )
    return steps_named(names)


def label(steps: tuple[Step, ...]) -> str:
    """What tables call a chain: ``R+A``; ``A`` for an example that was left as it is."""
    return chain_name(steps) or TASKS.get(ANSWER).letter

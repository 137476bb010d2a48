"""Which language a step of a chain is to translate into: each step is asked by its own clause."""

from sit_core.metrics.language import asked_language, named_language
from sit_core.records import Example, Step, Unparsed
from sit_core.tasks.wording import clauses_of


def target_language(example: Example, step: Step) -> str:
    """The code of the language; English where nothing is said.

    Where the wording can't be told apart into the example's steps, the whole instruction counts.

    >>> from sit_core.tasks import steps_named
    >>> steps = steps_named(["translate", "translate", "answer"])
    >>> ask = "First translate the input into German, then translate it into Thai, then answer."
    >>> [target_language(Example(ask, "…", steps=steps), step) for step in steps[:2]]
    ['de', 'th']
    """
    found = clauses_of(example.instruction)
    if isinstance(found, Unparsed) or [task.name for task, _ in found] != [
        known.task for known in example.steps
    ]:
        return asked_language(example.instruction)
    clause = found[example.steps.index(step)][1]
    alone = sum(known.task == step.task for known in example.steps) == 1
    said = named_language(clause)
    # "Translate the input and then answer; all of it into German": said once, for the one step.
    return said or (asked_language(example.instruction) if alone else "en")

"""Instructions for a chain of any length in an order: linear, listed as it is done, or jumping.

RIFT (arXiv 2601.18924) asks for the same tasks listed as they are to be done and listed otherwise
("do the second after the third"); about half of the errors of models there are errors of order.
``jumping:R+P+A`` names such an instruction as a template (`sit_core.sources.templates`); the
letters are the order in which to *do* the tasks. Wordings: ``data/prompts/orders``.
"""

import random
from collections.abc import Sequence
from functools import lru_cache

from sit_core.errors import UsageError
from sit_core.records import Step, chain, chain_name
from sit_core.registry import unknown
from sit_core.settings import DATA
from sit_core.tasks.task import TASKS
from sit_core.tasks.wording import clause_for, joined

LINEAR, LISTED, JUMPING = "linear", "listed", "jumping"
ORDERS = (LINEAR, LISTED, JUMPING)
"""How tasks are listed: in one sentence, one by one as they are done, one by one otherwise."""
MOST_STEPS = 12
"""There are words for so many places."""
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
)  # fmt: skip
_FORM = "ORDER:LETTERS or ORDER:LETTERS:WORDING, such as jumping:R+P+A or jumping:R+P+A:2"


def is_order(name: str) -> bool:
    """Whether a template's name is one of these.

    >>> is_order("jumping:R+A"), is_order("repeat-answer")
    (True, False)
    """
    return name.partition(":")[0] in ORDERS and ":" in name


def order_named(name: str) -> tuple[str, tuple[Step, ...]]:
    """The instruction of that name, and its steps as they are to be done.

    Raises:
        UsageError: there is no such order, task or wording.

    >>> order_named("linear:R+P+A")[0]
    'First repeat the input, then paraphrase the input, then answer the question.'
    >>> text, steps = order_named("jumping:R+A")
    >>> text
    'Here are 2 tasks. Task 1: answer the question. Task 2: repeat the input. Do task 2 first, \
then task 1.'
    >>> [step.key for step in steps]
    ['repeat', 'answer']
    """
    order, _, rest = name.partition(":")
    letters, _, number = rest.partition(":")
    if order not in ORDERS:
        raise UsageError(unknown("order", order, list(ORDERS)))
    if number and not (number.isdecimal() and order != LINEAR):
        raise UsageError(f"Expected {_FORM}, but found {name!r}.")
    steps = _steps(letters)
    if order == LINEAR:
        return joined(_clauses(steps)), steps
    wordings = _wordings()
    place = int(number or 1)
    if not 1 <= place <= len(wordings):
        raise UsageError(f"There are {len(wordings)} wordings of an order, but {place} is named.")
    listed = list(range(len(steps)))
    if order == JUMPING:
        listed = jumping_places(steps)
    return _said(wordings[place - 1], steps, listed), steps


def jumping_places(steps: Sequence[Step]) -> list[int]:
    """Places in the chain, in the order in which they are listed; never the chain's own order.

    The same for the same chain, whatever the wording.

    Raises:
        UsageError: all steps are the same task, so that there is no other order.

    >>> from sit_core.records import chain
    >>> jumping_places(chain([Step("repeat", "R"), Step("answer", "A")]))
    [1, 0]
    """
    if len({step.task for step in steps}) < 2:
        raise UsageError(f"{chain_name(steps)} can be listed in one order only.")
    rng = random.Random(f"jumping/{chain_name(steps)}")
    places = list(range(len(steps)))
    while [steps[i].task for i in places] == [step.task for step in steps]:
        rng.shuffle(places)
    return places


def _steps(letters: str) -> tuple[Step, ...]:
    of_letter = {TASKS.get(name).letter: name for name in TASKS if TASKS.get(name).wording}
    named = [letter.strip() for letter in letters.split("+")]
    wrong = [
        unknown("letter of a task", one, list(of_letter)) for one in named if one not in of_letter
    ]
    if wrong:
        raise UsageError(" ".join(dict.fromkeys(wrong)))
    if len(named) > MOST_STEPS:
        raise UsageError(f"An order has at most {MOST_STEPS} tasks, but {len(named)} are named.")
    return chain([Step(of_letter[letter], letter) for letter in named])


def _clauses(steps: Sequence[Step]) -> list[str]:
    """What asks for each; a task's second use says *again*."""
    return [
        clause_for(TASKS.get(step.task)) + (" again" if step.key != step.task else "")
        for step in steps
    ]


def _said(wording: Sequence[str], steps: Sequence[Step], listed: Sequence[int]) -> str:
    whole, task, first, further = wording
    asked = _clauses(steps)
    place_of = {step: place for place, step in enumerate(listed)}

    def words(step: int, before: int | None = None) -> dict[str, object]:
        at = place_of[step]
        back = "" if before is None else _ORDINALS[place_of[before]]
        return {"number": at + 1, "ordinal": _ORDINALS[at], "task": asked[step], "before": back}

    tasks = " ".join(task.format(**words(step)) for step in listed)
    order = [first.format(**words(0))]
    order += [further.format(**words(step, step - 1)) for step in range(1, len(steps))]
    return whole.format(count=len(steps), tasks=tasks, order=", ".join(order)).strip()


@lru_cache(maxsize=1)
def _wordings() -> list[list[str]]:
    lines = (DATA / "prompts" / "orders" / "listed.txt").read_text(encoding="utf-8").splitlines()
    return [[part.strip() for part in line.split(" | ")] for line in lines if line.strip()]

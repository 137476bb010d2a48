"""One example → the same example asked as a chain, with the text of every step.

row = augment_example(example, parse_chain("R+A"), random.Random(0))
row.instruction         # "First repeat the input, then " + the original, letter by letter
target_of(row)          # input, newline, original output

What comes before an example's question goes along: a system message, earlier turns.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from sit_core.augment.chains import ANSWER
from sit_core.augment.wordings import Wordings, shipped
from sit_core.records import Example, Step, Unparsed
from sit_core.sources import Problem
from sit_core.sources.context import COLUMNS, HISTORY, TOOLS, NoContext, context_of
from sit_core.tasks import TASKS, steps_from_instruction

Join = Literal["newline", "headings"]
Texts = Mapping[str, str | Sequence[str]]
"""Task → its expected text; several: one for each use in the chain, the first for the rest."""
NO_INPUT = "it has no input"
NO_OUTPUT = "it has no output"
SEQUENCE = "its instruction asks for a sequence already"


def augment_example(
    example: Example,
    chain: Sequence[Step],
    rng: random.Random,
    wordings: Wordings | None = None,
    *,
    texts: Texts | None = None,
    language: str = "English",
    checked: bool = False,
) -> Example | Unparsed:
    r"""The example asked as this chain, or why it can't be.

    Args:
        example: with its reference, which becomes the text of the last step.
        chain: as `parse_chain` gives it; the last step is the original task.
        rng: for the choice of the wording.
        wordings: which may be drawn; None: those that come with the program.
        texts: what intermediate steps yield, beyond what the example's ``meta["texts"]`` says
            and what a task derives from the example (repeat: its input).
        language: the name of the language to translate into.
        checked: whether `why_not` was asked before and had nothing to say.

    Returns:
        The example with the new instruction, and ``steps`` with every expected text; input, image
        and reference are as they were.

    >>> from sit_core.augment.chains import parse_chain
    >>> asked = Example("Name its colour.", "a plum", reference="purple")
    >>> row = augment_example(asked, parse_chain("R+A"), random.Random(0), shipped().fixed())
    >>> row.instruction, target_of(row)
    ('First repeat the input, then Name its colour.', 'a plum\npurple')
    >>> augment_example(replace(asked, input=" "), parse_chain("R+A"), random.Random(0))
    Unparsed(reason='it has no input')
    """
    if not checked and (fault := why_not(example, chain)):
        return Unparsed(fault)
    filled = with_texts(example, chain, texts)
    if isinstance(filled, Unparsed):
        return filled
    asked = (wordings or shipped()).draw(filled, example.instruction, rng, language)
    return replace(example, instruction=asked, steps=filled, variant=0)


def why_not(example: Example, chain: Sequence[Step]) -> str | None:
    """What keeps an example from being asked as this chain, apart from its steps' texts."""
    if not final_text(example):
        return NO_OUTPUT
    if not example.input.strip():
        return NO_INPUT
    if not isinstance(steps_from_instruction(example.instruction), Unparsed):
        return SEQUENCE
    return lacks_image(example, chain)


def lacks_image(example: Example, chain: Sequence[Step]) -> str | None:
    """Whether a step of the chain is about an image that the example does not have."""
    needed = not example.image and any(TASKS.get(step.task).needs_image for step in chain)
    return "it has no image" if needed else None


def with_texts(
    example: Example, chain: Sequence[Step], texts: Texts | None = None
) -> tuple[Step, ...] | Unparsed:
    """The chain's steps with their expected texts; never an empty one."""
    filled: list[Step] = []
    uses: dict[str, int] = {}
    own: Texts = {**example.meta.get("texts", {}), **(texts or {})}
    for step in chain:
        place = uses[step.task] = uses.get(step.task, -1) + 1
        if step.task == ANSWER:
            text = final_text(example)
        else:
            given = own.get(step.task)
            if given is not None and not isinstance(given, str):
                given = (given[place] if place < len(given) else given[0]) if given else None
            text = given if given is not None else TASKS.get(step.task).expected(example)
        if not (text or "").strip():
            return Unparsed(f"there is no text for the step {step.task!r}")
        filled.append(Step(step.task, step.letter, step.key, text))
    return tuple(filled)


def final_text(example: Example) -> str | None:
    """What the original task yields in training: the worked solution where there is one."""
    solution = example.meta.get("solution")
    return solution if isinstance(solution, str) else example.reference


def target_of(example: Example, join: Join = "newline") -> str:
    r"""The output to train on: the steps' texts, in order; nothing is cut, stripped or rewritten.

    Args:
        example: as `augment_example` made it; one without steps yields its own answer.
        join: ``newline`` between the texts, as in the paper; or ``headings``, numbered.

    >>> steps = (Step("repeat", "R", "repeat", "a: b"), Step("answer", "A", "answer", "c"))
    >>> target_of(Example("Do it.", "a: b", steps=steps, reference="c"))
    'a: b\nc'
    >>> print(target_of(Example("Do it.", "a: b", steps=steps, reference="c"), "headings"))
    1. Repeat:
    a: b
    <BLANKLINE>
    2. Answer:
    c
    """
    texts = [step.expected or "" for step in example.steps] or [final_text(example) or ""]
    if join == "newline" or len(texts) == 1:
        return "\n".join(texts)
    named = zip(example.steps, texts, strict=True)
    return "\n\n".join(
        f"{place}. {step.task.capitalize()}:\n{text}" for place, (step, text) in enumerate(named, 1)
    )


NAMES_TOOLS = "it names tools, for which a row has no place"
EARLIER_TURNS = "there are earlier turns, for which a sequence of instructions has no place"


def with_context(item: Example | Problem, source: str, index: int) -> Example | Problem:
    """The example with its system message and earlier turns under one name each.

    Args:
        item: as read, with the columns `sit_core.sources.context.COLUMNS` in its meta.
        source: where it is from, for a problem.
        index: its place there, from 0.
    """
    if isinstance(item, Problem):
        return item
    try:
        context = context_of(item.meta)
    except NoContext as fault:
        return Problem(Path(source).name, None, f"example {index + 1}: {fault}")
    meta = {name: value for name, value in item.meta.items() if name not in COLUMNS}
    if context.system:
        meta["system"] = context.system
    if context.history:
        meta[HISTORY] = [list(turn) for turn in context.history]
    if context.tools:
        meta[TOOLS] = item.meta[TOOLS]
    return replace(item, meta=meta) if meta != item.meta else item


def has_no_place(item: Example) -> str | None:
    """Why Seq-Instruct can't start from an example, or None."""
    if item.meta.get(TOOLS):
        return NAMES_TOOLS
    return EARLIER_TURNS if item.meta.get(HISTORY) else None

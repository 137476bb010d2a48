"""Instruction templates: one wording put in place of, or around, every example's instruction.

The texts lie in ``data/prompts/instructions``, one file each; ``{instruction}`` in a text stands
for the example's own instruction, kept letter by letter. ``linear:R+P+A`` or ``jumping:R+P+A``
names a chain of any length in an order (`sit_core.tasks.orders`). Any other text can serve as well.
"""

import hashlib
from dataclasses import dataclass

from sit_core.errors import SitError, UsageError
from sit_core.records import Step, Unparsed
from sit_core.registry import unknown
from sit_core.settings import DATA
from sit_core.sources.rows import Limits
from sit_core.sources.texts import fault_of
from sit_core.tasks import TASKS, steps_from_instruction, steps_named
from sit_core.tasks.orders import is_order, order_named

FOLDER = DATA / "prompts" / "instructions"
PLACE = "{instruction}"


@dataclass(frozen=True, slots=True)
class InstructionTemplate:
    """A wording.

    >>> around = InstructionTemplate("First repeat the input, then {instruction}")
    >>> around.applied("Name a fruit."), around.takes_instruction
    ('First repeat the input, then Name a fruit.', True)
    >>> [step.letter for step in around.steps()]
    ['R', 'A']
    """

    text: str
    name: str | None = None
    """Its file's name; None for the researcher's own text."""
    chain: tuple[Step, ...] = ()
    """The steps that it asks for, where their order is another than that of the text."""

    @property
    def takes_instruction(self) -> bool:
        """Whether the example's own instruction is a part of it."""
        return PLACE in self.text

    @property
    def sha256(self) -> str:
        """Of the text, for the run's provenance."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    def applied(self, instruction: str) -> str:
        """The instruction to ask."""
        return self.text.replace(PLACE, instruction)

    def steps(self) -> tuple[Step, ...]:
        """The chain that the template itself asks for; the example's own part is the answer."""
        if self.chain:
            return self.chain
        wording = self.applied("answer the question.")
        found = steps_from_instruction(wording)
        if not isinstance(found, Unparsed):
            return found
        alone = [name for name in TASKS if TASKS.get(name).is_asked_by(wording)]
        return steps_named(alone[:1])  # one task is no chain, but a step all the same


def own_template(text: str) -> InstructionTemplate:
    """A researcher's own wording.

    Raises:
        UsageError: it is empty or can't be stored.
    """
    if not text.strip():
        raise UsageError("The instruction is empty.")
    if fault := fault_of(text, Limits()):
        raise UsageError(f"The instruction {fault}.")
    return InstructionTemplate(text)


def templates() -> dict[str, InstructionTemplate]:
    """The wordings that come with the program, by name."""
    return {
        path.stem: InstructionTemplate(path.read_text(encoding="utf-8").strip(), path.stem)
        for path in sorted(FOLDER.glob("*.txt"))
    }


def get_template(name: str) -> InstructionTemplate:
    """The wording of that name, or the chain in that order (``jumping:R+P+A``).

    Raises:
        SitError: there is none; the message suggests the nearest.
    """
    if is_order(name):
        text, steps = order_named(name)
        return InstructionTemplate(text, name, steps)
    known = templates()
    if name not in known:
        raise SitError(unknown("template", name, list(known)))
    return known[name]

"""An example that is known already, asked in another wording."""

from collections.abc import Sequence
from dataclasses import replace

from sit_core.records import Example, Step, Unparsed
from sit_core.sources.expected_search import with_expected
from sit_core.sources.templates import InstructionTemplate
from sit_core.tasks import steps_from_instruction


def reworded(
    example: Example,
    template: InstructionTemplate | None = None,
    steps: Sequence[Step] | None = None,
) -> Example:
    """An example that is known already, asked in another wording or with the steps named."""
    if template is None and steps is None:
        return example
    instruction = template.applied(example.instruction) if template else example.instruction
    asked = replace(example, instruction=instruction, steps=(), variant=0)
    found = steps_from_instruction(instruction)
    own = () if isinstance(found, Unparsed) else found
    if steps is not None:
        own = tuple(steps)
    elif template is not None and (template.chain or not own):
        own = template.steps()
    filled = with_expected(own, asked)
    return replace(asked, steps=own if isinstance(filled, Unparsed) else filled)

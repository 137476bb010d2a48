"""What is asked on the Live page: one instruction, one input, one to three models, the settings."""

from dataclasses import dataclass, field, replace

from sit_core.errors import SitError, UsageError
from sit_core.live.instruction_builder import recognised
from sit_core.models import GenerationSettings, ModelSpec
from sit_core.records import Example, Step, Unparsed
from sit_core.settings import settings
from sit_core.sources.expected_search import with_expected
from sit_core.sources.rows import Limits
from sit_core.sources.texts import fault_of
from sit_core.tasks import steps_named

MOST_MODELS = 3
LONGEST = 200_000
"""Characters of an instruction or an input."""
MOST_TOKENS = 4096
"""New tokens at most: somebody is looking on. Longer outputs are a run's business."""


@dataclass(frozen=True, slots=True)
class LiveRequest:
    """Everything that outputs depend on; holds no secret."""

    instruction: str = ""
    input: str = ""
    steps: str | None = None
    """Steps named by hand (``repeat,answer``); None: as the wording tells."""
    models: tuple[ModelSpec, ...] = ()
    settings: GenerationSettings = field(
        default_factory=lambda: GenerationSettings(max_new_tokens=128)
    )

    def chain(self) -> tuple[Step, ...] | Unparsed:
        """The steps that are looked for in an output, or why they are not known.

        Raises:
            UsageError: the steps that were named by hand can't be.
        """
        if self.steps is not None:
            return steps_named(self.steps.split(","))
        return recognised(self.instruction)

    def example(self) -> Example:
        """What the models get, with the steps and what they should yield where that is known.

        Raises:
            UsageError: the steps that were named by hand can't be.
        """
        bare = Example(self.instruction, self.input)
        steps = self.chain()
        if isinstance(steps, Unparsed):
            return bare
        filled = with_expected(steps, bare)
        return bare if isinstance(filled, Unparsed) else replace(bare, steps=filled)

    def check(self) -> None:
        """See that it can be asked.

        Raises:
            UsageError: all that is wrong, in one message.
        """
        problems = []
        for name, text in (("instruction", self.instruction), ("input", self.input)):
            if len(text) > LONGEST:
                problems.append(f"The {name} is longer than {LONGEST:,} characters.")
            elif fault := fault_of(text, Limits()):
                problems.append(f"The {name} {fault}.")
        if not self.instruction.strip():
            problems.append("Write an instruction, or build one of steps.")
        if not self.models:
            problems.append("Choose a model.")
        if len(self.models) > MOST_MODELS:
            problems.append(f"Choose at most {MOST_MODELS} models.")
        if self.settings.max_new_tokens > MOST_TOKENS:
            problems.append(f"Ask for at most {MOST_TOKENS:,} new tokens here; runs may have more.")
        for spec in self.models:
            try:
                settings().check_key_variable(spec.key_env)
            except SitError as error:
                problems.append(str(error))
        try:
            self.chain()
        except SitError as error:
            problems.append(str(error))
        if problems:
            raise UsageError(" ".join(problems))

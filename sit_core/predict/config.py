"""What a researcher asks of a run, as a record; and as the words of the ``sit predict`` command.

The page and the command line share it, so the page can show exactly the command that it runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from sit_core.errors import SitError, UsageError
from sit_core.models import GenerationSettings, ModelSpec
from sit_core.models.config import ModelConfig
from sit_core.models.interface import APART, BATCH_TOKENS
from sit_core.records import Step
from sit_core.sources import (
    InstructionTemplate,
    get_template,
    own_template,
    parse_changes,
    run_name_fault,
)
from sit_core.store.prompt_sets import prompt_set_fault
from sit_core.tasks import steps_named


@dataclass(frozen=True, slots=True)
class PredictConfig:
    """Every field is an option of ``sit predict`` of the same name, with ``-`` for ``_``."""

    model: str
    run: str
    examples: str
    adapter: str | None = None
    backend: str = "transformers"
    base_url: str | None = None
    key_env: str | None = None
    revision: str | None = None
    dtype: str = "auto"
    device: str = "auto"
    device_map: str | None = None
    prompt_format: str = "auto"
    instruction: str | None = None
    template: str | None = None
    steps: str | None = None
    map: tuple[str, ...] = ()
    limit: int | None = None
    max_new_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    seed: int = 0
    stop: tuple[str, ...] = ()
    batch_tokens: int = BATCH_TOKENS
    in_flight: int = 16
    thoughts: str = APART
    prompt_set: str | None = None

    def spec(self) -> ModelSpec:
        """How the model is to be loaded.

        Raises:
            UsageError: a setting is off.
            SitError: the embedded model is asked for and not here.
        """
        return self.choice().spec()

    def generation(self) -> GenerationSettings:
        """How outputs are made.

        Raises:
            UsageError: a number is out of range.
        """
        return self.choice().generation()

    def choice(self) -> ModelConfig:
        """The model and its settings."""
        return ModelConfig(**{f.name: getattr(self, f.name) for f in fields(ModelConfig)})

    def wording(self) -> InstructionTemplate | None:
        """The instruction's wording; None: every example's own.

        Raises:
            SitError: there is no such template, or two wordings were given.
        """
        if self.instruction is not None and self.template is not None:
            raise UsageError("Give an instruction or the name of a template, not both.")
        if self.instruction is not None:
            return own_template(self.instruction)
        return None if self.template is None else get_template(self.template)

    def chain(self) -> tuple[Step, ...] | None:
        """The steps that were named; None: the wording's."""
        return None if self.steps is None else steps_named(self.steps.split(","))

    def changes(self) -> dict[str, str] | None:
        """Field → column of the examples' file."""
        return parse_changes(self.map) if self.map else None

    def check(self) -> None:
        """See that it can work as far as that is known before anything is loaded.

        Raises:
            UsageError: all that is wrong, in one message.
        """
        problems = []
        if fault := run_name_fault(self.run):
            problems.append(f"{fault[0].upper()}{fault[1:]}.")
        if self.limit is not None and self.limit < 1:
            problems.append("The limit must be at least 1.")
        if self.prompt_set is not None and (fault := prompt_set_fault(self.prompt_set)):
            problems.append(f"{fault[0].upper()}{fault[1:]}.")
        if not self.examples.strip():
            problems.append("Name the examples: a file, run:NAME, microlab, or hub:ID.")
        for part in (self.spec, self.generation, self.wording, self.chain, self.changes):
            try:
                part()
            except SitError as error:
                problems.append(str(error))
        if problems:
            raise UsageError(" ".join(problems))


def words_of(options: PredictConfig) -> list[str]:
    """The words after ``sit`` that ask for exactly this; what is as usual is left out.

    >>> words_of(PredictConfig("microlab", "mine", "microlab:repeat", limit=3))
    ['predict', '--model=microlab', '--run=mine', '--examples=microlab:repeat', '--limit=3']
    """
    return ["predict", *_words(options)]


def _words(options: PredictConfig) -> Iterator[str]:
    for field in fields(options):
        value = getattr(options, field.name)
        if value == field.default:
            continue
        # One word each: a text that begins with a dash is not taken for an option.
        name = f"--{field.name.replace('_', '-')}"
        for part in value if isinstance(value, tuple) else (value,):
            yield f"{name}={part}"

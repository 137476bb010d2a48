"""What a researcher asks of a run; the options of ``sit predict`` and the form on Runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sit_core import names
from sit_core.config.fields import LONG_TEXT, Config, changed, setting
from sit_core.errors import UsageError
from sit_core.models.config import ModelConfig
from sit_core.predict.given_config import GivenConfig

if TYPE_CHECKING:
    from sit_core.records import Step
    from sit_core.sources import InstructionTemplate

MOST_OF_FACTOR = 60
"""Characters of a factor's name."""
_BOTH = "Give an instruction or the name of a template, not both."


@dataclass(frozen=True)
class PredictModel(ModelConfig):
    """The model of a run."""

    max_new_tokens: int = 256
    continue_by: str = changed(ModelConfig, "continue_by", hidden=False)


@dataclass(frozen=True, kw_only=True)
class PredictConfig(Config):
    """One run; what its outputs depend on and where they go."""

    model: PredictModel = setting()
    instruction: str | None = setting(
        None,
        "Asked instead of each example's own; {instruction} in it stands for that.",
        label="Wording",
        placeholder="First repeat the input, then {instruction}",
        kind=LONG_TEXT,
    )
    template: str | None = setting(
        None,
        "A wording that comes with the program, or a chain in an order, such as jumping:R+P+A.",
        label="Instruction",
        metavar="NAME",
    )
    examples: str = setting(
        help="Source data: the examples to generate outputs for.",
        label="Examples",
        metavar="SOURCE[:FILE]",
    )
    map: tuple[str, ...] = setting(
        (), "Which column is what.", label="Columns", metavar="FIELD=COLUMN"
    )
    steps: str | None = setting(
        None, "The chain, such as repeat,answer; else the wording tells.", label="Steps"
    )
    limit: int | None = setting(
        None, "Only the first so many examples.", label="Limit", placeholder="all", ge=1
    )
    sample: int | None = setting(
        None,
        "Draw so many of the examples by a seed; the same places for every run of the same source.",
        label="Sample",
        placeholder="all",
        ge=1,
    )
    sample_seed: int = setting(
        0, "Seed of the examples that are drawn.", label="Sampling seed", ge=0, le=2**63 - 1
    )
    prompt_set: str | None = setting(
        None,
        "The prompt set that the run belongs to; else the one whose prompts it shares, or a new "
        "one named after the examples.",
        label="Prompt set",
        placeholder="the one whose prompts it shares, else named after the examples",
        metavar="NAME",
    )
    given: GivenConfig = setting(
        GivenConfig, "Intermediate text that is given to the model, and where."
    )
    run: str = setting(
        help="The run's name; a run that exists is resumed.", label="Name of the run"
    )
    factors: tuple[str, ...] = setting(
        (),
        "What tables group the run by, such as method=IT; kept with the run, no part of what is "
        "asked.",
        label="Factors",
        flag="--factor",
        metavar="NAME=VALUE",
        effect=False,
    )

    def wording(self) -> InstructionTemplate | None:
        """The instruction's wording; None: every example's own.

        Raises:
            SitError: there is no such template, or two wordings were given.
        """
        from sit_core.sources import get_template, own_template

        if self.instruction is not None and self.template is not None:
            raise UsageError(_BOTH)
        if self.instruction is not None:
            return own_template(self.instruction)
        return None if self.template is None else get_template(self.template)

    def chain(self) -> tuple[Step, ...] | None:
        """The steps that were named; None: the wording's."""
        from sit_core.tasks import steps_named

        return None if self.steps is None else steps_named(self.steps.split(","))

    def changes(self) -> dict[str, str] | None:
        """Field → column of the examples' file."""
        from sit_core.sources import parse_changes

        return parse_changes(self.map) if self.map else None

    def factor_values(self) -> dict[str, str]:
        """Factor → value, as they are stored.

        >>> PredictConfig(
        ...     model=PredictModel("m"), examples="f", run="r", factors=("method=IT", "x=a=b")
        ... ).factor_values()
        {'method': 'IT', 'x': 'a=b'}
        """
        pairs = (text.partition("=")[::2] for text in self.factors)
        given = {names.clean_name(name): names.clean_name(value) for name, value in pairs}
        usual = {"condition": self.given.condition} if self.given.differs else {}
        return usual | given

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        if fault := names.name_fault(self.run, "run"):
            yield fault
        yield from factor_faults(self.factors)
        if not self.examples.strip():
            yield "Name the examples: a file, run:NAME, microlab, or hub:ID."
        if self.instruction is not None and self.template is not None:
            yield _BOTH
        if self.given.begins_output:
            from sit_core.models.endpoint.prefill import prefill_fault

            if (unable := prefill_fault(self.model)) is not None:
                yield unable


def factor_faults(words: Sequence[str]) -> Iterator[str]:
    """What is wrong with factors as they are given, one sentence each.

    >>> list(factor_faults(["method=IT", "seed"]))
    ["Expected NAME=VALUE for a factor, but found 'seed'."]
    """
    seen: set[str] = set()
    for word in words:
        name, _, value = word.partition("=")
        name, value = names.clean_name(name), names.clean_name(value)
        if not name or not value:
            yield f"Expected NAME=VALUE for a factor, but found {word[:80]!r}."
        elif len(name) > MOST_OF_FACTOR or len(value) > names.MAX_NAME:
            yield (
                f"The factor {name[:40]!r} is too long: a name may have {MOST_OF_FACTOR} "
                f"characters at most, a value {names.MAX_NAME}."
            )
        elif name in seen:
            yield f"The factor {name!r} is given twice."
        seen.add(name)

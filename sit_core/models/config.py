"""Which model writes or judges, and how it generates: one section for every configuration.

ModelConfig("gpt-x", backend="openai", base_url="http://localhost:8000/v1", in_flight=64)
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from sit_core.config.fields import without_effect
from sit_core.models.interface import GenerationSettings, ModelSpec

T = TypeVar("T")


@dataclass(frozen=True)
class ModelConfig(GenerationSettings, ModelSpec):
    """A model of any backend and its settings; an object also where values are off (`faults`)."""

    max_new_tokens: int = 512

    def __post_init__(self) -> None:
        """Nothing is refused: a form may be half filled."""

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        yield from ModelSpec.faults(self)
        yield from GenerationSettings.faults(self)

    def spec(self) -> ModelSpec:
        """How the model is to be loaded.

        Raises:
            UsageError: a setting is off.
            SitError: the embedded model is asked for and not here.
        """
        values = _values(ModelSpec, self)
        from sit_core.embedded.shipped import MICROLAB, shipped_adapter, shipped_base

        if self.model == MICROLAB and self.backend == "transformers":
            values["model"] = str(shipped_base())
            values["adapter"] = shipped_adapter(self.adapter)
        return ModelSpec(**values)

    def generation(self) -> GenerationSettings:
        """How outputs are made.

        Raises:
            UsageError: a number is out of range.
        """
        return GenerationSettings(**_values(GenerationSettings, self))

    def as_kind(self, kind: type[T]) -> T:
        """The same settings as a section of another action."""
        return kind(**_values(ModelConfig, self))


WITHOUT_EFFECT = without_effect(ModelConfig)
"""Settings that say where and how fast, not what is written."""
GENERATION = tuple(f.name for f in fields(GenerationSettings) if f.name not in WITHOUT_EFFECT)
"""What a judge's folder says of its own; `hide` of the section that is a judge's model."""


def _values(kind: Any, config: Any) -> dict[str, Any]:
    return {field.name: getattr(config, field.name) for field in fields(kind)}

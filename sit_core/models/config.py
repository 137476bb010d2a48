"""Which model writes or judges, and how it generates: one record for every configuration's YAML.

ModelChoice("gpt-x", backend="openai", base_url="http://localhost:8000/v1", in_flight=64)
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sit_core.embedded.shipped import MICROLAB
from sit_core.errors import SitError, UsageError
from sit_core.models.interface import APART, BATCH_TOKENS, GenerationSettings, ModelSpec

WITHOUT_EFFECT = ("device", "device_map", "base_url", "key_env", "batch_tokens", "in_flight")
"""Settings that say where and how fast, not what is written."""


@dataclass(frozen=True)
class ModelConfig:
    """A model of any backend and its settings; `ModelSpec` and `GenerationSettings` in one."""

    model: str
    adapter: str | None = None
    backend: str = "transformers"
    base_url: str | None = None
    key_env: str | None = None
    revision: str | None = None
    dtype: str = "auto"
    device: str = "auto"
    device_map: str | None = None
    prompt_format: str = "auto"
    max_new_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    seed: int = 0
    stop: tuple[str, ...] = ()
    batch_tokens: int = BATCH_TOKENS
    in_flight: int = 16
    thoughts: str = APART

    def faults(self) -> Iterator[str]:
        """What is wrong with the values."""
        for part in (self.spec, self.generation):
            try:
                part()
            except UsageError as error:
                yield str(error)
            except SitError:  # the embedded model is not here: said when it is needed
                pass

    def spec(self) -> ModelSpec:
        """How the model is to be loaded.

        Raises:
            UsageError: a setting is off.
            SitError: the embedded model is asked for and not here.
        """
        model = self.model
        if model == MICROLAB and self.backend == "transformers":
            from sit_core.embedded.shipped import shipped_base

            model = str(shipped_base())
        return ModelSpec(
            model=model,
            backend=self.backend,
            adapter=self.adapter,
            revision=self.revision,
            prompt_format=self.prompt_format,
            dtype=self.dtype,
            device=self.device,
            device_map=self.device_map,
            base_url=self.base_url,
            key_env=self.key_env,
        )

    def generation(self) -> GenerationSettings:
        """How outputs are made.

        Raises:
            UsageError: a number is out of range.
        """
        return GenerationSettings(
            max_new_tokens=self.max_new_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            top_k=self.top_k,
            seed=self.seed,
            stop=self.stop,
            batch_tokens=self.batch_tokens,
            in_flight=self.in_flight,
            thoughts=self.thoughts,
        )

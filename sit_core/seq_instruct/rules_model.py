"""The rules behind the interface of models, so that they go the same way as any writer."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from sit_core.errors import SitError
from sit_core.models.interface import Generated, GenerationSettings, ModelSpec, Prompt, Stop
from sit_core.records import Example
from sit_core.seq_instruct.rule_writer import StageCall, reply_to


class RulesModel:
    """A `sit_core.models.Model`; a prompt is an example with `StageCall` in its meta."""

    spec = ModelSpec("rules")

    def identity(self) -> dict[str, Any]:
        """That it is no model."""
        return {"backend": "rules", "model": "rules"}

    def prompt(self, example: Example) -> str:
        """What a model would be sent."""
        return example.instruction

    def generate(
        self, prompts: Sequence[Prompt], settings: GenerationSettings, stop: Stop | None = None
    ) -> Iterator[tuple[int, Generated]]:
        """Replies in order."""
        for index, prompt in enumerate(prompts):
            if stop and stop():
                return
            asked = prompt.meta.get("asked") if isinstance(prompt, Example) else None
            if not isinstance(asked, StageCall):
                raise SitError("The rules only write what the stages of Seq-Instruct ask for.")
            yield index, Generated(reply_to(asked), tokens=0, prompt_tokens=0)

    def stream(
        self, prompt: Prompt, settings: GenerationSettings, stop: Stop | None = None
    ) -> Generator[str, None, Generated]:
        """The reply in one piece."""
        ((_, made),) = self.generate([prompt], settings, stop)
        yield made.text
        return made

    def close(self) -> None:
        """Nothing is open."""

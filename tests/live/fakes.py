"""Models that write what a test tells them, when it tells them."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sit_core.errors import SitError
from sit_core.models import Generated, GenerationSettings, ModelSpec, Prompt, Stop
from sit_core.models.interface import Thought
from sit_core.records import Example


@dataclass
class FakeModel:
    """Writes its pieces; waits at `gate` before the piece number `waits_at`."""

    spec: ModelSpec
    pieces: Sequence[str] = ("one ", "two")
    waits_at: int | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    fails: Exception | None = None
    """Raised after all pieces."""
    cut: bool = False
    refused: bool = False
    closed: int = 0
    asked_to_stop: bool = False

    def identity(self) -> dict[str, Any]:
        return {"model": self.spec.model, "weights": f"of {self.spec.model}"}

    def prompt(self, example: Example) -> str:
        return f"{example.instruction}\n{example.input}"

    def generate(
        self, prompts: Sequence[Prompt], settings: GenerationSettings, stop: Stop | None = None
    ) -> Iterator[tuple[int, Generated]]:
        raise NotImplementedError

    def stream(
        self, prompt: Prompt, settings: GenerationSettings, stop: Stop | None = None
    ) -> Generator[str, None, Generated]:
        assert stop is not None
        text = thoughts = ""
        for place, piece in enumerate(self.pieces):
            if place == self.waits_at:
                while not self.gate.wait(0.01):
                    if stop():
                        self.asked_to_stop = True
                        return Generated(text)
            thoughts += piece if isinstance(piece, Thought) else ""
            text += "" if isinstance(piece, Thought) else piece
            yield piece
        if self.fails is not None:
            raise self.fails
        tokens = len(self.pieces)
        return Generated(text, self.cut, tokens, refused=self.refused, thoughts=thoughts)

    def close(self) -> None:
        self.closed += 1


def loader(*models: FakeModel) -> Callable[[ModelSpec], FakeModel]:
    """Loads these; a spec that none of them has can't be loaded."""
    by_spec = {model.spec: model for model in models}

    def load(spec: ModelSpec) -> FakeModel:
        if spec not in by_spec:
            raise SitError(f"There is no model {spec.model}.")
        return by_spec[spec]

    return load

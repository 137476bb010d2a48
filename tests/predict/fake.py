"""A model for tests: says what it is asked, keeps a record of every call, waits at a gate.

The folder that `FAKE_FOLDER` names holds the record; a file ``gate-N`` in it makes the N-th example
wait for a file ``open``.
"""

import json
import os
import threading
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.models import (
    Generated,
    GenerationSettings,
    ModelSpec,
    Prefilled,
    Prompt,
    Stop,
)
from sit_core.models.interface import BACKENDS
from sit_core.records import Example

if "fake" not in BACKENDS:
    BACKENDS.add("fake", "tests.predict.fake:load")


class Fake:
    """Answers with the input in capitals."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self.folder = Path(os.environ["FAKE_FOLDER"])

    def identity(self) -> dict[str, Any]:
        weights = self.folder / "weights"
        return {"model": self.spec.model, "weights": weights.exists() and weights.read_text()}

    def prompt(self, example: Example) -> str:
        return f"{example.instruction}\n{example.input}\n"

    def generate(
        self, prompts: Sequence[Prompt], settings: GenerationSettings, stop: Stop | None = None
    ) -> Iterator[tuple[int, Generated]]:
        for index in reversed(range(len(prompts))):
            begun = prompts[index]
            asked = begun.prompt if isinstance(begun, Prefilled) else begun
            assert isinstance(asked, Example)
            if isinstance(begun, Prefilled) or "\n" in asked.instruction:
                given = begun.given if isinstance(begun, Prefilled) else ""
                with (self.folder / "begun").open("a") as record:
                    record.write(json.dumps([asked.instruction, given]) + "\n")
            number = len(calls(self.folder))
            if (self.folder / f"gate-{number}").exists():
                (self.folder / "waiting").touch()
                while not (self.folder / "open").exists():
                    threading.Event().wait(0.01)
                    if stop is not None and stop():
                        return
            with (self.folder / "calls").open("a") as record:
                record.write(asked.input + "\n")
            yield index, self._made(asked, settings)

    def _made(self, asked: Example, settings: GenerationSettings) -> Generated:
        if "down" in asked.input:
            raise SitError("The endpoint is down; try later.")
        if "error" in asked.input and not (self.folder / "open").exists():
            return Generated("par", error="The prompt is longer than the model's context.")
        text = asked.input.upper().replace("NUL", "\0\ud800")
        if "long" in asked.input:
            return Generated(text[: settings.max_new_tokens], cut=True, tokens=4, seconds=0.5)
        return Generated(text, tokens=3, seconds=0.25)

    def stream(
        self, prompt: Prompt, settings: GenerationSettings, stop: Stop | None = None
    ) -> Generator[str, None, Generated]:
        raise NotImplementedError

    def close(self) -> None:
        (self.folder / "closed").touch()


def calls(folder: Path) -> list[str]:
    """What was asked, call by call."""
    record = folder / "calls"
    return record.read_text().splitlines() if record.exists() else []


def load(spec: ModelSpec) -> Fake:
    """The backend's entry."""
    if spec.model == "missing":
        raise SitError("There is no model 'missing'; name a hub id or a folder.")
    return Fake(spec)

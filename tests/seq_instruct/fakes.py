"""A model of our own making: replies by stage, as a test says."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from sit_core.models.interface import Generated, GenerationSettings, ModelSpec
from sit_core.records import Example
from sit_core.seq_instruct import writers as writers_room
from sit_core.seq_instruct.config import WriterModel
from sit_core.seq_instruct.record import Record
from sit_core.seq_instruct.stages import State
from tests.seq_instruct.scripted import good_reply, last, stage_of

Behaviour = Callable[[str, str, int], Generated | None]
"""Stage, task, how often that was asked → a reply; None: the willing one."""
WRITER = WriterModel("fake", backend="openai", base_url="http://localhost:1/v1", in_flight=4)


class FakeModel:
    """Counts what it is asked."""

    spec = ModelSpec("fake")

    def __init__(self, behave: Behaviour = lambda stage, task, time: None) -> None:
        self.behave = behave
        self.prompts: list[str] = []
        self.seeds: list[int] = []
        self.times: Counter[tuple[str, str]] = Counter()

    def identity(self) -> dict[str, Any]:
        return {"model": "fake"}

    def prompt(self, example: Example) -> str:
        return example.instruction

    def generate(
        self, prompts: Sequence[Any], settings: GenerationSettings, stop: Any = None
    ) -> Iterator[tuple[int, Generated]]:
        for index, prompt in reversed(list(enumerate(prompts))):  # in any order
            text = prompt.instruction
            stage, name = stage_of(text)
            task = text if stage == "respond" else last("task", text)
            self.prompts.append(text)
            self.seeds.append(settings.seed)
            self.times[stage, task] += 1
            made = self.behave(stage, task, self.times[stage, task])
            if made is None:
                made = Generated(good_reply(stage, name, text), tokens=10, prompt_tokens=100)
            yield index, made

    def close(self) -> None:
        """Nothing is open."""


def use(monkeypatch: pytest.MonkeyPatch, model: FakeModel) -> FakeModel:
    """Let every model that is loaded be this one."""
    monkeypatch.setattr(writers_room, "load_model", lambda spec: model)
    return model


def seed(instruction: str, input: str = "", response: str | None = None) -> Record:
    """A seed, as the gates and rules see one."""
    return Record(0, 0, State.SEED, instruction, input, response, seed="s")

"""A scripted judge in this process, and options that name it."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sit_core.judge.config import JudgeConfig
from sit_core.models.config import ModelConfig
from tests.models.bad_server import BadServer, answer, asked

TEXT = re.compile(r"^\[(\w+) (\w+)\]\n(.*?)\n\[end of \1 \2\]$", re.MULTILINE | re.DOTALL)


def texts_in(prompt: str) -> dict[str, str]:
    """Name → text of what stands between fences in a prompt."""
    return {name: text for name, _, text in TEXT.findall(prompt)}


class JudgeServer(BadServer):
    """Replies with what ``says`` makes of the texts in the prompt; counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.says: Callable[[dict[str, str]], str | dict[str, Any] | int] = lambda _: "[[Yes, 5]]"
        self.behave = lambda _number, _body: self.reply

    def reply(self, handler: Any, body: dict[str, Any]) -> None:
        said = self.says(texts_in(asked(body)))
        if isinstance(said, int):
            handler.send(said, b'{"error": {"message": "no"}}')
            return
        content = answer(said) if isinstance(said, str) else said
        content["usage"] = {"prompt_tokens": 100, "completion_tokens": 10}
        handler.send(200, json.dumps(content).encode())

    @property
    def prompts(self) -> list[str]:
        """All that it was asked."""
        return [asked(body) for body in self.requests]


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    made = JudgeServer()
    yield made
    made.end()


@pytest.fixture
def by(server: JudgeServer) -> Callable[..., JudgeConfig]:
    """``by("run", judge=…)``: options whose judge is the scripted one."""

    def make(*runs: str, in_flight: int = 4, model: str = "m", **more: Any) -> JudgeConfig:
        choice = ModelConfig(model, backend="openai", base_url=server.url, in_flight=in_flight)
        return JudgeConfig(runs, model=choice, **more)

    return make


def quiet(*_: object) -> None:
    """A report that nobody reads."""

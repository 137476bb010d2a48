"""The misbehaving endpoint of the cases as a process of its own, on a free port."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.models import Generated, GenerationSettings, ModelSpec
from sit_core.models.endpoint.backend import EndpointModel
from sit_core.models.interface import Thought

SCRIPT = Path(__file__).parents[1] / "fixtures" / "cases" / "fake_endpoint.py"


@contextmanager
def fake_endpoint(folder: Path) -> Iterator[str]:
    """Its address without mode; it is healthy once ``folder/healthy`` is there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {"ENDPOINT_HEALTHY": str(folder / "healthy")}
    with subprocess.Popen(
        [sys.executable, str(SCRIPT), str(port)], env=environ, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _listens(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _listens(port: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < end, "the fake endpoint does not start"
        else:
            return


@dataclass
class Asked:
    """What one call gave."""

    made: Generated | None = None
    error: str = ""
    pieces: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    identity: dict[str, Any] = field(default_factory=dict)


def ask(
    url: str, settings: GenerationSettings, *, stream: bool = False, prompt: str = "hi"
) -> Asked:
    """Ask for one output, without sleeping."""
    found = Asked()

    async def sleep(seconds: float) -> None:
        found.slept.append(seconds)

    model = EndpointModel(ModelSpec("m", backend="openai", base_url=url), sleep=sleep)
    try:
        if stream:
            pieces = model.stream(prompt, settings)
            while True:
                try:
                    piece = next(pieces)
                except StopIteration as end:
                    found.made = end.value
                    break
                (found.thoughts if isinstance(piece, Thought) else found.pieces).append(piece)
        else:
            ((_, found.made),) = model.generate([prompt], settings)
    except SitError as error:
        found.error = str(error)
    found.identity = model.identity()
    return found

"""The openai backend: any endpoint that speaks OpenAI's API (vLLM, Ollama, llama.cpp, …).

The key is read from the environment for each request and kept nowhere.

Asynchronous work behind an ordinary iterator: an event loop on a thread of its own.

So that a caller without asyncio has many requests in flight, gets results as they come, and can
stop at any moment, also while nothing arrives.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine, Generator, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from sit_core.errors import SitError
from sit_core.models.endpoint.connection import Connection
from sit_core.models.endpoint.prefill import prefill_fault
from sit_core.models.endpoint.requests import LONGEST, EndpointPrompt, EndpointRequests, Sleep
from sit_core.models.endpoint.responses import CHAT, COMPLETIONS
from sit_core.models.endpoint.retries import Retries
from sit_core.models.interface import (
    Generated,
    GenerationSettings,
    ModelSpec,
    Prefilled,
    Prompt,
    Stop,
    Thought,
)
from sit_core.models.require import need, versions
from sit_core.prompts import prompt_format
from sit_core.records import Example

_PATIENCE = 300.0


def load(spec: ModelSpec) -> "EndpointModel":
    """Get ready to ask; nothing is sent yet.

    Raises:
        SitError: the package aiohttp or the key is missing.
    """
    return EndpointModel(spec)


class EndpointModel:
    """See `sit_core.models.interface.Model`."""

    def __init__(
        self,
        spec: ModelSpec,
        *,
        retries: Retries | None = None,
        timeout: float = _PATIENCE,
        sleep: Sleep = asyncio.sleep,
        longest: float = LONGEST,
    ) -> None:
        """Get ready to ask.

        Args:
            spec: with a ``base_url``.
            retries: how patient to be.
            timeout: seconds without a sign of life after which a request has failed.
            sleep: pauses between attempts.
            longest: seconds after which a reply is cut off where it is.

        Raises:
            SitError: the package aiohttp or the key is missing.
        """
        need("aiohttp", "aiohttp")
        self.spec = spec
        name = "chat" if spec.prompt_format == "auto" else spec.prompt_format
        self._template = prompt_format(name)
        self._connection = Connection(spec, CHAT if name == "chat" else COMPLETIONS, timeout)
        self._connection.headers()
        self._asking = EndpointRequests(self._connection, retries or Retries(), sleep, longest)

    def identity(self) -> dict[str, Any]:
        """Where its outputs come from, as far as an endpoint lets one know."""
        return {
            "backend": self.spec.backend,
            "model": self.spec.model,
            "base_url": self.spec.base_url,
            "api": self._connection.api,
            "reported": sorted(self._asking.reported),
            **self._connection.changed(),
            "prompt_format": self._template.name,
            "prompt_sha256": self._template.sha256,
            "versions": versions("aiohttp"),
        }

    def prompt(self, example: Example) -> str:
        """What is sent: the user's message of a chat, or the text to be completed."""
        if example.image:
            raise SitError("The example has an image, which this model can't see.")
        return self._template.render(example)

    def generate(
        self,
        prompts: Sequence[Prompt],
        settings: GenerationSettings,
        stop: Stop | None = None,
    ) -> Iterator[tuple[int, Generated]]:
        """Outputs as replies come; what failed for good is an error of its prompt."""
        sent = list(map(self._sent, prompts))

        async def work(put: Callable[[tuple[int, Generated]], None]) -> None:
            await self._asking.all(sent, settings, put)

        yield from in_background(work, stop)

    def stream(
        self, prompt: Prompt, settings: GenerationSettings, stop: Stop | None = None
    ) -> Generator[str, None, Generated]:
        """Pieces of one output as the endpoint sends them."""
        sent = self._sent(prompt)
        if isinstance(sent, Generated):
            raise SitError(str(sent.error))
        pieces: list[str] = []
        ended = None

        async def work(put: Callable[[str | Generated], None]) -> None:
            put(await self._asking.stream(sent, settings, put))

        for piece in in_background(work, stop):
            if isinstance(piece, Generated):
                ended = piece
            else:
                pieces.append(piece)
                yield piece
        return ended or Generated("".join(p for p in pieces if not isinstance(p, Thought)))

    def close(self) -> None:
        """Nothing is kept open between two calls."""

    def _sent(self, prompt: Prompt) -> EndpointPrompt | Generated:
        """What is asked, before any request.

        Raises:
            SitError: an output's beginning is given, and the endpoint is not known to continue it.
        """
        given = ""
        if isinstance(prompt, Prefilled):
            given, prompt = prompt.given, prompt.prompt
            if given and (fault := prefill_fault(self.spec)):
                raise SitError(fault)
        try:
            text = self.prompt(prompt) if isinstance(prompt, Example) else prompt
        except SitError as error:
            return Generated("", error=str(error))
        return EndpointPrompt(text, given)


T = TypeVar("T")
_LOOK = 0.05
"""Seconds between two questions whether to stop, while nothing comes."""


class _End:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def in_background(
    work: Callable[[Callable[[T], None]], Coroutine[Any, Any, None]], stop: Stop | None = None
) -> Iterator[T]:
    """What ``work(put)`` puts, as it comes; then what it raises.

    ``stop`` saying True, or closing the iterator, cancels the work and waits until it has ended.
    """
    found: queue.SimpleQueue[T | _End] = queue.SimpleQueue()
    loop = asyncio.new_event_loop()
    task = loop.create_task(work(found.put))

    def run() -> None:
        error: BaseException | None = None
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        except BaseException as raised:  # noqa: BLE001 - it is raised again where it belongs
            error = raised
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        found.put(_End(error))

    thread = threading.Thread(target=run, daemon=True, name="requests")
    thread.start()
    try:
        while True:
            try:
                item = found.get(timeout=_LOOK if stop else None)
            except queue.Empty:
                if stop and stop():
                    return
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            if stop and stop():
                return
            yield item
    finally:
        with suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(task.cancel)
        thread.join()

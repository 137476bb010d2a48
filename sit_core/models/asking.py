"""Requests to an endpoint: many in flight, made again when it stumbles, given up with a reason."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from sit_core.errors import SitError
from sit_core.models.connection import Connection, Failure
from sit_core.models.events import DONE, Events
from sit_core.models.interface import Generated, GenerationSettings
from sit_core.models.replies import Reply, read_piece, read_reply
from sit_core.models.retries import Retries
from sit_core.records import Unparsed

if TYPE_CHECKING:
    from aiohttp import ClientSession

Sleep: TypeAlias = Callable[[float], Awaitable[None]]
_Attempt: TypeAlias = Callable[[], Awaitable[Reply | Failure]]
_HOPELESS = 20
"""After so many failed requests on end (or twice those in flight) the rest is not tried."""


class Asking:
    """Asks one endpoint, patiently."""

    def __init__(self, connection: Connection, retries: Retries, sleep: Sleep) -> None:
        self.reported: set[str] = set()
        """The models that replies said they came from."""
        self._connection = connection
        self._retries = retries
        self._sleep = sleep

    async def all(
        self,
        prompts: Sequence[str | Generated],
        settings: GenerationSettings,
        put: Callable[[tuple[int, Generated]], None],
    ) -> None:
        """Ask for each, ``in_flight`` at a time; what is no text is passed on.

        Raises:
            SitError: the endpoint can't be reached, refuses the key, or fails all the time.
        """
        failed, waiting = 0, iter(enumerate(prompts))

        async def worker() -> None:
            nonlocal failed
            for index, prompt in waiting:  # shared: each prompt goes to one worker
                if isinstance(prompt, Generated):
                    put((index, prompt))
                    continue
                made = await self._one(session, prompt, settings)
                put((index, made))
                failed = failed + 1 if made.error else 0
                if failed >= max(_HOPELESS, 2 * settings.in_flight):
                    raise SitError(f"The last {failed} requests all failed. {made.error}")

        try:
            async with self._connection.session() as session, asyncio.TaskGroup() as group:
                for _ in range(min(settings.in_flight, len(prompts))):
                    group.create_task(worker())
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def stream(
        self, prompt: str, settings: GenerationSettings, put: Callable[[str], None]
    ) -> Generated:
        """Ask for one and put its pieces; made again only as long as no piece has come.

        Raises:
            SitError: it failed for good.
        """
        began, pieces = time.monotonic(), list[str]()

        def give(piece: str) -> None:
            pieces.append(piece)
            put(piece)

        async with self._connection.session() as session:
            last = await self._patiently(
                lambda: self._streamed(session, prompt, settings, give), lambda: not pieces
            )
        if isinstance(last, Failure):
            raise SitError(f"The stream broke off. {last.reason}" if pieces else last.reason)
        seconds = time.monotonic() - began
        return Generated("".join(pieces), last.cut, seconds=seconds, error=last.problem)

    async def _one(
        self, session: "ClientSession", prompt: str, settings: GenerationSettings
    ) -> Generated:
        began, line = time.monotonic(), self._connection

        async def attempt() -> Reply | Failure:
            async with line.ask(session, line.body(prompt, settings)) as response:
                content = await response.read()
            if response.status != 200:
                return line.refusal(response, content)
            reply = read_reply(content)
            if isinstance(reply, Unparsed):
                return Failure(f"The endpoint's reply can't be read: {reply.reason}.", again=True)
            return reply

        found = await self._patiently(attempt, lambda: True)
        seconds = time.monotonic() - began
        if isinstance(found, Failure):
            return Generated("", seconds=seconds, error=found.reason)
        self.reported |= {found.model} - {""}
        return Generated(
            found.text,
            found.cut,
            found.tokens,
            seconds,
            found.problem,
            found.prompt_tokens,
            found.refused,
        )

    async def _patiently(
        self, attempt: _Attempt, repeatable: Callable[[], bool]
    ) -> Reply | Failure:
        """Attempt until it succeeds or there is no use in going on.

        Raises:
            SitError: no other request can succeed either.
        """
        dice = random.Random()  # of pauses only: it decides over no result
        for number in range(1, self._retries.attempts + 1):
            try:
                found = await attempt()
            except Exception as error:  # noqa: BLE001 - raised again where it is not known
                found = self._connection.failure(error)
            if isinstance(found, Reply):
                return found
            if not (found.again and repeatable()) or number == self._retries.attempts:
                if found.fatal:
                    raise SitError(found.reason)
                return found
            await self._sleep(self._retries.pause(number, found.wait, dice))
        raise AssertionError("there is a last attempt")

    async def _streamed(
        self,
        session: "ClientSession",
        prompt: str,
        settings: GenerationSettings,
        give: Callable[[str], None],
    ) -> Reply | Failure:
        line, events, last = self._connection, Events(), Reply("")
        body = line.body(prompt, settings, stream=True)
        async with line.ask(session, body) as response:
            if response.status != 200:
                return line.refusal(response, await response.read())
            async for content in response.content.iter_any():
                for data in events.feed(content):
                    if data == DONE:
                        return last
                    piece = read_piece(data)
                    if isinstance(piece, Unparsed):
                        said = line.without_key(piece.reason)
                        return Failure(f"The endpoint says: {said}.", again=True)
                    self.reported |= {piece.model} - {""}
                    last = piece if piece.finish else last
                    if piece.text:
                        give(piece.text)
        if last.finish:
            return last
        return Failure("The reply ended without saying that it was complete.", again=True)

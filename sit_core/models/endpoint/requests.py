"""Requests to an endpoint: many in flight, made again when it stumbles, given up with a reason."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from sit_core.errors import SitError
from sit_core.models.endpoint.bounded_bodies import (
    MOST_OF_AN_ERROR,
    BadEncoding,
    closed,
    most_bytes,
    read_body,
    too_long,
)
from sit_core.models.endpoint.connection import Connection, RequestFailure
from sit_core.models.endpoint.prefill import (
    NOT_REPEATED,
    REPEATED,
    RepeatedBeginning,
    way_of,
)
from sit_core.models.endpoint.responses import CHAT, COMPLETIONS, EndpointReply, Fault, read_reply
from sit_core.models.endpoint.retries import Retries
from sit_core.models.endpoint.stream import StreamRead
from sit_core.models.interface import Generated, GenerationSettings
from sit_core.models.output_of_text import most_characters, of_reply, shortened
from sit_core.thoughts import leaves_open

if TYPE_CHECKING:
    from aiohttp import ClientSession

Sleep: TypeAlias = Callable[[float], Awaitable[None]]
_Attempt: TypeAlias = Callable[[], Awaitable[EndpointReply | RequestFailure]]
LONGEST = 3600.0
"""Seconds after which a reply is cut off, also if there are always signs of life."""
_ADAPTED = 8
"""So many times a request is made again without a field that was refused."""
_HOPELESS = 20
"""After so many failed requests on end (or twice those in flight) the rest is not tried."""


@dataclass(frozen=True, slots=True)
class EndpointPrompt:
    """One prompt as it is sent."""

    text: str
    given: str = ""
    """The beginning of the output, which the endpoint is to continue."""


class EndpointRequests:
    """Asks one endpoint, patiently."""

    def __init__(
        self, connection: Connection, retries: Retries, sleep: Sleep, longest: float = LONGEST
    ) -> None:
        self.reported: set[str] = set()
        """The models that replies said they came from."""
        self._connection = connection
        self._retries = retries
        self._sleep = sleep
        self._longest = longest

    async def all(
        self,
        prompts: Sequence[EndpointPrompt | Generated],
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
        self, prompt: EndpointPrompt, settings: GenerationSettings, put: Callable[[str], None]
    ) -> Generated:
        """Ask for one and put its pieces; made again only as long as no piece has come.

        Raises:
            SitError: it failed for good.
        """
        began, opened = time.monotonic(), self._opened(prompt)
        found = StreamRead(settings, opened, put, self._repeated(prompt))

        async def attempt() -> EndpointReply | RequestFailure:
            nonlocal found
            found = StreamRead(settings, opened, put, self._repeated(prompt))
            return await self._streamed(session, prompt, settings, found)

        async with self._connection.session() as session:
            last = await self._patiently(attempt, lambda: not found.given)
        if isinstance(last, RequestFailure):
            raise SitError(f"The stream broke off. {last.reason}" if found.given else last.reason)
        made = of_reply(
            last, settings, seconds=time.monotonic() - began, over=found.over, opened=opened
        )
        if made.error is not None:
            raise SitError(f"The stream broke off. {made.error}" if found.given else made.error)
        return made

    async def _one(
        self, session: "ClientSession", prompt: EndpointPrompt, settings: GenerationSettings
    ) -> Generated:
        began, line = time.monotonic(), self._connection
        characters = most_characters(settings)
        over: str | None = None

        async def attempt() -> EndpointReply | RequestFailure:
            nonlocal over
            sent = line.body(prompt.text, settings, given=prompt.given)
            async with line.ask(session, sent) as response:
                if response.status != 200:
                    error = await read_body(response, MOST_OF_AN_ERROR, line.timeout)
                    return line.refusal(response, error.content, sent)
                body = await read_body(response, most_bytes(characters), self._longest)
            over = body.over
            reply = read_reply(closed(body.content) if over else body.content)
            if isinstance(reply, Fault):
                if over:
                    return RequestFailure(f"The endpoint's reply can't be read: {over}.")
                return self._fault(reply, sent)
            if (repeated := self._repeated(prompt)) is not None:
                new = repeated.feed(reply.text)
                if new is None or repeated.missing:
                    return self._fault(Fault(NOT_REPEATED, again=False), sent)
                reply = replace(reply, text=new)
            short, more = shortened(reply, characters)
            over = over or more
            return short

        found = await self._patiently(attempt, lambda: True)
        seconds = time.monotonic() - began
        if isinstance(found, RequestFailure):
            return Generated("", seconds=seconds, error=found.reason)
        self.reported |= {found.model} - {""}
        return of_reply(found, settings, seconds=seconds, over=over, opened=self._opened(prompt))

    def _repeated(self, prompt: EndpointPrompt) -> RepeatedBeginning | None:
        """Takes the given text off the reply of an endpoint that repeats it."""
        chat = self._connection.api == CHAT
        if chat and prompt.given and way_of(self._connection.spec) == REPEATED:
            return RepeatedBeginning(prompt.given)
        return None

    def _opened(self, prompt: EndpointPrompt) -> bool:
        """Whether thoughts were begun in the prompt itself, as sent."""
        return self._connection.api == COMPLETIONS and leaves_open(prompt.text + prompt.given)

    def _fault(self, fault: Fault, sent: Mapping[str, Any]) -> RequestFailure:
        """What an error inside of a reply means."""
        says = (
            "The endpoint's reply can't be read: " if fault.error is None else "The endpoint says: "
        )
        reason = f"{says}{self._connection.without_key(fault.reason).rstrip('.')}."
        adapted = fault.error is not None and self._connection.adapt(sent, fault.error)
        return RequestFailure(reason, again=fault.again or adapted, adapted=adapted)

    async def _patiently(
        self, attempt: _Attempt, repeatable: Callable[[], bool]
    ) -> EndpointReply | RequestFailure:
        """Attempt until it succeeds or there is no use in going on.

        Raises:
            SitError: no other request can succeed either.
        """
        rng = random.Random()  # of pauses only: it decides over no result
        number, adapted = 1, 0
        while True:
            try:
                found = await attempt()
            except BadEncoding as error:
                found = RequestFailure(f"The endpoint's reply can't be read: {error}.")
            except Exception as error:  # noqa: BLE001 - raised again where it is not known
                found = self._connection.failure(error)
            if isinstance(found, EndpointReply):
                return found
            if found.adapted and adapted < _ADAPTED and repeatable():
                adapted += 1  # another request, at once: no attempt is used up
                continue
            if not (found.again and repeatable()) or number >= self._retries.attempts:
                if found.fatal:
                    raise SitError(found.reason)
                return found
            await self._sleep(self._retries.pause(number, found.wait, rng))
            number += 1

    async def _streamed(
        self,
        session: "ClientSession",
        prompt: EndpointPrompt,
        settings: GenerationSettings,
        found: StreamRead,
    ) -> EndpointReply | RequestFailure:
        line = self._connection
        sent = line.body(prompt.text, settings, stream=True, given=prompt.given)
        limit = asyncio.timeout(self._longest)
        try:
            async with limit, line.ask(session, sent) as response:
                if response.status != 200:
                    error = await read_body(response, MOST_OF_AN_ERROR, line.timeout)
                    return line.refusal(response, error.content, sent)
                if "stream" not in sent or "json" in response.content_type:
                    body = await read_body(response, found.most_bytes, self._longest)
                    fault = found.whole(body)
                else:
                    fault = await found.read(response)
        except TimeoutError:
            if not limit.expired():
                raise
            if not found.given:
                return RequestFailure(f"No answer was complete within {self._longest:g} s.")
            found.over, fault = too_long(self._longest), None
        self.reported |= found.models
        if fault is not None:
            return self._fault(fault, sent)
        return found.reply()

"""Bodies of replies, read no further than a limit: of bytes as unpacked, and of seconds."""

import asyncio
import json
import re
import zlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sit_core.errors import SitError

if TYPE_CHECKING:
    from aiohttp import ClientResponse

ENCODINGS = "gzip, deflate"
"""What a server may send; no other is unpacked."""
MOST_OF_AN_ERROR = 65_536
"""Bytes of an error's body."""
_BESIDE = 262_144
_PER_CHARACTER = 6


def most_bytes(characters: int) -> int:
    """Bytes of JSON that hold a text of so many characters, and what stands beside it."""
    return _BESIDE + _PER_CHARACTER * characters


@dataclass(frozen=True, slots=True)
class ResponseBody:
    """What was read of a body."""

    content: bytes
    over: str | None = None
    """Which limit ended the reading, as the end of a sentence; None: it is whole."""


class BadEncoding(SitError):
    """A body that is not packed as its head says."""


class Unpacking:
    """Bytes as they were before the server packed them, never more than asked for."""

    def __init__(self, encoding: str) -> None:
        """Raise `BadEncoding` for one that was not offered."""
        self._name = encoding.strip().lower()
        if self._name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise BadEncoding(f"it is packed as {self._name[:20]!r}, which was not asked for")
        self._first = True
        self._tool = zlib.decompressobj(47)

    def feed(self, content: bytes, most: int) -> bytes:
        """At most ``most`` bytes; then what is left is not unpacked.

        Raises:
            BadEncoding: it is not packed so.
        """
        if self._name in ("", "identity"):
            return content
        made = b""
        while content and len(made) < most:
            try:
                made += self._tool.decompress(content, most - len(made))
            except zlib.error:
                if not (self._first and self._name == "deflate"):
                    raise BadEncoding(f"it is not packed as {self._name}") from None
                self._tool = zlib.decompressobj(-15)  # deflate without its head, as some have it
                self._first = False
                continue
            self._first = False
            content = self._tool.unused_data if self._tool.eof else b""
            if self._tool.eof and content:
                self._tool = zlib.decompressobj(47)
        return made


async def chunks(response: "ClientResponse", most: int) -> AsyncIterator[bytes]:
    """The body as it comes, unpacked; ends with a byte more than ``most`` at the latest.

    Raises:
        BadEncoding: it is not packed as it says.
    """
    unpacking, size = Unpacking(response.headers.get("content-encoding", "")), 0
    async for content in response.content.iter_any():
        made = unpacking.feed(content, most + 1 - size)
        size += len(made)
        yield made
        if size > most:
            return


async def read_body(response: "ClientResponse", most: int, seconds: float) -> ResponseBody:
    """The body, or what of it came within the limits; then the connection is closed."""
    parts: list[bytes] = []
    over = None
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            async for content in chunks(response, most):
                parts.append(content)
    except TimeoutError:
        if not limit.expired():
            raise
        over = too_long(seconds)
    body = b"".join(parts)
    if len(body) > most:
        over = "it was longer than such a reply can be, and what came after that was not read"
    if over is not None:
        response.close()
    return ResponseBody(body, over)


def too_long(seconds: float) -> str:
    """Which limit ended a reply that took too long."""
    return f"it was not complete after {seconds:g} s, and what came after that was not read"


_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+("?)|[\[\]{},]', re.DOTALL)
_OPEN_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_TRIES = 8


def closed(content: bytes) -> bytes:
    """A JSON text that broke off, closed where it did or a little before; as it is where none fits.

    >>> closed(b'{"a": [{"b": "one tw')
    b'{"a": [{"b": "one tw"}]}'
    >>> closed(b'{"a": "one", "b": tr')
    b'{"a": "one"}'
    """
    text = content.decode("utf-8", "ignore")
    inside: list[str] = []
    commas: deque[tuple[int, str]] = deque(maxlen=_TRIES)
    for token in _TOKEN.finditer(text):
        mark = token[0][0]
        if mark == '"' and not token[1]:
            text = _OPEN_ESCAPE.sub("", text) + '"'
        elif mark in "[{":
            inside.append("]" if mark == "[" else "}")
        elif mark in "]}" and inside:
            inside.pop()
        elif mark == ",":
            commas.append((token.start(), "".join(reversed(inside[-1000:]))))
    for whole in (
        text + "".join(reversed(inside)),
        *(text[:place] + ends for place, ends in reversed(commas)),
    ):
        try:
            json.loads(whole)
        except (ValueError, RecursionError):
            continue
        return whole.encode("utf-8", "surrogatepass")
    return content

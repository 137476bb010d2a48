"""One streamed reply as it comes: pieces are given on at once, thoughts apart, up to a limit.

Server-sent events: from bytes that come in any pieces to the data of each event.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sit_core.models.endpoint.bounded_bodies import ResponseBody, chunks, closed, most_bytes
from sit_core.models.endpoint.prefill import NOT_REPEATED, RepeatedBeginning
from sit_core.models.endpoint.responses import EndpointReply, Fault, read_piece, read_reply
from sit_core.models.interface import KEEP, GenerationSettings, Thought
from sit_core.models.output_of_text import TOO_MANY, most_characters, paired, shortened
from sit_core.thoughts import ThoughtSplitter

if TYPE_CHECKING:
    from aiohttp import ClientResponse


_EVENTS = 8
"""A stream may have so many times the bytes of its text: each event has a head of its own."""


class StreamRead:
    """What has come of one stream."""

    def __init__(
        self,
        settings: GenerationSettings,
        opened: bool,
        put: Callable[[str], None],
        repeated: RepeatedBeginning | None = None,
    ) -> None:
        """Begin.

        Args:
            settings: how long it may be, and whether thoughts are kept in the output.
            opened: whether the prompt left thoughts open.
            put: gets each piece.
            repeated: takes off the given text, where the reply begins with it.
        """
        self._repeated = repeated
        self.given = False
        """Whether any piece was put, so that it can't be asked for again."""
        self.over: str | None = None
        """Which limit ended it, as the end of a sentence."""
        self.models: set[str] = set()
        self._most = most_characters(settings)
        self.most_bytes = most_bytes(self._most)
        self._keep = settings.thoughts == KEEP
        self._put = put
        self._splitter = ThoughtSplitter(opened)
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._refusals: list[str] = []
        self._characters = 0
        self._half = ""
        self._last = EndpointReply("")

    async def read(self, response: "ClientResponse") -> Fault | None:
        """Take events until the reply is complete or a limit is met; why there is none, or None."""
        events, said_done = Events(), False
        plain: list[bytes] | None = None
        async for content in chunks(response, _EVENTS * self.most_bytes):
            if plain is None and not self.given and not events.waiting:
                plain = [] if content.lstrip()[:1] == b"{" else None
            if plain is not None:  # no event begins so: it does not stream, and does not say so
                plain.append(content)
                continue
            for data in events.feed(content):
                said_done = said_done or data == DONE
                if not said_done and (fault := self._take(data)) is not None:
                    return fault
                if said_done or self.over:
                    break
            if said_done or self.over:
                break
            if events.waiting > self.most_bytes:
                self.over = TOO_MANY.format(self._most)
        else:
            for data in events.finish():
                said_done = said_done or data == DONE
                if not said_done and (fault := self._take(data)) is not None:
                    return fault
        if plain is not None:
            return self.whole(ResponseBody(b"".join(plain)))
        if not said_done:
            response.close()
        self._flush()
        if not (said_done or self._last.finish or self.over):
            return Fault("it ended without saying that it was complete")
        return None

    def whole(self, body: ResponseBody) -> Fault | None:
        """The reply of a server that does not stream."""
        reply = read_reply(closed(body.content) if body.over else body.content)
        if not isinstance(reply, Fault):
            reply = self._without_repeated(reply)
        if isinstance(reply, Fault):
            return reply
        reply, more = shortened(reply, self._most)
        self.over = body.over or more
        self._add(reply)
        self._last = reply
        self._flush()
        return None

    def reply(self) -> EndpointReply:
        """All that came, as one reply."""
        last = self._last
        return EndpointReply(
            "".join(self._texts),
            last.finish,
            last.tokens,
            refusal="".join(self._refusals),
            thoughts="".join(self._thoughts),
            prompt_tokens=last.prompt_tokens,
        )

    def _take(self, data: bytes) -> Fault | None:
        piece = read_piece(data)
        if not isinstance(piece, Fault):
            piece = self._without_repeated(piece)
        if isinstance(piece, Fault):
            return piece
        if piece.finish or piece.tokens is not None:
            finish = piece.finish or self._last.finish
            known = piece if piece.tokens is not None else self._last
            self._last = EndpointReply("", finish, known.tokens, prompt_tokens=known.prompt_tokens)
        self._add(piece)
        return None

    def _without_repeated(self, piece: EndpointReply) -> EndpointReply | Fault:
        """The piece without what it has of the given text, which the reply repeats first."""
        if self._repeated is None:
            return piece
        new = self._repeated.feed(piece.text)
        if new is None or (piece.finish and self._repeated.missing):
            return Fault(NOT_REPEATED, again=False)
        return replace(piece, text=new)

    def _add(self, piece: EndpointReply) -> None:
        self.models |= {piece.model} - {""}
        short, more = shortened(piece, max(0, self._most - self._characters))
        self.over = self.over or (more and TOO_MANY.format(self._most))
        self._characters += len(short.text) + len(short.thoughts) + len(short.refusal)
        if short.thoughts:
            self._thoughts.append(short.thoughts)
            self._show(Thought(short.thoughts))
        if short.text:
            self._texts.append(short.text)
            self._answer(short.text)
        if short.refusal:
            self._refusals.append(short.refusal)
            if not self._texts:
                self._show(short.refusal)

    def _answer(self, text: str) -> None:
        text = paired(self._half + text)
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        text = text[: len(text) - len(self._half)]
        if self._keep:
            self._show(text)
            return
        thoughts, answer = self._splitter.feed(text)
        self._show(Thought(thoughts))
        self._show(answer)

    def _flush(self) -> None:
        """Nothing more comes: what waited is what it is."""
        half, self._half = self._half, ""
        if self._keep:
            self._show(half)
            return
        thoughts, answer = self._splitter.feed(half)
        more, rest = self._splitter.finish()
        self._show(Thought(thoughts + more))
        self._show(answer + rest)

    def _show(self, piece: str) -> None:
        if piece:
            self.given = True
            self._put(piece)


DONE = b"[DONE]"
"""The data of the last event of an OpenAI stream."""


class Events:
    r"""Feed it bytes, get the data of the events that are complete.

    Lines end with CR, LF or both, and nothing else: JSON may hold other line separators.

    >>> events = Events()
    >>> events.feed(b": hello\n\ndata: {\"a\""), events.feed(b": 1}\r\n\r\ndata:[DO")
    ([], [b'{"a": 1}'])
    >>> events.feed(b"NE]\n")
    [b'[DONE]']
    >>> events.feed(b"data: {}"), events.finish()
    ([], [b'{}'])
    """

    def __init__(self) -> None:
        self._rest = bytearray()

    @property
    def waiting(self) -> int:
        """Bytes of a line that has not ended."""
        return len(self._rest)

    def feed(self, content: bytes) -> list[bytes]:
        """The data of the lines that ended."""
        content = content.replace(b"\r", b"\n")
        end = content.rfind(b"\n")
        if end < 0:
            self._rest += content  # not joined with each look: a line may come in many pieces
            return []
        lines = (bytes(self._rest) + content[:end]).split(b"\n")
        self._rest = bytearray(content[end + 1 :])
        return _data(lines)

    def finish(self) -> list[bytes]:
        """The stream is over: the data of a last line that has no end."""
        last, self._rest = bytes(self._rest), bytearray()
        return _data([last])


def _data(lines: list[bytes]) -> list[bytes]:
    found = [line.removeprefix(b"data:").strip() for line in lines if line[:5] == b"data:"]
    return [data for data in found if data]

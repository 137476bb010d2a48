"""Server-sent events: from bytes that come in any pieces to the data of each event."""

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

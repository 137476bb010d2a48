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
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, content: bytes) -> list[bytes]:
        """The data of the lines that ended."""
        *lines, self._rest = (self._rest + content).replace(b"\r", b"\n").split(b"\n")
        found = [line.removeprefix(b"data:").strip() for line in lines if line[:5] == b"data:"]
        return [data for data in found if data]

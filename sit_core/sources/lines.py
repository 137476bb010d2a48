"""Lines of a UTF-8 file, each at most so long: a line of gigabytes is skipped, never held."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from sit_core.sources.rows import BLOCK, BadRow, Limits, Position, megabytes

UTF8_BOM = b"\xef\xbb\xbf"
_HEAD = 1 << 16
_END = re.compile(rb"\r\n?|\n")
_END_OR_QUOTED = re.compile(rb'"[^"]*"|(\r\n?|\n)')


def read_lines(
    stream: BinaryIO, limits: Limits, position: Position, size: int, quotes: bool = False
) -> Iterator[tuple[int, str] | BadRow]:
    """Line number (from 1) and text with its line end; or what is wrong with that line.

    A file whose first line ends with a lone carriage return (an old Macintosh's) has only such
    ends; ``quotes``: ends between double quotes are none, as in CSV.
    """
    readline, end = _line_reader(stream, quotes)
    number = done = 0
    while line := readline(limits.line_bytes + 1):
        number += 1
        done += len(line)
        if len(line) > limits.line_bytes:
            done += _skip_line(readline, line, end)
            yield BadRow(number, f"the line is longer than {megabytes(limits.line_bytes)}")
            continue
        position.done = done / size if size else 1.0
        if number == 1:
            line = line.removeprefix(UTF8_BOM)
        try:
            yield number, line.decode("utf-8")
        except UnicodeDecodeError as error:
            yield BadRow(number, not_utf8(error))


def _line_reader(stream: BinaryIO, quotes: bool) -> tuple[Callable[[int], bytes], bytes]:
    """What reads the next line, and the byte that ends it."""
    head = stream.read(_HEAD)
    stream.seek(0)
    end = b""
    for found in (_END_OR_QUOTED if quotes else _END).finditer(head.lstrip()):
        if end := found.group(1) if quotes else found.group():
            break
    # At the very end of what was looked at, the line feed may be the next byte.
    if end != b"\r" or found.end() == len(head.lstrip()) == _HEAD:
        return stream.readline, b"\n"
    return _UntilReturn(stream).readline, b"\r"


class _UntilReturn:
    """``readline`` for lines that end with a carriage return."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.buffer, self.at = stream, b"", 0

    def readline(self, limit: int) -> bytes:
        """At most ``limit`` bytes, up to the next carriage return and with it."""
        while True:
            place = self.buffer.find(b"\r", self.at, self.at + limit)
            stop = place + 1 if place >= 0 else self.at + limit
            if place < 0 and len(self.buffer) < stop:
                # As much again as there is: else a long line would be searched over and over.
                block = self.stream.read(max(BLOCK, len(self.buffer) - self.at))
                if block:
                    self.buffer, self.at = self.buffer[self.at :] + block, 0
                    continue
                stop = len(self.buffer)
            line, self.at = self.buffer[self.at : stop], stop
            return line


def _skip_line(readline: Callable[[int], bytes], line: bytes, end: bytes) -> int:
    skipped = 0
    while line and not line.endswith(end):
        line = readline(BLOCK)
        skipped += len(line)
    return skipped


def not_utf8(error: UnicodeDecodeError) -> str:
    """One sentence about a byte that is not UTF-8."""
    byte = error.object[error.start]
    return (
        f"byte 0x{byte:02X} is not UTF-8 text (it may be Latin-1 or Windows-1252); "
        "save the file as UTF-8"
    )

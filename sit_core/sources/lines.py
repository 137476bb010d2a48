"""Lines of a UTF-8 file, each at most so long: a line of gigabytes is skipped, never held."""

from collections.abc import Iterator
from typing import BinaryIO

from sit_core.sources.rows import BLOCK, BadRow, Limits, Position, megabytes

UTF8_BOM = b"\xef\xbb\xbf"


def read_lines(
    stream: BinaryIO, limits: Limits, position: Position, size: int
) -> Iterator[tuple[int, str] | BadRow]:
    """Line number (from 1) and text with its line end; or what is wrong with that line."""
    number = done = 0
    while line := stream.readline(limits.line_bytes + 1):
        number += 1
        done += len(line)
        if len(line) > limits.line_bytes:
            done += _skip_line(stream, line)
            yield BadRow(number, f"the line is longer than {megabytes(limits.line_bytes)}")
            continue
        position.done = done / size if size else 1.0
        if number == 1:
            line = line.removeprefix(UTF8_BOM)
        try:
            yield number, line.decode("utf-8")
        except UnicodeDecodeError as error:
            yield BadRow(number, not_utf8(error))


def _skip_line(stream: BinaryIO, line: bytes) -> int:
    skipped = 0
    while line and not line.endswith(b"\n"):
        line = stream.readline(BLOCK)
        skipped += len(line)
    return skipped


def not_utf8(error: UnicodeDecodeError) -> str:
    """One sentence about a byte that is not UTF-8."""
    byte = error.object[error.start]
    return (
        f"byte 0x{byte:02X} is not UTF-8 text (it may be Latin-1 or Windows-1252); "
        "save the file as UTF-8"
    )

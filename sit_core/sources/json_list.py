"""A JSON list of objects, read item by item: memory holds one item and one block, not the list.

A file that is one object (a tool's log) is one row, and is held whole.

Written on `json.JSONDecoder.raw_decode` and not on ijson, whose fast backend silently turns a lone
surrogate into "?"; and this way a problem can name its line.
"""

import codecs
import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from sit_core.sources.file_formats import FORMATS, FileFormat
from sit_core.sources.json_values import AS_WRITTEN
from sit_core.sources.jsonl import as_row, json_reason
from sit_core.sources.lines import UTF8_BOM, not_utf8
from sit_core.sources.rows import BLOCK, BadRow, Limits, Position, RawRow, megabytes

CUT_OFF = "the file ends in the middle of the list (it is cut off)"
_SPACE = " \t\r\n"
MOST_OBJECT_BYTES = 256 * 1024 * 1024
"""A file that is one object is read whole; a list has no such limit."""
_NEAR_THE_END = 12
"""An error this close to the end of what was read may only mean that more must be read."""


class _Broken(Exception):
    """Reading can't go on; the argument says why."""


class _Text:
    """The decoded text from the current place on; more is read when it is needed."""

    def __init__(self, stream: BinaryIO, position: Position, size: int) -> None:
        self.stream, self.position, self.size = stream, position, size
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.buffer = ""
        self.at = 0
        self.done = 0
        self.ended = False
        self._line = 1
        self._counted = 0

    def more(self) -> None:
        """Drop what was read, then read as much again as is left, at least one block."""
        self.line()
        self.buffer = self.buffer[self.at :]
        self.at = self._counted = 0
        block = self.stream.read(max(BLOCK, len(self.buffer)))
        self.ended = not block
        text = block.removeprefix(UTF8_BOM) if self.done == 0 else block
        self.done += len(block)
        self.position.done = min(1.0, self.done / self.size) if self.size else 1.0
        self.buffer += self.decoder.decode(text, final=self.ended)

    def peek(self) -> str:
        """The next character that is not white space; "" at the end of the file."""
        while True:
            while self.at < len(self.buffer) and self.buffer[self.at] in _SPACE:
                self.at += 1
            if self.at < len(self.buffer) or self.ended:
                return self.buffer[self.at : self.at + 1]
            self.more()

    def line(self) -> int:
        """The line of the current place, from 1; each line end is counted once."""
        self._line += self.buffer.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line


def read_json_list(
    stream: BinaryIO, limits: Limits, position: Position, size: int
) -> Iterator[RawRow | BadRow]:
    """The rows; after a broken one nothing can be read, so it is the last thing reported."""
    text = _Text(stream, position, size)
    row = 1
    try:
        if text.peek() == "{":
            yield _object(text, size)
            return
        if text.peek() != "[":
            raise _Broken("a JSON list is expected, beginning with [")
        text.at += 1
        more = text.peek() != "]"
        while more:
            text.peek()
            here = text.line()
            found = as_row(here, _item(text, limits))
            if isinstance(found, BadRow):
                found = BadRow(here, f"row {row}: {found.reason}")
            yield found
            row += 1
            more = _another(text)
        text.at += 1
        if text.peek():
            yield BadRow(text.line(), "there is more text after the end of the list")
    except UnicodeDecodeError as error:
        reason = CUT_OFF if error.reason == "unexpected end of data" else not_utf8(error)
        yield BadRow(text.line(), f"row {row}: {reason}; nothing after it was read")
    except _Broken as error:
        yield BadRow(text.line(), f"row {row}: {error}; nothing after it was read")


def _object(text: _Text, size: int) -> RawRow | BadRow:
    """The one object that the file is."""
    if size > MOST_OBJECT_BYTES:
        most = megabytes(MOST_OBJECT_BYTES)
        return BadRow(None, f"the file is one JSON object of more than {most}; make it a list")
    while not text.ended:
        text.more()
    try:
        value, end = json.JSONDecoder(**AS_WRITTEN).raw_decode(text.buffer, text.at)
    except json.JSONDecodeError as error:
        line = text.buffer.count("\n", 0, error.pos) + 1
        return BadRow(line, f"broken JSON: {json_reason(error)}")
    except RecursionError:
        return BadRow(None, "the JSON is nested too deeply")
    except ValueError:
        return BadRow(None, "broken JSON: a number has too many digits")
    if text.buffer[end:].strip(_SPACE):
        line = text.buffer.count("\n", 0, end) + 1
        return BadRow(line, "there is more text after the end of the object")
    found = as_row(1, value)
    return RawRow(1, found.fields, whole=True) if isinstance(found, RawRow) else found


def whole_sentence(fields: Mapping[str, Any]) -> str:
    """What a file is that is one object, for who expects rows."""
    lists = [
        name
        for name, value in fields.items()
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value)
    ]
    named = ", ".join(repr(name[:40]) for name in lists[:5])
    rows = f"its rows seem to be in {named}: save that list" if lists else "save its rows"
    return (
        "the file is a JSON object written over several lines, not one object per line; "
        f"{rows} as a file of its own (a JSON list, or JSONL)"
    )


def _another(text: _Text) -> bool:
    """Step over the comma to the next item; False at the end of the list."""
    mark = text.peek()
    if mark == ",":
        text.at += 1
    elif not mark:
        raise _Broken(CUT_OFF)
    elif mark != "]":
        raise _Broken("broken JSON: a comma or ] is expected here")
    return mark == ","


def _item(text: _Text, limits: Limits) -> Any:
    """The value that begins here; reads on until it is whole."""
    decoder = json.JSONDecoder(**AS_WRITTEN)
    while True:
        try:
            value, end = decoder.raw_decode(text.buffer, text.at)
            if end < len(text.buffer) or text.ended:  # else a number may go on
                text.at = end
                return value
        except RecursionError:
            raise _Broken("the JSON is nested too deeply") from None
        except json.JSONDecodeError as error:
            unfinished = (
                error.msg.startswith("Unterminated string")
                or len(text.buffer.rstrip(_SPACE)) - error.pos <= _NEAR_THE_END
            )
            if text.ended and unfinished and not text.buffer.rstrip(_SPACE).endswith("]"):
                raise _Broken(CUT_OFF) from None
            if text.ended or not unfinished:
                raise _Broken(f"broken JSON: {json_reason(error)}") from None
        except ValueError:
            raise _Broken("broken JSON: a number has too many digits") from None
        if len(text.buffer) - text.at > limits.line_bytes:
            raise _Broken(f"the row is longer than {megabytes(limits.line_bytes)}, or broken")
        text.more()


def _spread(head: bytes) -> bool:
    """Whether an object begins here that goes on over several lines, unlike a line of JSONL."""
    first, ended, rest = head.partition(b"\n")
    first, rest = first.strip(), rest.lstrip()
    if not first.startswith(b"{") or not ended:
        return False
    if first == b"{" or first.endswith(b","):
        return rest.startswith(b'"')
    return first.startswith(b'{"') and first.endswith((b"{", b"["))


FORMATS.add(
    "json",
    FileFormat(
        "json",
        "JSON: a list of objects, or one object",
        read_json_list,
        (".json",),
        starts=lambda head: head.startswith(b"[") or _spread(head),
    ),
)

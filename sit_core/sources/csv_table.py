"""CSV with a header line; comma, semicolon or tab, quoted as spreadsheets do.

Excel's first line ``sep=;`` names the separator. Rows of a spreadsheet that hold nothing are none,
and are counted; so are values in a column without a name.

Chats in a table of texts: a cell that holds a list of messages as JSON, or as Python prints one.

A table has texts only, so whoever writes a column of messages into CSV (pandas, a spreadsheet)
writes each list as text. Only the columns that such lists have by name are looked at: elsewhere the
same text is a text.
"""

import ast
import csv
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from sit_core.sources.file_formats import FORMATS, FileFormat
from sit_core.sources.lines import read_lines
from sit_core.sources.rows import (
    BLANK_ROWS,
    MAX_COLUMNS,
    BadRow,
    Limits,
    Position,
    RawRow,
    too_many_columns,
)

DELIMITERS = ",;\t"
_QUOTED = re.compile(r'"[^"]*(?:"|$)')
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


def delimiter_of(header: str) -> str | None:
    """The character that separates the columns of a header line, if one does.

    >>> delimiter_of("instruction;input;output"), delimiter_of('"a, b, c";output')
    (';', ';')
    >>> delimiter_of("one column") is None
    True
    """
    header = _QUOTED.sub("", header)
    best = max(DELIMITERS, key=header.count)
    return best if best in header else None


def separator_named(line: str) -> str | None:
    r"""The separator that Excel's own first line names, if it is one.

    >>> separator_named("sep=;\r\n"), separator_named("sep=\t\n"), separator_named("a,b")
    (';', '\t', None)
    """
    found = _SEPARATOR_LINE.fullmatch(line.rstrip("\r\n"))
    return found.group(1) if found else None


def read_csv(
    stream: BinaryIO, limits: Limits, position: Position, size: int
) -> Iterator[RawRow | BadRow]:
    """The rows; every value is text, but for lists of messages.

    A line that can't be decoded is left out of its row's text.
    """
    csv.field_size_limit(limits.line_bytes)
    bad: list[BadRow] = []

    def texts() -> Iterator[str]:
        for item in read_lines(stream, limits, position, size, quotes=True):
            if isinstance(item, BadRow):
                bad.append(item)
                yield "\n"  # keeps the count of lines right
            else:
                yield item[1]

    lines = texts()
    first = next(lines, "")
    yield from bad
    bad.clear()
    above = 1  # the line before those that the reader counts
    delimiter = separator_named(first)
    if delimiter is not None:
        position.leave_out("the line that names the separator (sep=)")
        above, first = 2, next(lines, "")
    delimiter = delimiter or delimiter_of(first) or ","
    reader = csv.reader(_with(first, lines), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    line = above
    while True:
        try:
            values = next(reader)
        except StopIteration:
            yield from bad
            return
        except csv.Error as error:
            yield from bad
            yield BadRow(line, f"broken CSV: {error}; nothing after it was read")
            return
        here, line = line, reader.line_num + above
        if bad:
            yield from bad
            bad.clear()
            continue
        if not any(values) or not any(map(str.strip, values)):
            if header is not None:
                position.leave_out(BLANK_ROWS)
            continue
        if header is None:
            header = [name.strip() for name in values]
            if wrong := _header_fault(header):
                yield BadRow(here, wrong)
                return
        elif len(values) != len(header):
            yield BadRow(here, f"{len(values)} values, but the header has {len(header)} columns")
        else:
            fields = dict(zip(header, values, strict=True))
            if fields.pop("", ""):
                position.leave_out("values in a column without a name")
            yield RawRow(here, with_messages(fields, position))


def _header_fault(header: list[str]) -> str | None:
    if len(header) > MAX_COLUMNS:
        return too_many_columns(len(header))
    seen: set[str] = set()
    for name in header:
        if name and name in seen:
            return f"two columns are called {name!r}"
        seen.add(name)
    return None


def _with(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _looks_like_csv(head: bytes) -> bool:
    """Whether the first line has columns and could be read aloud."""
    line = head.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    return (
        not line.startswith(("{", "["))
        and line.replace("\t", " ").isprintable()
        and "\ufffd" not in line
        and delimiter_of(line) is not None
    )


FORMATS.add(
    "csv",
    FileFormat(
        "csv",
        "CSV with a header: commas, semicolons or tabs",
        read_csv,
        (".csv", ".tsv"),
        starts=_looks_like_csv,
        by_suffix=True,
    ),
)


COLUMNS = ("messages", "conversations", "prompt", "completion")
"""Columns that hold lists of messages in files of other kinds."""
MOST_CHARACTERS = 1 << 20
"""A longer cell in Python's way of writing is left as it is: its parser takes much memory."""
NOT_READ = "cells that look like messages, but can't be read as JSON"


def with_messages(fields: dict[str, Any], position: Position) -> dict[str, Any]:
    """The row with its cells of messages as lists; what looks like one and is none is counted."""
    for column in COLUMNS:
        cell = fields.get(column)
        if not isinstance(cell, str) or not cell.lstrip().startswith("["):
            continue
        found = messages_in(cell)
        if found is not None:
            fields[column] = found
        elif cell.lstrip()[1:].lstrip().startswith("{"):
            position.leave_out(f"{NOT_READ} ({column})")
    return fields


def messages_in(cell: str) -> list[dict[str, Any]] | None:
    r"""The messages of a cell; None if it is a text like any other.

    >>> messages_in('[{"role": "user", "content": "Hi"}]')
    [{'role': 'user', 'content': 'Hi'}]
    >>> messages_in("[{'from': 'human', 'value': 'It\\'s'}]")
    [{'from': 'human', 'value': "It's"}]
    >>> messages_in("[1, 2]"), messages_in("[a note] ..."), messages_in("[]")
    (None, None, None)
    """
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        if len(cell) > MOST_CHARACTERS:
            return None
        try:
            found = ast.literal_eval(cell.strip())
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return None
    if isinstance(found, list) and found and all(map(_is_message, found)):
        return found
    return None


def _is_message(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    return any(isinstance(value.get(who), str) for who in ("role", "from")) and any(
        what in value for what in ("content", "value", "tool_calls")
    )

"""Which format a file has, told by its first bytes and its name; and its rows whatever it is."""

import codecs
import io
import os
from collections.abc import Callable, Iterator
from typing import BinaryIO

from sit_core.errors import UsageError
from sit_core.registry import unknown
from sit_core.sources.csv_table import delimiter_of, read_csv
from sit_core.sources.json_list import read_json_list
from sit_core.sources.jsonl import read_jsonl
from sit_core.sources.lines import UTF8_BOM
from sit_core.sources.parquet import read_parquet
from sit_core.sources.rows import BadRow, Limits, Position, RawRow, SourceFile

Reader = Callable[[BinaryIO, Limits, Position, int], Iterator[RawRow | BadRow]]

FORMATS: dict[str, Reader] = {
    "jsonl": read_jsonl,
    "json": read_json_list,
    "csv": read_csv,
    "parquet": read_parquet,
}
"""Name → reader: stream, limits, position to write, size in bytes → rows."""

BUILT_IN = frozenset(FORMATS)
"""The formats that `detect_format` knows; one added to `FORMATS` is taken at its word."""
AUTO = "auto"
SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}
_PACKED = {
    b"\x1f\x8b": "is compressed (gzip); unpack it first",
    b"PK\x03\x04": "is a ZIP archive or a spreadsheet; unpack it, or save the sheet as CSV",
    b"\x28\xb5\x2f\xfd": "is compressed (Zstandard); unpack it first",
}
_WIDE = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_HEAD = 4096


def check_format(name: str) -> str:
    """The name of a format, or ``auto``.

    Raises:
        UsageError: there is no such format.
    """
    if name != AUTO and name not in FORMATS:
        raise UsageError(unknown("format", name, [AUTO, *FORMATS]))
    return name


def refuse(head: bytes) -> BadRow | None:
    """Why a file that begins with these bytes is none of any text format, or None."""
    if not head:
        return BadRow(None, "the file is empty")
    for magic, encoding in _WIDE.items():
        if head.startswith(magic):
            return BadRow(1, f"the file is {encoding} text; save it as UTF-8")
    for magic, reason in _PACKED.items():
        if head.startswith(magic):
            return BadRow(None, f"the file {reason}")
    if b"\x00" in head:
        if max(head[1::2].count(0), head[::2].count(0)) > len(head) // 3:
            return BadRow(1, "the file looks like UTF-16 text; save it as UTF-8")
        return BadRow(None, "the file is none of JSONL, a JSON list, CSV and Parquet")
    return None


def detect_format(name: str, head: bytes) -> str | BadRow:
    """The format of a file that begins with these bytes, or why none will do.

    >>> detect_format("a.txt", b'{"output": "x"}'), detect_format("a", b" [ {"), detect_format(
    ...     "a.csv", b"output")
    ('jsonl', 'json', 'csv')
    >>> detect_format("a.jsonl", b"")
    BadRow(line=None, reason='the file is empty')
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    refused = refuse(head)
    if refused:
        return refused
    text = head.removeprefix(UTF8_BOM).lstrip()
    by_name = SUFFIXES.get(os.path.splitext(name)[1].lower())  # noqa: PTH122 - a name, no path
    if not text:
        return BadRow(None, "the file is empty: there is nothing but white space in it")
    if text.startswith(b"[") and by_name != "csv":
        return "json"
    if text.startswith(b"{") and by_name != "csv":
        return "jsonl"
    if by_name in ("csv", "jsonl", "json"):
        return by_name
    first_line = text.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    if (
        first_line.replace("\t", " ").isprintable()
        and delimiter_of(first_line)
        and "\ufffd" not in first_line
    ):
        return "csv"
    return BadRow(None, "the file is none of JSONL, a JSON list, CSV and Parquet")


def format_of(source: SourceFile, format_name: str = AUTO) -> str | BadRow:
    """The format that `read_rows` will take; never raises."""
    try:
        with source.open() as stream:
            return _take_format(source.name, stream.read(_HEAD), format_name)
    except OSError as error:
        return BadRow(None, f"the file can't be opened: {error.strerror or error}")


def _take_format(name: str, head: bytes, format_name: str) -> str | BadRow:
    if format_name == AUTO or format_name in BUILT_IN:
        found = detect_format(name if format_name == AUTO else f"chosen.{format_name}", head)
        return found if format_name == AUTO or isinstance(found, BadRow) else format_name
    return refuse(head) or format_name


def read_rows(
    source: SourceFile,
    format_name: str = AUTO,
    limits: Limits | None = None,
    position: Position | None = None,
) -> Iterator[RawRow | BadRow]:
    """All rows of a file, and in their places the ones that can't be read; total: never raises.

    Memory is flat: one row and a small block, or a small batch of a Parquet file.
    """
    limits, position = limits or Limits(), position or Position()
    try:
        stream = source.open()
    except IsADirectoryError:
        yield BadRow(None, "this is a folder; name the files in it")
        return
    except FileNotFoundError:
        yield BadRow(None, "there is no such file")
        return
    except OSError as error:
        yield BadRow(None, f"the file can't be opened: {error.strerror}")
        return
    with stream:
        try:
            size = stream.seek(0, io.SEEK_END)
            stream.seek(0)
            head = stream.read(_HEAD)
            stream.seek(0)
            chosen = _take_format(source.name, head, format_name)
            if isinstance(chosen, BadRow):
                yield chosen
                return
            anything = False
            for row in FORMATS[chosen](stream, limits, position, size):
                anything = True
                yield row
            if not anything:
                yield BadRow(None, "there are no rows in the file")
        except OSError as error:
            yield BadRow(None, f"the file can't be read: {error.strerror or error}")

"""Which format a file has, told by its first bytes and its name; and its rows whatever it is."""

import codecs
import io
import os
from collections.abc import Iterator

from sit_core.errors import UsageError
from sit_core.registry import unknown

# Each of these registers its format. json_list imports jsonl, so JSONL is tried after it.
from sit_core.sources import csv_table, json_list, jsonl, parquet  # noqa: F401
from sit_core.sources.file_formats import FORMATS, file_formats, suffixes
from sit_core.sources.lines import UTF8_BOM
from sit_core.sources.rows import BadRow, Limits, Position, RawRow, SourceFile

AUTO = "auto"
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
    if head.startswith(b"PK\x03\x04") and b"_journal/start.json" in head:
        return BadRow(
            None,
            "the file is a packed log of Inspect; write it as JSON "
            "(inspect log convert FILE --to json --output-dir FOLDER)",
        )
    for magic, reason in _PACKED.items():
        if head.startswith(magic):
            return BadRow(None, f"the file {reason}")
    if b"\x00" in head:
        if max(head[1::2].count(0), head[::2].count(0)) > len(head) // 3:
            return BadRow(1, "the file looks like UTF-16 text; save it as UTF-8")
        return BadRow(
            None, "the file is none of JSONL, a JSON list, CSV and Parquet; choose one that is"
        )
    return None


def detect_format(name: str, head: bytes) -> str | BadRow:
    """The file format of a file that begins with these bytes, or why none will do.

    What it begins with says more than its name's ending; where both are of no help, a format whose
    beginning can't be told goes by the ending.

    >>> detect_format("a.txt", b'{"output": "x"}'), detect_format("a", b" [ {"), detect_format(
    ...     "a.csv", b"output")
    ('jsonl', 'json', 'csv')
    >>> detect_format("a.jsonl", b"")
    BadRow(line=None, reason='the file is empty')
    """
    formats = file_formats()
    for found, form in formats.items():
        if form.binary and form.starts is not None and form.starts(head):
            return found
    refused = refuse(head)
    if refused:
        return refused
    text = head.removeprefix(UTF8_BOM).lstrip()
    if not text:
        return BadRow(None, "the file is empty: there is nothing but white space in it")
    by_name = suffixes().get(os.path.splitext(name)[1].lower())  # noqa: PTH122 - a name, no path
    if by_name and (formats[by_name].by_suffix or formats[by_name].starts is None):
        return by_name
    # The newest first: a plugin knows its own files better than JSONL, which takes any object.
    for found in reversed(formats):
        starts = formats[found].starts
        if starts is not None and not formats[found].binary and starts(text):
            return found
    if by_name and not formats[by_name].binary:
        return by_name
    return BadRow(
        None, "the file is none of JSONL, a JSON list, CSV and Parquet; choose one that is"
    )


def format_of(source: SourceFile, format_name: str = AUTO) -> str | BadRow:
    """The format that `read_rows` will take; never raises."""
    try:
        with source.open() as stream:
            return _take_format(source.name, stream.read(_HEAD), format_name)
    except OSError as error:
        return BadRow(None, f"the file can't be opened: {error.strerror or error}")


def _take_format(name: str, head: bytes, format_name: str) -> str | BadRow:
    chosen = file_formats().get(format_name)
    if chosen is None:  # by itself; or a format of rows, which may stand in any file
        return detect_format(name, head)
    return format_name if chosen.binary else refuse(head) or format_name


def read_rows(
    source: SourceFile,
    format_name: str = AUTO,
    limits: Limits | None = None,
    position: Position | None = None,
    whole: bool = False,
) -> Iterator[RawRow | BadRow]:
    """All rows of a file, and in their places the ones that can't be read; total: never raises.

    Memory is flat: one row and a small block, or a small batch of a Parquet file. A file that is
    one JSON object is a row only for who asks for such (``whole``).
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
            for row in file_formats()[chosen].read(stream, limits, position, size):
                anything = True
                if isinstance(row, RawRow) and row.whole and not whole:
                    row = BadRow(row.line, json_list.whole_sentence(row.fields))
                yield row
            if not anything:
                yield BadRow(None, "there are no rows in the file")
        except OSError as error:
            yield BadRow(None, f"the file can't be read: {error.strerror or error}")

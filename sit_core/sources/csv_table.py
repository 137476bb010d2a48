"""CSV with a header line; comma, semicolon or tab, quoted as spreadsheets do."""

import csv
from collections.abc import Iterator
from typing import BinaryIO

from sit_core.sources.file_formats import FORMATS, FileFormat
from sit_core.sources.lines import read_lines
from sit_core.sources.rows import BadRow, Limits, Position, RawRow

DELIMITERS = ",;\t"


def delimiter_of(header: str) -> str | None:
    """The character that separates the columns of a header line, if one does.

    >>> delimiter_of("instruction;input;output")
    ';'
    >>> delimiter_of("one column") is None
    True
    """
    best = max(DELIMITERS, key=header.count)
    return best if best in header else None


def read_csv(
    stream: BinaryIO, limits: Limits, position: Position, size: int
) -> Iterator[RawRow | BadRow]:
    """The rows; every value is text. A line that can't be decoded is left out of its row's text."""
    csv.field_size_limit(limits.line_bytes)
    bad: list[BadRow] = []

    def texts() -> Iterator[str]:
        for item in read_lines(stream, limits, position, size):
            if isinstance(item, BadRow):
                bad.append(item)
                yield "\n"  # keeps the count of lines right
            else:
                yield item[1]

    lines = texts()
    first = next(lines, "")
    yield from bad
    bad.clear()
    reader = csv.reader(_with(first, lines), delimiter=delimiter_of(first) or ",", strict=True)
    header: list[str] | None = None
    line = 1
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
        here, line = line, reader.line_num + 1
        if bad:
            yield from bad
            bad.clear()
            continue
        if not values:
            continue
        if header is None:
            header = [name.strip() for name in values]
            twice = sorted({n for n in header if n and header.count(n) > 1})
            if twice:
                yield BadRow(here, f"two columns are called {twice[0]!r}")
                return
        elif len(values) != len(header):
            yield BadRow(here, f"{len(values)} values, but the header has {len(header)} columns")
        else:
            yield RawRow(here, {n: v for n, v in zip(header, values, strict=True) if n})


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

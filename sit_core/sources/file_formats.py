"""The registry of formats: how a file's bytes become rows, and how a tool's rows become outputs.

Two kinds share it, so that ``--format NAME`` and the page know both. A `FileFormat` reads bytes
(JSONL, CSV, …). A `RowFormat` takes rows of any file format and lays open what a tool nested in
them (lm-eval's samples, chat messages, …), or says why such files hold no outputs. Each is one file
that ends with ``FORMATS.add(…)``; plugins do the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from sit_core.registry import Registry
from sit_core.sources.rows import BadRow, LeftOut, Limits, Position, RawRow

Reader = Callable[[BinaryIO, Limits, Position, int], Iterator[RawRow | BadRow]]
"""Stream, limits, position to write, size in bytes → rows; never raises."""
Item = RawRow | BadRow | LeftOut
Unpack = Callable[[Iterable[RawRow]], Iterator[Item]]
"""Rows as they stand in the file → rows with one output each; never raises."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a file's bytes become rows."""

    name: str
    what: str
    """One line: which files."""
    read: Reader
    suffixes: tuple[str, ...] = ()
    """Endings of such files' names, in small letters, with the dot."""
    starts: Callable[[bytes], bool] | None = None
    """Whether a file that begins with these bytes (no byte order mark, no white space before them)
    is one; None: it can't be told, the name's ending or the user decides."""
    by_suffix: bool = False
    """The ending alone decides, whatever the file begins with."""
    binary: bool = False
    """No text: not looked through for other encodings."""


@dataclass(frozen=True, slots=True)
class RowFormat:
    """How the rows of a tool's files become rows with one output each."""

    name: str
    what: str
    """One line: which tool's files."""
    fits: Callable[[Mapping[str, Any]], bool]
    """Whether a row, as it stands in the file, is one of these; looks at its shape only."""
    unpack: Unpack | None = None
    """None: such files hold no outputs, and ``refusal`` says so."""
    refusal: str = ""
    """What the file is instead, and which command reads it."""
    needs: str = ""
    """What such files may lack (the question), and how to name it."""


FORMATS: Registry[FileFormat | RowFormat] = Registry("format")
"""Name → format, in the order in which they were registered."""


def file_formats() -> dict[str, FileFormat]:
    """The formats of files, by name."""
    found = ((name, FORMATS.get(name)) for name in FORMATS)
    return {name: form for name, form in found if isinstance(form, FileFormat)}


def row_formats() -> dict[str, RowFormat]:
    """The formats of rows, by name."""
    found = ((name, FORMATS.get(name)) for name in FORMATS)
    return {name: form for name, form in found if isinstance(form, RowFormat)}


def suffixes() -> dict[str, str]:
    """Ending of a file's name → name of its format."""
    return {end: name for name, form in file_formats().items() for end in form.suffixes}

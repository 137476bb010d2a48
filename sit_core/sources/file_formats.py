"""The registry of formats: how a file's bytes become rows, and how a tool's rows become outputs.

Two kinds share it, so that ``--format NAME`` and the page know both. A `FileFormat` reads bytes
(JSONL, CSV, …). A `RowFormat` takes rows of any file format and lays open what a tool nested in
them (lm-eval's samples, chat messages, …), or says why such files hold no outputs. Each is one file
that ends with ``FORMATS.add(…)``; plugins do the same.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from sit_core.plugins import PluginError, error_text, guarded, report_fault
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


def _of_plugin(name: str, thing: Any) -> FileFormat | RowFormat:
    """A plugin's format; it is asked about every file and every first row, so it can't raise."""
    if not isinstance(thing, FileFormat | RowFormat):
        raise PluginError(f"it is a {type(thing).__name__}, neither a FileFormat nor a RowFormat")
    if thing.name != name or name == "auto" or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise PluginError(
            f"it calls itself {thing.name!r}; both names must be alike, of a-z, 0-9, '-' and '_'"
        )
    if isinstance(thing, RowFormat):
        if thing.unpack is None and not thing.refusal:
            raise PluginError("it has neither unpack nor refusal")
        unpack = None if thing.unpack is None else _total(name, thing.unpack)
        return replace(thing, fits=guarded("sit.formats", name, thing.fits), unpack=unpack)
    taken = suffixes()
    if mine := [end for end in thing.suffixes if end in taken]:
        raise PluginError(f"files that end with {mine[0]} are read as {taken[mine[0]]} already")
    starts = None if thing.starts is None else guarded("sit.formats", name, thing.starts)
    return replace(thing, read=_total(name, thing.read), starts=starts)


def _total(name: str, read: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """A plugin's reader that ends with a `BadRow` where it raises."""

    def never_raises(*words: Any) -> Iterator[Any]:
        try:
            yield from read(*words)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            report_fault("sit.formats", name, error_text(error))
            yield BadRow(None, f"the format {name} can't read on ({error_text(error)})")

    return never_raises


FORMATS: Registry[FileFormat | RowFormat] = Registry("format", "sit.formats", _of_plugin)
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

"""What all readers share: a file that can be opened, its raw rows, and how far reading has come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

MAX_LINE_FACTOR = 8
"""A row may take this many times the largest field: escapes can make six bytes of one."""
BLOCK = 1 << 16
BLANK_ROWS = "blank rows"
"""What is left out where a spreadsheet has rows without any value."""
MAX_COLUMNS = 2000
"""More are no table of outputs, and each of them costs time in every row."""
UNPACKED_ANYWAY = 256 * 1024 * 1024
UNPACKED_FACTOR = 100
"""Repeated instructions and good compression make 10 to 50 times of real files."""


@dataclass(frozen=True)
class SourceFile:
    """A file by its name (no folder) and a way to open it, again and again, for binary reading."""

    name: str
    open: Callable[[], BinaryIO]
    path: Path | None = None
    """Where it lies, if it is a file of this machine and not an upload."""

    @classmethod
    def at(cls, path: Path) -> "SourceFile":
        """The file at ``path``; whether it can be read is found out when it is opened."""
        name = path.name or str(path)
        name = name.encode("utf-8", "replace").decode("utf-8")  # names may be any bytes
        return cls(name, lambda: path.open("rb"), path)


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it stood in the file."""

    line: int
    """Its first line, or its row number in a Parquet file; from 1."""
    fields: Mapping[str, Any]
    left_out: tuple[str, ...] = ()
    """What a format's reader did not take of this row ("later turns", …), a few words each."""
    whole: bool = False
    """The file is this one JSON object, and no list of rows."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that a format's reader did not take, rightly (an error instead of an output, …)."""

    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A place where no row could be read, and why. ``line`` None: the whole file is meant."""

    line: int | None
    reason: str


@dataclass
class Position:
    """How far reading has come; readers write it, progress bars read it."""

    done: float = 0.0
    """Share of the file, from 0 to 1."""
    left_out: dict[str, int] = field(default_factory=dict)
    """What the reader left out although it is no fault (``blank rows``), and how often."""

    def leave_out(self, what: str) -> None:
        """Count one more of these."""
        self.left_out[what] = self.left_out.get(what, 0) + 1


@dataclass(frozen=True, slots=True)
class Limits:
    """How much memory one row, and how much room a compressed file, may take."""

    field_bytes: int = 4 * 1024 * 1024

    @property
    def line_bytes(self) -> int:
        """The longest line, or item of a JSON list."""
        return self.field_bytes * MAX_LINE_FACTOR

    def unpacked_bytes(self, packed: int) -> int:
        """How much a compressed file of so many bytes may hold: a small one can name terabytes."""
        return UNPACKED_ANYWAY + UNPACKED_FACTOR * packed


def megabytes(n: int) -> str:
    """A size for a sentence.

    >>> megabytes(4 * 1024 * 1024), megabytes(2000)
    ('4 MB', '0.002 MB')
    """
    return f"{n / 1024 / 1024:.3g} MB" if n >= 1024 * 100 else f"{n / 1024 / 1024:.1g} MB"


def too_many_columns(n: int) -> str:
    """The sentence on a file, or a row, with more columns than are read."""
    return (
        f"there are {n:,} columns, but at most {MAX_COLUMNS:,} are read; keep the ones that matter "
        "(instruction, input, output, …)"
    )

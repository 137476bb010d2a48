"""Rows of outputs, whatever tool wrote the file: its rows, laid open by the format they are of.

Which format that is, the shape of the first rows tells (all of them must fit), unless it is named.
Rows that have an instruction and an output as columns of their own need none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from sit_core.sources import row_formats as _registered  # noqa: F401 - each registers itself
from sit_core.sources.file_formats import Item, RowFormat, row_formats
from sit_core.sources.formats import AUTO, read_rows
from sit_core.sources.mapping import guess_mapping
from sit_core.sources.rows import BadRow, Limits, Position, RawRow, SourceFile

LOOKED_AT = 50
"""So many first rows tell the format."""


def recognised(rows: Sequence[Mapping[str, Any]]) -> RowFormat | None:
    """The format that all these rows are of, None where their columns are to be taken as they are.

    The newest first, so that a plugin knows its files better than what ships.
    """
    if not rows or _plain(rows):
        return None
    for form in reversed(row_formats().values()):
        if all(form.fits(row) for row in rows):
            return form
    return None


def _plain(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an instruction and an output stand in columns of their own."""
    mapping = guess_mapping(list({name: None for row in rows for name in row}), rows)
    if mapping.instruction is None or mapping.output is None:
        return False
    asked = [row.get(mapping.instruction) for row in rows]
    said = [row.get(mapping.output) for row in rows]
    return not any(isinstance(value, list | dict) for value in (*asked, *said))


def row_format_of(
    source: SourceFile, format_name: str = AUTO, limits: Limits | None = None
) -> RowFormat | None:
    """The format of rows that `read_outputs` takes, None where it takes them as they are."""
    if format_name in row_formats() or format_name != AUTO:
        return row_formats().get(format_name)
    return recognised(
        _fields(islice(read_rows(source, format_name, limits, whole=True), LOOKED_AT))
    )


def open_outputs(
    source: SourceFile,
    format_name: str = AUTO,
    limits: Limits | None = None,
    position: Position | None = None,
) -> tuple[RowFormat | None, Iterator[Item]]:
    """The format of a file's rows and the rows, in one go; a tool's log may be large."""
    rows = read_rows(source, format_name, limits, position, whole=True)
    form = row_formats().get(format_name)
    if format_name == AUTO:
        first = list(islice(rows, LOOKED_AT))
        rows = chain(first, rows)
        form = recognised(_fields(first))
    if form is None:
        return None, rows
    if form.unpack is None:
        return form, iter([BadRow(None, form.refusal)])
    return form, _unpacked(form.unpack, rows)


def read_outputs(
    source: SourceFile,
    format_name: str = AUTO,
    limits: Limits | None = None,
    position: Position | None = None,
) -> Iterator[Item]:
    """All rows of a file of outputs; total like `read_rows`, with what was left out in its place.

    A file of a known tool that holds no outputs is one `BadRow`: what it is, what reads it.
    """
    yield from open_outputs(source, format_name, limits, position)[1]


def _fields(rows: Iterable[RawRow | BadRow]) -> list[Mapping[str, Any]]:
    return [row.fields for row in rows if isinstance(row, RawRow)]


def _unpacked(unpack: Any, rows: Iterable[RawRow | BadRow]) -> Iterator[Item]:
    """The rows through the format's reader, broken ones in their places."""
    broken: list[BadRow] = []

    def whole() -> Iterator[RawRow]:
        for row in rows:
            if isinstance(row, BadRow):
                broken.append(row)
            else:
                yield row

    for item in unpack(whole()):
        yield from broken
        broken.clear()
        yield item
    yield from broken

"""A first look at a file: its columns, how they would be read, its first rows, what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sit_core.records import Unparsed
from sit_core.sources.formats import AUTO, format_of, read_rows
from sit_core.sources.mapping import ColumnMapping, guess_mapping
from sit_core.sources.predictions import ImportFile, Located, read_predictions, run_name_of
from sit_core.sources.rows import BadRow, Limits, RawRow, SourceFile

ROWS = 50


@dataclass(frozen=True)
class Preview:
    """What the first rows tell."""

    format: str | Unparsed
    columns: tuple[str, ...]
    mapping: ColumnMapping
    rows: tuple[Mapping[str, Any], ...]
    problems: tuple[BadRow, ...]
    """Of the first rows only; the import checks all."""


def look_at(source: SourceFile, format_name: str = AUTO, limits: Limits | None = None) -> Preview:
    """Read the first `ROWS` rows; never raises, a file that can't be read is a problem."""
    rows: list[Mapping[str, Any]] = []
    problems: list[BadRow] = []
    columns: dict[str, None] = {}
    for row in islice(read_rows(source, format_name, limits), ROWS):
        if isinstance(row, RawRow):
            rows.append(row.fields)
            columns.update(dict.fromkeys(row.fields))
        else:
            problems.append(row)
    found = format_of(source, format_name)
    return Preview(
        format=Unparsed(found.reason) if isinstance(found, BadRow) else found,
        columns=tuple(columns),
        mapping=guess_mapping(list(columns), rows),
        rows=tuple(rows),
        problems=tuple(problems),
    )


def first_predictions(
    file: ImportFile, n: int = 3, limits: Limits | None = None
) -> list[Located | BadRow]:
    """The first rows as they would be imported."""
    return list(islice(read_predictions(file, limits), n))


def plan_for(source: SourceFile, look: Preview | None = None) -> ImportFile:
    """The file with everything guessed."""
    look = look or look_at(source)
    return ImportFile(source, run_name_of(source.name), look.mapping)

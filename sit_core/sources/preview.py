"""A first look at a file: its columns, how they would be read, its first rows, what is wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sit_core.records import Unparsed
from sit_core.sources.file_formats import Item, row_formats
from sit_core.sources.file_names import run_name_of
from sit_core.sources.formats import AUTO, format_of, read_rows
from sit_core.sources.mapping import MAPPED_FIELDS, ColumnMapping, guess_mapping
from sit_core.sources.parallel import QuestionFile
from sit_core.sources.paths import MISSING, nested_paths, value_at
from sit_core.sources.predictions import ImportFile, LocatedPrediction, read_predictions
from sit_core.sources.rows import BadRow, Limits, RawRow, SourceFile
from sit_core.sources.unpacking import open_outputs

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
    paths: tuple[str, ...] = ()
    """Places inside the columns, such as ``choices.0.turns.0``."""

    def open_fields(self, changes: Mapping[str, str | None]) -> frozenset[str]:
        """Fields that a column may fill which none of the first rows has.

        Args:
            changes: what somebody said on the columns; what they said stays.
        """
        return frozenset(
            name
            for name in MAPPED_FIELDS
            if getattr(self.mapping, name) is None and changes.get(name) is None
        )


def look_at(
    source: SourceFile,
    format_name: str = AUTO,
    limits: Limits | None = None,
    questions: QuestionFile | None = None,
) -> Preview:
    """Read the first `ROWS` outputs; never raises, a file that can't be read is a problem.

    ``format`` is the tool's whose rows they are, where that was recognised or named.
    """
    form, rows = open_outputs(source, format_name, limits)
    joined = rows if questions is None else _joined(rows, questions)
    return _looked(joined, form.name if form else format_of(source, format_name))


def look_at_rows(
    source: SourceFile,
    format_name: str = AUTO,
    limits: Limits | None = None,
    questions: QuestionFile | None = None,
) -> Preview:
    """The same of the rows as they stand in the file, whatever tool wrote them."""
    rows: Iterable[Item] = read_rows(source, format_name, limits)
    joined = rows if questions is None else _joined(rows, questions)
    return _looked(joined, format_of(source, format_name))


def look_with(
    source: SourceFile,
    format_name: str,
    changes: Mapping[str, str | None],
    limits: Limits | None = None,
    questions: QuestionFile | None = None,
) -> tuple[Preview, str]:
    """The look that fits a researcher's mapping, with the format to read the file in.

    Where the mapping names places of the rows as they stand (``choices.0.turns.0``), the format of
    a tool is not used, unless it was named.
    """
    look = look_at(source, format_name, limits, questions)
    if format_name != AUTO or look.format not in row_formats():
        return look, format_name
    own = [c for c in changes.values() if c and not _somewhere(look.rows, c)]
    if own:
        raw = look_at_rows(source, format_name, limits, questions)
        if isinstance(raw.format, str) and all(_somewhere(raw.rows, column) for column in own):
            return raw, raw.format
    return look, str(look.format)


def _somewhere(rows: Iterable[Mapping[str, Any]], path: str) -> bool:
    return any(value_at(row, path) is not MISSING for row in rows)


def _joined(rows: Iterable[Item], questions: QuestionFile) -> Iterable[Item]:
    number = 0
    for row in rows:
        number += isinstance(row, RawRow)
        yield questions.joined(row, number) if isinstance(row, RawRow) else row


def _looked(found: Iterable[Item], form: str | BadRow) -> Preview:
    rows: list[Mapping[str, Any]] = []
    problems: list[BadRow] = []
    columns: dict[str, None] = {}
    for row in islice(found, ROWS):
        if isinstance(row, RawRow):
            rows.append(row.fields)
            columns.update(dict.fromkeys(row.fields))
        elif isinstance(row, BadRow):
            problems.append(row)
    return Preview(
        format=Unparsed(form.reason) if isinstance(form, BadRow) else form,
        columns=tuple(columns),
        mapping=guess_mapping(list(columns), rows),
        rows=tuple(rows),
        problems=tuple(problems),
        paths=tuple(nested_paths(rows)),
    )


def first_predictions(
    file: ImportFile, n: int = 3, limits: Limits | None = None
) -> list[LocatedPrediction | BadRow]:
    """The first rows as they would be imported."""
    file = replace(file, open_fields=frozenset())  # a missing column is not looked for further on
    return list(islice(read_predictions(file, limits), n))


def plan_for(source: SourceFile, look: Preview | None = None) -> ImportFile:
    """The file with everything guessed."""
    look = look or look_at(source)
    name = run_name_of(source.name)
    return ImportFile(source, name, look.mapping, open_fields=look.open_fields({}))

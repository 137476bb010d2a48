"""Any file, and any data set on the hub → examples, by a mapping of its columns.

The same readers and the same guesses as for importing outputs. A column called ``output`` may hold
gold answers or some model's words: it is left alone unless the researcher says that it is the gold
(``--map reference=output``, or `ExampleReading.gold`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from sit_core.errors import UsageError
from sit_core.records import Example, Prediction
from sit_core.settings import user_path
from sit_core.sources.field_values import check_fields
from sit_core.sources.formats import read_rows
from sit_core.sources.late_columns import RowColumns
from sit_core.sources.mapping import MAPPED_FIELDS, ColumnMapping, guess_mapping
from sit_core.sources.named import EXAMPLE_SOURCES, DataSource, ExampleReading
from sit_core.sources.own_export import MAPPING, is_own_export, restored
from sit_core.sources.predictions import ImportFile, example_of
from sit_core.sources.preview import look_at_rows
from sit_core.sources.problem import Problem, RowFault
from sit_core.sources.reworded import reworded
from sit_core.sources.row_source import hub_rows, split_hub_name
from sit_core.sources.rows import BadRow, Position, RawRow, SourceFile

_LOOKED_AT = 50


def read_file(path: str, how: ExampleReading) -> Iterator[Example | Problem]:
    """The examples of a file (JSONL, a JSON list, CSV, Parquet), in its order."""
    if not path:
        raise UsageError(f"Name the file: {how.option} file:PATH.")
    return _of_file(path, how)


def _of_file(path: str, how: ExampleReading) -> Iterator[Example | Problem]:
    source = SourceFile.at(user_path(path))
    look = look_at_rows(source, limits=how.limits)
    mapping = _mapping(list(look.columns), look.rows, how)
    position = Position()
    rows = read_rows(source, limits=how.limits, position=position)
    try:
        yield from _examples(source, mapping, rows, how)
    finally:  # also where only the first ones were wanted
        for what, count in position.left_out.items():
            how.summary.note(what, count)


def read_hub(rest: str, how: ExampleReading) -> Iterator[Example | Problem]:
    """The examples of ``ID[:SPLIT[:CONFIG]]`` on the hub.

    Raises:
        SitError: the package is missing or the data set can't be had.
    """
    name, split, config = split_hub_name(rest)
    columns, rows = hub_rows(
        name, split or ("train" if how.gold else "validation"), config, how.option
    )
    first = list(islice(rows, _LOOKED_AT))
    mapping = _mapping(columns, [row.fields for row in first], how)
    source = SourceFile(name, lambda: (_ for _ in ()).throw(OSError("no file")))
    return _examples(source, mapping, chain(first, rows), how)


EXAMPLE_SOURCES.add(
    "file",
    DataSource("file", "Any file, by its columns: JSONL, a JSON list, CSV, Parquet.", read_file),
)
EXAMPLE_SOURCES.add(
    "hub", DataSource("hub", "A data set on the hub: hub:ID[:SPLIT[:CONFIG]].", read_hub)
)


def _mapping(
    columns: Sequence[str], first_rows: Iterable[Mapping[str, Any]], how: ExampleReading
) -> ColumnMapping:
    mapping = guess_mapping(columns, first_rows)
    if how.template is not None:
        # They tell of the instruction that is replaced.
        mapping = replace(mapping, steps=None, expected=None)
    if how.gold:
        mapping = replace(mapping, steps=None, expected=None)
        if mapping.reference is None:
            mapping = replace(mapping, reference=mapping.output)
    kept = tuple(c for c in how.keep if c not in mapping.example_meta)  # or it comes up later
    mapping = replace(mapping, example_meta=mapping.example_meta + kept)
    return mapping.corrected(how.changes or {})


def _examples(
    source: SourceFile,
    mapping: ColumnMapping,
    rows: Iterable[RawRow | BadRow],
    how: ExampleReading,
) -> Iterator[Example | Problem]:
    file = ImportFile(source, "", mapping, steps=None if how.steps is None else tuple(how.steps))
    summary = how.summary
    summary.file, summary.keeps = source.name, False
    columns, whole = RowColumns(mapping, _open_fields(mapping, how), summary), False
    not_taken = {"output"}  # but as the gold
    try:
        yield from _each(file, columns, rows, how, not_taken)
        whole = True
    finally:
        columns.end(whole)
        for field in not_taken:
            summary.used.pop(field, None)


def _each(
    file: ImportFile,
    columns: RowColumns,
    rows: Iterable[RawRow | BadRow],
    how: ExampleReading,
    not_taken: set[str],
) -> Iterator[Example | Problem]:
    source, summary = file.source, how.summary
    needed = how.template is None or how.template.takes_instruction
    for row in rows:
        if isinstance(row, BadRow):
            yield Problem(source.name, row.line, row.reason)
            continue
        if fault_of_columns := columns.see(row.fields):
            yield Problem(source.name, row.line, fault_of_columns)
            continue
        if columns.mapping is not file.mapping:
            file = replace(file, mapping=columns.mapping)
        try:
            check_fields(row.fields, how.limits)
            if not how.changes and is_own_export(row.fields, MAPPING):
                if how.gold:
                    not_taken.clear()
                yield _exported(restored(row.fields, "", None, summary), how)
            else:
                yield example_of(file, row.fields, how.template, summary)
        except RowFault as fault:
            unmapped = needed and file.mapping.instruction is None
            yield Problem(source.name, row.line, _no_instruction(row) if unmapped else str(fault))


def _open_fields(mapping: ColumnMapping, how: ExampleReading) -> frozenset[str]:
    """Fields that a column may fill which none of the first rows has."""
    closed = {"output", *(how.changes or ())}
    if how.gold or how.template is not None:
        closed |= {"steps", "expected"}
    return frozenset(f for f in MAPPED_FIELDS if getattr(mapping, f) is None) - closed


def _exported(prediction: Prediction, how: ExampleReading) -> Example:
    """The example of an output that was exported; as training data, the output is its gold."""
    example = prediction.example
    if how.gold:
        gold = prediction.output if example.reference is None else example.reference
        example = replace(example, steps=(), reference=gold)
    return reworded(example, how.template, how.steps)


def _no_instruction(row: RawRow) -> str:
    columns = ", ".join(repr(c[:40]) for c in list(row.fields)[:12])
    return (
        "no column was recognised as the instruction; say which one it is "
        f"(--map instruction=COLUMN; the columns are {columns}), or give an instruction"
    )

"""JSONL, CSV and Parquet writers: rows in, bytes out, a batch at a time.

JSONL and Parquet hold the texts exactly. In CSV a text that a spreadsheet would run as a formula
gets a leading apostrophe, and can be had back exactly (`sit_core.sources.own_export`). In a column
of
the kind ``text?`` a missing value is an empty cell and an empty text an apostrophe; elsewhere
in CSV the two look the same.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from sit_core.errors import UsageError
from sit_core.export.tables import Columns, Row, Rows
from sit_core.registry import Registry
from sit_core.sources.lines import UTF8_BOM
from sit_core.sources.own_export import cell_of

BATCH = 2000
Writer = Callable[[Rows, Columns, BinaryIO], int]
FORMATS: Registry[Writer] = Registry("format")


def write_bom(form: str, stream: BinaryIO) -> None:
    """Begin a CSV file with a byte order mark, without which Excel takes UTF-8 for something else.

    Raises:
        UsageError: it is no CSV file.
    """
    if form != "csv":
        raise UsageError(f"A byte order mark is for CSV files, not for {form}; leave out --bom.")
    stream.write(UTF8_BOM)


@FORMATS.register("jsonl")
def jsonl(rows: Rows, columns: Columns, stream: BinaryIO) -> int:
    """One JSON object per line, UTF-8, times as ISO 8601 in UTC."""
    total = 0
    for batch in _batches(rows):
        lines = (
            json.dumps({name: _plain(row[name]) for name in columns}, ensure_ascii=False)
            for row in batch
        )
        stream.write("".join(line + "\n" for line in lines).encode())
        total += len(batch)
    return total


@FORMATS.register("csv")
def csv_(rows: Rows, columns: Columns, stream: BinaryIO) -> int:
    """RFC 4180 with a header, UTF-8; texts can't become formulas."""
    total = 0
    buffer = io.StringIO(newline="")
    # CRLF: the writer then also quotes a lone carriage return inside a text.
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for batch in _batches(rows):
        writer.writerows(
            [_cell(row[name], kind == "text?") for name, kind in columns.items()] for row in batch
        )
        stream.write(buffer.getvalue().encode())
        buffer.seek(0)
        buffer.truncate()
        total += len(batch)
    stream.write(buffer.getvalue().encode())
    return total


@FORMATS.register("parquet")
def parquet(rows: Rows, columns: Columns, stream: BinaryIO) -> int:
    """Parquet with typed columns; a row group per batch, so that long outputs don't pile up."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {
        "text": pa.string(),
        "text?": pa.string(),
        "json": pa.string(),
        "int": pa.int64(),
        "float": pa.float64(),
        "bool": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    total = 0
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for batch in _batches(rows):
            arrays = [
                pa.array(
                    [_packed(row[name]) if kind == "json" else row[name] for row in batch],
                    types[kind],
                )
                for name, kind in columns.items()
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            total += len(batch)
    return total


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> neutral("=1+1"), neutral("1+1"), neutral("-3")
    ("'=1+1", '1+1', "'-3")
    """
    return cell_of(text)


def _cell(value: Any, may_be_missing: bool = False) -> Any:
    value = _plain(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return cell_of(value, may_be_missing)
    return _packed(value) if isinstance(value, (list, dict)) else value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def _packed(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _batches(rows: Rows) -> Iterator[list[Row]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch

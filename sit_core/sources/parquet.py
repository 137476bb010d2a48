"""Parquet, read in small batches of rows."""

import math
from collections.abc import Iterator
from typing import Any, BinaryIO

from sit_core.sources.file_formats import FORMATS, FileFormat
from sit_core.sources.rows import BadRow, Limits, Position, RawRow

BATCH_ROWS = 256


def read_parquet(
    stream: BinaryIO, limits: Limits, position: Position, size: int
) -> Iterator[RawRow | BadRow]:
    """The rows; what JSON has no word for (dates, decimals) becomes text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    row = 0
    try:
        table = pq.ParquetFile(stream, pre_buffer=False)
        total = table.metadata.num_rows
        for batch in table.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
            for fields in batch.to_pylist():
                row += 1
                yield RawRow(row, {name: _plain(value) for name, value in fields.items()})
            position.done = row / total if total else 1.0
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).split("\n", 1)[0][:200]
        yield BadRow(row + 1 if row else None, f"this Parquet file can't be read: {reason}")


def _plain(value: Any) -> Any:
    """A value as JSON could hold it; "not a number" is no value."""
    if isinstance(value, float) and math.isnan(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return str(value)


FORMATS.add(
    "parquet",
    FileFormat(
        "parquet",
        "Parquet",
        read_parquet,
        (".parquet",),
        starts=lambda head: head.startswith(b"PAR1"),
        binary=True,
    ),
)

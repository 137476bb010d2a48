"""Parquet, read in small batches of rows; what is repeated is unpacked only within bounds.

A text that stands once in the file may be the value of a million cells (a dictionary), so a few
kilobytes can be terabytes of text. Where a batch could become large, texts therefore stay in their
dictionary until it is known how much the batch, and each row, would take.
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from sit_core.sources.file_formats import FORMATS, FileFormat
from sit_core.sources.rows import (
    BLANK_ROWS,
    MAX_COLUMNS,
    BadRow,
    Limits,
    Position,
    RawRow,
    megabytes,
    too_many_columns,
)

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 256
AT_ONCE = 32 * 1024 * 1024
"""A batch that unpacks to more is taken row by row."""
_CELL_BYTES = 8
"""What a cell counts for at least, so that rows of nothing are no free ride."""


def read_parquet(
    stream: BinaryIO, limits: Limits, position: Position, size: int
) -> Iterator[RawRow | BadRow]:
    """The rows; what JSON has no word for (dates, decimals) becomes text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    row = 0
    left = limits.unpacked_bytes(size)
    try:
        metadata = pq.read_metadata(stream)
        if fault := _fault_of(metadata, left, size):
            yield BadRow(None, fault)
            return
        stream.seek(0)
        kept = _dictionaries(stream, metadata)
        stream.seek(0)
        table = pq.ParquetFile(stream, pre_buffer=False, read_dictionary=kept)
        total = metadata.num_rows
        for batch in table.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
            needed = unpacked_bytes(batch)
            left -= needed
            if left < 0:
                yield BadRow(row + 1, _too_much(limits.unpacked_bytes(size), size))
                return
            pieces = [batch] if needed <= AT_ONCE else _single(batch)
            for piece in pieces:
                if piece.num_rows == 1 and unpacked_bytes(piece) > limits.line_bytes:
                    row += 1
                    yield BadRow(row, f"the row is larger than {megabytes(limits.line_bytes)}")
                    continue
                for fields in piece.to_pylist():
                    row += 1
                    try:
                        values = {name: _plain(value) for name, value in fields.items()}
                    except UnicodeDecodeError:
                        yield BadRow(row, "a value is bytes that are no text in UTF-8")
                        continue
                    if not any(values.values()) and _blank(values):
                        position.leave_out(BLANK_ROWS)
                    else:
                        yield RawRow(row, values)
            position.done = row / total if total else 1.0
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).split("\n", 1)[0][:200]
        yield BadRow(row + 1 if row else None, f"this Parquet file can't be read: {reason}")


def _fault_of(metadata: Any, most: int, size: int) -> str | None:
    """What the file says of itself: too many columns, or too much even before dictionaries."""
    names = len(metadata.schema.to_arrow_schema().names)
    if names > MAX_COLUMNS:
        return too_many_columns(names)
    cells = metadata.num_rows * max(1, metadata.num_columns) * _CELL_BYTES
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    if max(cells, sum(group.total_byte_size for group in groups)) > most:
        return _too_much(most, size)
    return None


def _too_much(most: int, size: int) -> str:
    return (
        f"the file of {megabytes(size)} would unpack to more than {megabytes(most)}; if it is "
        "meant, save it as JSONL, or in parts"
    )


def _dictionaries(stream: BinaryIO, metadata: Any) -> list[str]:
    """The paths of texts that have to stay in their dictionaries; none if no batch can be large.

    Reading all as dictionaries would take six times as long where values differ.
    """
    import pyarrow.parquet as pq

    found: set[str] = set()
    most = 0
    for i in range(metadata.num_row_groups):
        group = metadata.row_group(i)
        for j in range(group.num_columns):
            column = group.column(j)
            if column.physical_type == "BYTE_ARRAY" and any(
                "DICTIONARY" in encoding for encoding in column.encodings
            ):
                found.add(column.path_in_schema)
                flat = "." not in column.path_in_schema  # else a row may hold any number of them
                most = max(most, min(column.num_values, BATCH_ROWS) if flat else column.num_values)
    paths = sorted(found)
    probe = pq.ParquetFile(stream, pre_buffer=False, read_dictionary=paths)
    for i in range(metadata.num_row_groups if paths else 0):
        for batch in probe.iter_batches(1, row_groups=[i], use_threads=False):
            if most * max(map(_longest, batch.columns), default=0) > AT_ONCE:
                return paths
            break  # the first row comes with the whole dictionary
    return []


def _longest(array: "pa.Array") -> int:
    """The bytes of the longest text in the dictionaries of an array."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(array.type):
        return pc.max(pc.binary_length(array.dictionary)).as_py() or 0
    return max(map(_longest, _parts(array)), default=0)


def _parts(array: "pa.Array") -> list["pa.Array"]:
    """The arrays within a nested one."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_map(kind):
        start, end = array.offsets[0].as_py(), array.offsets[-1].as_py()
        return [array.keys[start:end], array.items[start:end]]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [array.flatten()]
    return list(array.flatten()) if pa.types.is_struct(kind) else []


def unpacked_bytes(batch: "pa.RecordBatch") -> int:
    """What the batch's values take as plain texts and numbers; dictionaries are not unpacked."""
    return sum(_bytes_of(column) for column in batch.columns)


def _bytes_of(array: "pa.Array") -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    cells = len(array) * _CELL_BYTES
    if pa.types.is_dictionary(kind):
        lengths = pc.binary_length(array.dictionary).cast(pa.int64())
        return cells + (pc.sum(lengths.take(array.indices)).as_py() or 0)
    if parts := _parts(array):
        return cells + sum(map(_bytes_of, parts))
    return int(cells + array.nbytes)


def _single(batch: "pa.RecordBatch") -> Iterator["pa.RecordBatch"]:
    return (batch.slice(i, 1) for i in range(batch.num_rows))


def _blank(values: dict[str, Any]) -> bool:
    return all(v is None or (isinstance(v, str) and not v.strip()) for v in values.values())


def _plain(value: Any) -> Any:
    """A value as JSON could hold it; "not a number" is no value.

    Bytes are the text that they are in UTF-8, because some programs write texts without saying
    that they are texts.

    Raises:
        UnicodeDecodeError: bytes that are no such text.
    """
    if isinstance(value, float) and math.isnan(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


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

"""Make source files in memory, with a record of how much of them was read at once."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sit_core.sources import (
    BadRow,
    ImportFile,
    Limits,
    LocatedPrediction,
    RawRow,
    SourceFile,
    guess_mapping,
    look_at,
    read_predictions,
    read_rows,
)

ROW = {
    "instruction": "First repeat the input, then answer.",
    "input": "Why?",
    "output": "Why?\nSo.",
}


def file(data: bytes | str, name: str = "file.jsonl") -> SourceFile:
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return SourceFile(name, lambda: io.BytesIO(raw))


def jsonl(*rows: Mapping[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def rows_of(source: SourceFile, format_name: str = "auto", limits: Limits | None = None) -> list:
    return list(read_rows(source, format_name, limits))


def good(source: SourceFile, **options: Any) -> list[Mapping[str, Any]]:
    return [r.fields for r in rows_of(source, **options) if isinstance(r, RawRow)]


def bad(source: SourceFile, **options: Any) -> list[tuple[int | None, str]]:
    return [(r.line, r.reason) for r in rows_of(source, **options) if isinstance(r, BadRow)]


def predictions(
    source: SourceFile, run: str = "run", **changes: Any
) -> list[LocatedPrediction | BadRow]:
    look = look_at(source)
    return list(read_predictions(ImportFile(source, run, look.mapping, **changes)))


def one(row: Mapping[str, Any], name: str = "file.jsonl", **changes: Any) -> Any:
    """The only row of a file, as a prediction or as the reason why it is none."""
    source = file(jsonl(row), name)
    mapping = guess_mapping(list(row), [row])
    (found,) = read_predictions(ImportFile(source, "run", mapping, **changes))
    return found.reason if isinstance(found, BadRow) else found.prediction


def parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(r) for r in rows]), sink)
    return sink.getvalue()

"""Judgments, remarks, predictions and results as JSONL, CSV or Parquet; streaming.

``export_file(store, "judgments", Question("my study"), "csv", Path("out.csv"))``
"""

import io
from pathlib import Path
from typing import BinaryIO

from sit_core.export.files import whole_file
from sit_core.export.formats import FORMATS, write_bom
from sit_core.export.tables import TABLES
from sit_core.results.table_query import TableQuery
from sit_core.store import Store

__all__ = ["FORMATS", "TABLES", "export_bytes", "export_file", "export_to", "whole_file"]


def export_to(
    store: Store, what: str, question: TableQuery, form: str, stream: BinaryIO, bom: bool = False
) -> int:
    """Write one of `TABLES` in one of `FORMATS`; returns the number of rows.

    Of judgments, remarks and predictions all are written, whoever gave them and however the
    question would read them; its study and runs choose the samples.

    Args:
        store: where the rows are.
        what: the table.
        question: which samples.
        form: the format.
        stream: where to.
        bom: whether a CSV file begins with a byte order mark, as Excel wants it.

    Raises:
        SitError: the table, the format, or a name in the question is unknown.
    """
    table, write = TABLES.get(what), FORMATS.get(form)
    rows = table.rows(store, question)
    if bom:
        write_bom(form, stream)
    return write(rows, table.columns, stream)


def export_file(
    store: Store, what: str, question: TableQuery, form: str, path: Path, bom: bool = False
) -> int:
    """The same into a file, which is there afterwards whole or as it was before.

    Raises:
        SitError: as `export_to`, or the file can't be written.
    """
    with whole_file(path) as stream:
        return export_to(store, what, question, form, stream, bom)


def export_bytes(
    store: Store, what: str, question: TableQuery, form: str, bom: bool = False
) -> bytes:
    """The same in memory, for a download.

    Raises:
        SitError: as `export_to`.
    """
    stream = io.BytesIO()
    export_to(store, what, question, form, stream, bom)
    return stream.getvalue()

"""A table of scores as a file: every figure (JSONL, CSV, Parquet), or as it is read."""

import io
from typing import BinaryIO

from sit_core.errors import UsageError
from sit_core.export.formats import FORMATS, write_bom
from sit_core.export.typeset import latex_table, markdown_table
from sit_core.registry import unknown
from sit_core.results.scores import ScoreTable

COLUMNS = {
    "run": "text",
    "metric": "text",
    "how": "text",
    "step": "text",
    "n": "int",
    "mean": "float",
    "low": "float",
    "high": "float",
    "method": "text",
    "level": "float",
    "scored": "int",
    "share_scored": "float",
    "share_low": "float",
    "share_high": "float",
    "name_scored": "text",
    "mean_scored": "float",
    "scored_low": "float",
    "scored_high": "float",
    "scored_method": "text",
    "unparsed": "int",
    "left_out": "int",
    "unscored": "int",
    "ones": "int",
    "reasons": "json",
}
_TYPESET = {"markdown": markdown_table, "latex": latex_table}
SCORE_FORMATS = (*FORMATS, *_TYPESET)
"""All of `FORMATS`, and ``markdown`` and ``latex``."""
ENDINGS = {"markdown": "md", "latex": "tex"}
"""Format → the ending of its files, where that is not its name."""


def export_scores(table: ScoreTable, form: str, stream: BinaryIO, bom: bool = False) -> None:
    """Write a table of scores in one of `SCORE_FORMATS`; ``bom``: a CSV file for Excel.

    Raises:
        UsageError: there is no such format.
    """
    if form in _TYPESET:
        names = ["run", *table.columns().values()]
        rows = [[row[name] for name in names] for row in table.wide()]
        stream.write(_TYPESET[form](names, rows).encode())
    elif form in FORMATS:
        if bom:
            write_bom(form, stream)
        FORMATS.get(form)(table.to_dict()["rows"], COLUMNS, stream)
    else:
        raise UsageError(unknown("format", form, list(SCORE_FORMATS)))


def score_bytes(table: ScoreTable, form: str, bom: bool = False) -> bytes:
    """The same in memory, for a download."""
    stream = io.BytesIO()
    export_scores(table, form, stream, bom)
    return stream.getvalue()

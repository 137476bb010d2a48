"""AlpacaEval's model outputs: ``instruction``, ``output``, ``generator``; one model a file.

By themselves such rows are read by their columns, and the run is called as the file is; asked for
by name, the generator names the run. Annotations are refused (`no_outputs`).
"""

from collections.abc import Mapping
from typing import Any

from sit_core.sources.file_formats import FORMATS, RowFormat
from sit_core.sources.row_formats.each import Unreadable, each, without
from sit_core.sources.rows import RawRow


def fits(row: Mapping[str, Any]) -> bool:
    """Whether a row is a model's output with the model's name."""
    return {"instruction", "output", "generator"} <= set(row) and "output_1" not in row


def _opened(row: RawRow) -> RawRow:
    if not fits(row.fields):
        raise Unreadable("expected instruction, output and generator, as AlpacaEval writes them")
    return RawRow(
        row.line, {**without(row.fields, "generator", "run"), "run": row.fields["generator"]}
    )


FORMATS.add(
    "alpaca-eval", RowFormat("alpaca-eval", "AlpacaEval's model outputs", fits, each(_opened))
)

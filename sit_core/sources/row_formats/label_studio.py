"""Label Studio's JSON export: a task's ``data`` is what was shown; people's work is only named.

The columns of ``data`` are the row's. What annotators said of it is no output of a model.
"""

from collections.abc import Mapping
from typing import Any

from sit_core.sources.file_formats import FORMATS, RowFormat
from sit_core.sources.row_formats.each import Unreadable, each, without
from sit_core.sources.rows import RawRow

ANNOTATIONS = "annotations of people (kept beside the output, not read as verdicts)"
PREDICTIONS = "predictions of labels (kept beside the output)"


def fits(row: Mapping[str, Any]) -> bool:
    """Whether a row is a task with its annotations."""
    people = isinstance(row.get("annotations"), list) or isinstance(row.get("completions"), list)
    return isinstance(row.get("data"), Mapping) and people


def _opened(row: RawRow) -> RawRow:
    data = row.fields.get("data")
    if not isinstance(data, Mapping):
        raise Unreadable("a task of Label Studio has its texts in 'data', which is missing")
    said = row.fields.get("annotations") or row.fields.get("completions")
    notes: tuple[str, ...] = (ANNOTATIONS,) if said else ()
    notes += (PREDICTIONS,) if row.fields.get("predictions") else ()
    about = {f"task_{k}": v for k, v in without(row.fields, "data").items() if v not in ([], None)}
    return RawRow(row.line, {**about, **data}, notes)


FORMATS.add(
    "label-studio", RowFormat("label-studio", "Label Studio's JSON export", fits, each(_opened))
)

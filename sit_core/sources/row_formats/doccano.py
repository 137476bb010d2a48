"""doccano's JSONL export: a ``text`` with its labels, and the columns it was uploaded with.

Where one of those columns is an instruction, the text that was labelled is the output; where none
is, nothing says what was asked of whom.
"""

from collections.abc import Mapping
from typing import Any

from sit_core.sources.file_formats import FORMATS, RowFormat
from sit_core.sources.mapping import NAMES
from sit_core.sources.row_formats.each import Unreadable, each, without
from sit_core.sources.row_formats.label_studio import ANNOTATIONS
from sit_core.sources.rows import RawRow

_LABELS = ("label", "labels", "entities", "relations", "cats")


def fits(row: Mapping[str, Any]) -> bool:
    """Whether a row is a text with labels as doccano writes them."""
    named = "Comments" in row or ("id" in row and set(row) <= {"id", "text", "meta", *_LABELS})
    return isinstance(row.get("text"), str) and named and _labelled(row)


def _labelled(row: Mapping[str, Any]) -> bool:
    return any(isinstance(row.get(name), list) for name in _LABELS)


def _opened(row: RawRow) -> RawRow:
    fields = row.fields
    if not isinstance(fields.get("text"), str):
        raise Unreadable("a row of doccano has a text with labels; here it is missing")
    meta = fields.get("meta")
    rest = without(fields, "text", "meta", *_LABELS)
    rest |= meta if isinstance(meta, Mapping) else {}
    said = {f"doccano_{name}": fields[name] for name in _LABELS if fields.get(name)}
    own = {str(name).strip().lower() for name in rest}
    shown = {} if own & set(NAMES["output"]) else {"output": fields["text"]}
    text = {} if shown else {"text": fields["text"]}
    return RawRow(row.line, {**rest, **text, **said, **shown}, (ANNOTATIONS,) if said else ())


FORMATS.add(
    "doccano",
    RowFormat(
        "doccano",
        "doccano's JSONL export",
        fits,
        each(_opened),
        needs="doccano's export holds texts and labels; what was asked has to be a column of it: "
        "upload the instruction with the text, or name the columns (--map instruction=… "
        "output=text)",
    ),
)

"""Argilla's records as JSON: ``fields`` is what was shown; people's work is named, not read."""

from collections.abc import Mapping
from typing import Any

from sit_core.sources.conversation import exchange_of, turns_of
from sit_core.sources.file_formats import FORMATS, RowFormat
from sit_core.sources.row_formats.each import Unreadable, asked, each, inside, without
from sit_core.sources.row_formats.label_studio import ANNOTATIONS
from sit_core.sources.rows import LeftOut, RawRow

SUGGESTIONS = "suggestions (kept beside the output)"


def fits(row: Mapping[str, Any]) -> bool:
    """Whether a row is a record with its fields and what was said of them."""
    return isinstance(row.get("fields"), Mapping) and bool({"responses", "suggestions"} & set(row))


def _opened(row: RawRow) -> RawRow | LeftOut:
    shown = row.fields.get("fields")
    if not isinstance(shown, Mapping):
        raise Unreadable("a record of Argilla has its texts in 'fields', which is missing")
    notes: tuple[str, ...] = (ANNOTATIONS,) if row.fields.get("responses") else ()
    notes += (SUGGESTIONS,) if row.fields.get("suggestions") else ()
    about = {
        f"record_{k}": v
        for k, v in without(row.fields, "fields", "vectors").items()
        if v not in ([], {}, None)
    }
    chat = next((k for k, v in shown.items() if isinstance(inside(v, 0, "role"), str)), None)
    if chat is None:
        return RawRow(row.line, {**about, **shown}, notes)
    said = exchange_of(turns_of(shown[chat]))
    rest = {**about, **without(shown, chat)}
    found = rest.pop("response", said.answer)
    if not isinstance(found, str):
        raise Unreadable("there is a chat in the record, but no answer")
    made = asked(row, said, rest, found)
    if isinstance(made, LeftOut):
        return made
    return RawRow(row.line, made.fields, made.left_out + notes)


FORMATS.add("argilla", RowFormat("argilla", "Argilla's records as JSON", fits, each(_opened)))

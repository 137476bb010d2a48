"""The fields of a row as texts and names of steps: what is absent, what is refused and why."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from sit_core.sources.json_values import is_absent, json_kind, number_text
from sit_core.sources.paths import MISSING, value_at
from sit_core.sources.problem import RowFault
from sit_core.sources.rows import Limits
from sit_core.sources.summary import FileSummary
from sit_core.sources.texts import fault_of

NEEDED = ("instruction", "output")
"""Fields that a row of model outputs must have."""


def check_fields(fields: Mapping[str, Any], limits: Limits) -> None:
    """Raise `RowFault` for a name or value that can't be stored."""
    for column, value in fields.items():
        if fault := _fault_of_name(column, limits):
            raise RowFault(f"a column's name {fault}")
        if fault := fault_of(value, limits):
            raise RowFault(f"the field {column!r} {fault}")


@lru_cache(maxsize=4096)  # the same ones in every row
def _fault_of_name(column: str, limits: Limits) -> str | None:
    return fault_of(column, limits)


def columns_named(columns: Iterable[str]) -> str:
    """The first columns' names for a sentence."""
    names = [repr(c[:40]) for c in islice(columns, 13)]
    return ", ".join([*names[:12], "…"] if len(names) > 12 else names) or "none"


def value_in(fields: Mapping[str, Any], column: str | None) -> Any:
    """What stands in a column, or at a path into one; None where nothing does."""
    found = None if column is None else value_at(fields, column)
    return None if found is MISSING else found


def text_in(
    fields: Mapping[str, Any],
    column: str | None,
    name: str,
    summary: FileSummary,
    needed: bool = False,
) -> str | None:
    """The text of a field; a number as it was written.

    An empty text is a text; null, "not a number" or nothing is None, or a fault.
    """
    value = None
    if column is not None:
        value = fields[column] if column in fields else value_in(fields, column)
    if isinstance(value, str):
        return value
    if value is not None and not is_absent(value):
        if isinstance(value, int | float) and not isinstance(value, bool):
            text = number_text(value)
            summary.changed(name, "a number as text", text, text)
            return text
        other = f"; if it is something else: --map {name}=" if name not in NEEDED else ""
        raise RowFault(f"the {name} ({column!r}) should be text, but is {json_kind(value)}{other}")
    if needed:
        if column is None or value_at(fields, column) is MISSING:
            raise RowFault(
                f"the {name} ({column!r}) is missing; the columns are {columns_named(fields)}"
            )
        empty = '; an empty one is written ""' if name == "output" else ""
        raise RowFault(f"the {name} ({column!r}) is null{empty}")
    if value is not None:
        summary.changed(name, "no value", value, None)
    return None


def texts_in(value: Any, summary: FileSummary) -> Any:
    """What is expected of the steps: numbers as text, whether alone or within a list or object."""
    if isinstance(value, list):
        return [texts_in(v, summary) for v in value]
    if isinstance(value, dict):
        return {k: texts_in(v, summary) for k, v in value.items()}
    if is_absent(value):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = number_text(value)
        summary.changed("expected", "a number as text", text, text)
        return text
    return value


def _names_in(text: str) -> Any:
    """The names in a cell: with commas, or as JSON, as our exports to CSV hold steps."""
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None
    return text.split(",")


def _step_name(value: Any) -> str | None:
    """A step as a name; exported steps are objects with ``task`` and ``letter``."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(value.get("task"), str):
        letter = value.get("letter")
        return f"{value['task']}={letter}" if isinstance(letter, str) else str(value["task"])
    return None


def step_names(value: Any) -> list[str] | None:
    """The names of steps in a field: a list, or a text that holds one; None where it has none."""
    names = _names_in(value) if isinstance(value, str) else value
    if not isinstance(names, list):
        return None
    found = [_step_name(name) for name in names]
    return None if None in found else [name for name in found if name is not None]

r"""Rows of ``sit export predictions`` read back exactly: texts, steps with what they expect, meta.

Recognised by the columns that only such a file has, whatever order a spreadsheet gave them, and
also where some of them were deleted. Each row carries a checksum of all that it says: a row that
says something else than was exported is taken as it now is, and counted.

Texts in the cells of our CSV exports: none is run as a formula, each can be had back exactly.

A text that a spreadsheet would take for a formula gets an apostrophe before it. So that this can be
undone, a text that could be mistaken for such a one (apostrophes, then the start of a formula or
nothing) gets one more as well; and where a value may be missing, the empty text is an apostrophe.

>>> cells = [cell_of(t) for t in ("=1+1", "'=1+1", "'tis", "-3", "1-3", "'", "")]
>>> cells
["'=1+1", "''=1+1", "'tis", "'-3", '1-3', "''", '']
>>> [text_in(cell) for cell in cells]
['=1+1', "'=1+1", "'tis", '-3', '1-3', "'", '']
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sit_core.errors import UsageError
from sit_core.records import Example, Prediction, Step, Unparsed
from sit_core.sources.expected_search import with_expected
from sit_core.sources.imported_outcomes import outcome_in
from sit_core.sources.mapping import ColumnMapping
from sit_core.sources.problem import RowFault
from sit_core.sources.summary import FileSummary
from sit_core.sources.texts import storable
from sit_core.tasks import steps_named

COLUMNS: Mapping[str, str] = {
    "run": "text",
    "prediction_id": "text",
    "example_id": "text",
    "ordinal": "int",
    "instruction": "text",
    "input": "text",
    "output": "text",
    "reference": "text?",
    "steps": "json",
    "language": "text?",
    "image": "text?",
    "length": "int",
    "outcome": "text?",
    "thoughts": "text?",
    "meta": "json",
    "example_meta": "json",
    "checksum": "text?",
}
"""Column of exported predictions → its kind; of ``text?`` a missing one is not the empty text."""
MARKS = ("prediction_id", "example_id", "ordinal", "steps", "meta", "example_meta", "checksum")
ENOUGH_MARKS = 4
"""So many of the columns `MARKS` are in no file but our exports."""
CHECKED = tuple(c for c in COLUMNS if c not in ("run", "prediction_id", "length", "checksum"))
"""What the checksum is of. A run may be renamed; the others follow from these."""
MAPPING = ColumnMapping(
    instruction="instruction",
    input="input",
    output="output",
    reference="reference",
    steps="steps",
    language="language",
    image="image",
    run="run",
    thoughts="thoughts",
    outcome="outcome",
)
MAX_VARIANT = 100
MAX_ORDINAL = 1_000_000
EXACT = "rows of an export of ours, read back exactly"
EDITED = "rows of an export of ours that were changed since, taken as they are now"
UNCHECKED = (
    "rows of an export of ours from before rows had checksums: no change was seen, but one that "
    "keeps the question and the output's length would not be"
)


def is_own_export(fields: Mapping[str, Any], mapping: ColumnMapping) -> bool:
    """Whether a row has the columns of our exports and nobody mapped them otherwise."""
    if "example_meta" not in fields and "ordinal" not in fields:
        return False  # most rows
    if "output" not in fields or sum(name in fields for name in MARKS) < ENOUGH_MARKS:
        return False
    return all(
        getattr(mapping, name) == column
        for name, column in MAPPING.columns().items()
        if column in fields
    )


def restored(
    fields: Mapping[str, Any], run: str, steps: Sequence[Step] | None, summary: FileSummary
) -> Prediction:
    """The prediction that was exported.

    Args:
        fields: the row; all texts in a CSV file.
        run: its run's name where the row has none.
        steps: the researcher's own word on the chain, if there is one.
        summary: told whether the row is as it was exported.

    Raises:
        RowFault: a cell does not hold what an export of ours has there.
    """
    number = fields.get("ordinal", fields.get("length"))
    cells = isinstance(number, str) or (number is None and _all_texts(fields))
    row = {
        name: _value(fields.get(name), name, kind, cells)
        for name, kind in COLUMNS.items()
        if name in fields
    }
    example = Example(
        instruction=_needed(row, "instruction"),
        input=row.get("input") or "",
        image=row.get("image") or None,
        language=row.get("language"),
        reference=row.get("reference"),
        meta=_object(row, "example_meta"),
    )
    if len(example.language or "") > 35:
        raise RowFault("the language is longer than 35 characters")
    example = replace(example, variant=_variant(example, row.get("example_id")))
    summary.note(_said_of(row, example))
    if steps is None:
        example = replace(example, steps=_steps(row))
    else:
        filled = with_expected(steps, example)
        if isinstance(filled, Unparsed):
            raise RowFault(filled.reason)
        example = replace(example, steps=filled)
    ordinal = row.get("ordinal", 0)
    if not isinstance(ordinal, int) or not 0 <= ordinal < MAX_ORDINAL:
        raise RowFault(f"the field 'ordinal' should be a whole number, but is {ordinal!r:.40}")
    more = {name: storable(value) for name, value in fields.items() if name not in COLUMNS}
    return Prediction(
        run=row.get("run") or run,
        example=example,
        output=_needed(row, "output"),
        ordinal=ordinal,
        meta=_object(row, "meta") | more,
        outcome=outcome_in(row.get("outcome"), "outcome", summary),
        thoughts=row.get("thoughts") or None,
    )


def checksum(row: Mapping[str, Any]) -> str:
    """A hash of all that an exported row says of its output, but for the names of run and row.

    >>> checksum({"output": "1"}) == checksum({"output": "1", "run": "m", "reference": None})
    True
    >>> checksum({"output": "1"}) == checksum({"output": "2"})
    False
    """
    said = {name: row[name] for name in CHECKED if row.get(name) is not None}
    packed = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _said_of(row: Mapping[str, Any], example: Example) -> str:
    """Whether a row is as it was exported, as far as it can be told."""
    if row.get("checksum"):
        same = {name: storable(value) for name, value in row.items()}
        return EXACT if checksum(same) == row["checksum"] else EDITED
    length = row.get("length")
    kept = length is None or length == len(row.get("output") or "")
    return UNCHECKED if kept and example.id == row.get("example_id") else EDITED


def _all_texts(fields: Mapping[str, Any]) -> bool:
    return all(isinstance(value, str) for value in fields.values())


def _value(value: Any, name: str, kind: str, cells: bool) -> Any:
    """A cell's value by the kind of its column."""
    if kind in ("text", "text?"):
        if value is None:
            return None
        if not isinstance(value, str):
            raise RowFault(f"the field {name!r} should be text, as it was when it was exported")
        if not cells:
            return value
        return None if kind == "text?" and value == "" else text_in(value)
    if isinstance(value, str):
        try:
            return json.loads(value) if value else None
        except (ValueError, RecursionError):
            raise RowFault(
                f"the field {name!r} should hold JSON, as it did when it was exported"
            ) from None
    return value


def _needed(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        empty = '; an empty one is written ""' if name == "output" else ""
        raise RowFault(f"the {name} ({name!r}) is null{empty}")
    return str(value)


def _object(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = row.get(name)
    if value is not None and not isinstance(value, dict):
        raise RowFault(f"the field {name!r} should be a JSON object, as it was exported")
    return {key: storable(inner) for key, inner in (value or {}).items()}


def _variant(example: Example, exported: Any) -> int:
    """Which of the golds of its prompt it was: the one that makes its id."""
    for variant in range(MAX_VARIANT):
        if replace(example, variant=variant).id == exported:
            return variant
        if variant == 0 and not isinstance(exported, str):
            break
    return 0


def _steps(row: Mapping[str, Any]) -> tuple[Step, ...]:
    """The chain with the expected texts that it was exported with; none stays none."""
    value = row.get("steps")
    if not value:
        return ()
    if not isinstance(value, list) or not all(isinstance(step, Mapping) for step in value):
        raise RowFault("the field 'steps' should be the list of steps that was exported")
    named = []
    for step in value:
        task, letter, expected = step.get("task"), step.get("letter"), step.get("expected")
        if not isinstance(task, str) or not isinstance(letter, str):
            raise RowFault("a step in the field 'steps' has no task or no letter")
        if expected is not None and not isinstance(expected, str):
            raise RowFault("what is expected of a step in the field 'steps' should be text")
        named.append(f"{task}={letter}")
    try:
        chain = steps_named(named)
    except UsageError as error:
        raise RowFault(str(error)) from None
    return tuple(
        replace(step, expected=given.get("expected"))
        for step, given in zip(chain, value, strict=True)
    )


FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""The last four are the full-width forms, which spreadsheets in Asian locales run as well."""
_MARKED = re.compile(f"'*+(?:[{re.escape(FORMULA_STARTS)}]|\\Z)")


def cell_of(text: str, may_be_missing: bool = False) -> str:
    """The cell for a text; ``may_be_missing``: an empty cell would say that there is none."""
    if not text:
        return "'" if may_be_missing else ""
    return f"'{text}" if _MARKED.match(text) else text


def text_in(cell: str) -> str:
    """The text of a cell that `cell_of` made."""
    return cell[1:] if cell.startswith("'") and _MARKED.match(cell, 1) else cell

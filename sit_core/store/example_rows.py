"""From a row of the examples' table to an `Example`, for every query that reads them."""

from typing import Any

from sit_core.records import Example, steps_from_json
from sit_core.store.schema import examples

_COLUMNS = examples.c
EXAMPLE_COLUMNS = (
    _COLUMNS.instruction,
    _COLUMNS.input,
    _COLUMNS.image,
    _COLUMNS.language,
    _COLUMNS.steps,
    _COLUMNS.reference,
    _COLUMNS.variant,
    _COLUMNS.meta,
)
"""What a query selects so that `example_of` can read its rows."""


def example_of(row: Any) -> Example:
    """The example in a row that has at least `EXAMPLE_COLUMNS`."""
    return Example(
        instruction=row.instruction,
        input=row.input,
        image=row.image,
        language=row.language,
        steps=steps_from_json(row.steps),
        reference=row.reference,
        variant=row.variant,
        meta=row.meta or {},
    )

"""What is in one run: the examples it was asked, and why some of them have no output.

From a row of the examples' table to an `Example`, for every query that reads them.

The outputs of one run with what was asked, as rules read them.

How an output's call ended, in SQL.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from sit_core.errors import SitError
from sit_core.records import Example, Outcome, steps_from_json
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.renaming import run_id_of
from sit_core.store.schema import examples, predictions, run_errors, runs


def run_number(connection: Connection, name: str) -> int:
    """The number of a run in the store, by the name it has or had.

    Raises:
        SitError: there is no such run.
    """
    number = run_id_of(connection, name)
    if number is None:
        known = list(connection.scalars(select(runs.c.name).order_by(runs.c.name)))
        raise SitError(unknown("run", name, known))
    return number


def error_reasons(store: Store, name: str, limit: int = 20) -> list[tuple[int, str]]:
    """(row, reason) of a run's examples without output, the first ones. Untrusted text."""
    query = select(run_errors.c.row, run_errors.c.reason).order_by(run_errors.c.row).limit(limit)
    with store.read() as connection:
        query = query.where(run_errors.c.run_id == run_id_of(connection, name))
        return [(row, reason) for row, reason in connection.execute(query)]


def run_examples(store: Store, name: str) -> list[Example]:
    """What a run was asked, in its order, each example once.

    Raises:
        SitError: there is no such run.
    """
    with store.read() as connection:
        run_id = run_number(connection, name)
        rows = connection.execute(
            select(*EXAMPLE_COLUMNS)
            .join(predictions, predictions.c.example_id == examples.c.id)
            .where(predictions.c.run_id == run_id, predictions.c.ordinal == 0)
            .order_by(predictions.c.row)
        )
        return [example_of(row) for row in rows]


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


_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RunOutput:
    """One output."""

    id: str
    row: int
    """Its place in the run, from 0."""
    example: Example
    output: str
    meta: Mapping[str, Any] = field(default_factory=dict)
    """What is stored with the output, such as what was given to the model."""


def run_outputs(store: Store, name: str) -> Iterator[RunOutput]:
    """All outputs of a run in its order, some hundred at a time.

    Raises:
        SitError: there is no such run.
    """
    with store.read() as connection:
        run_id = run_number(connection, name)
    last = -1
    while True:
        with store.read() as connection:
            rows = connection.execute(
                select(predictions.c.id, predictions.c.row, predictions.c.output)
                .add_columns(predictions.c.meta.label("output_meta"), *EXAMPLE_COLUMNS)
                .join(examples, examples.c.id == predictions.c.example_id)
                .where(predictions.c.run_id == run_id, predictions.c.row > last)
                .order_by(predictions.c.row)
                .limit(_AT_ONCE)
            ).all()
        if not rows:
            return
        for row in rows:
            yield RunOutput(
                row.id, row.row, example_of(row), row.output, dict(row.output_meta or {})
            )
        last = rows[-1].row


NOT_KNOWN = "not-known"
ENDINGS = (Outcome.COMPLETE.value, Outcome.CUT.value, Outcome.REFUSED.value, NOT_KNOWN)
"""What can be asked for. What *failed* is no output; see ``run_errors``."""


def ended_so(ending: str) -> ColumnElement[bool]:
    """Whether an output of ``predictions`` ended so.

    Args:
        ending: one of `ENDINGS`.
    """
    outcome = predictions.c.outcome
    return outcome.is_(None) if ending == NOT_KNOWN else outcome == ending

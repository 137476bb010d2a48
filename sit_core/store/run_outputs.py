"""The outputs of one run with what was asked, as rules read them."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from sit_core.records import Example
from sit_core.store.engine import Store
from sit_core.store.example_rows import EXAMPLE_COLUMNS, example_of
from sit_core.store.run_contents import run_number
from sit_core.store.schema import examples, predictions

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RunOutput:
    """One output."""

    id: str
    row: int
    """Its place in the run, from 0."""
    example: Example
    output: str


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
                .add_columns(*EXAMPLE_COLUMNS)
                .join(examples, examples.c.id == predictions.c.example_id)
                .where(predictions.c.run_id == run_id, predictions.c.row > last)
                .order_by(predictions.c.row)
                .limit(_AT_ONCE)
            ).all()
        if not rows:
            return
        for row in rows:
            yield RunOutput(row.id, row.row, example_of(row), row.output)
        last = rows[-1].row

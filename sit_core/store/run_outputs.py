"""The outputs of one run with what was asked, as rules read them."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from sit_core.errors import SitError
from sit_core.records import Example, steps_from_json
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.schema import examples, predictions, runs

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
        run_id = connection.scalar(select(runs.c.id).where(runs.c.name == name))
        if run_id is None:
            known = list(connection.scalars(select(runs.c.name).order_by(runs.c.name)))
            raise SitError(unknown("run", name, known))
    last = -1
    while True:
        with store.read() as connection:
            rows = connection.execute(
                select(
                    predictions.c.id,
                    predictions.c.row,
                    predictions.c.output,
                    examples.c.instruction,
                    examples.c.input,
                    examples.c.language,
                    examples.c.steps,
                    examples.c.reference,
                    examples.c.variant,
                )
                .join(examples, examples.c.id == predictions.c.example_id)
                .where(predictions.c.run_id == run_id, predictions.c.row > last)
                .order_by(predictions.c.row)
                .limit(_AT_ONCE)
            ).all()
        if not rows:
            return
        for row in rows:
            example = Example(
                instruction=row.instruction,
                input=row.input,
                language=row.language,
                steps=steps_from_json(row.steps),
                reference=row.reference,
                variant=row.variant,
            )
            yield RunOutput(row.id, row.row, example, row.output)
        last = rows[-1].row

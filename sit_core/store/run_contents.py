"""What is in one run: the examples it was asked, and why some of them have no output."""

from sqlalchemy import Connection, select

from sit_core.errors import SitError
from sit_core.records import Example
from sit_core.registry import unknown
from sit_core.store.engine import Store
from sit_core.store.example_rows import EXAMPLE_COLUMNS, example_of
from sit_core.store.schema import examples, predictions, run_errors, runs


def run_number(connection: Connection, name: str) -> int:
    """The number of a run in the store.

    Raises:
        SitError: there is no such run.
    """
    number: int | None = connection.scalar(select(runs.c.id).where(runs.c.name == name))
    if number is None:
        known = list(connection.scalars(select(runs.c.name).order_by(runs.c.name)))
        raise SitError(unknown("run", name, known))
    return number


def error_reasons(store: Store, name: str, limit: int = 20) -> list[tuple[int, str]]:
    """(row, reason) of a run's examples without output, the first ones. Untrusted text."""
    query = (
        select(run_errors.c.row, run_errors.c.reason)
        .join(runs, runs.c.id == run_errors.c.run_id)
        .where(runs.c.name == name)
        .order_by(run_errors.c.row)
        .limit(limit)
    )
    with store.read() as connection:
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

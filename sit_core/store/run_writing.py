"""The outputs of a run that is being made, written as they come."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import delete, insert
from sqlalchemy.dialects import postgresql, sqlite

from sit_core.records import Outcome
from sit_core.store.background_writer import BackgroundWriter
from sit_core.store.engine import Store
from sit_core.store.run_resume import OpenRun
from sit_core.store.schema import predictions, run_errors

Item: TypeAlias = tuple[int, str, Mapping[str, Any], str | None, Outcome | None, str]
"""Place in the run, output, meta, the reason if there is no output, outcome and thoughts."""


class RunWriter(BackgroundWriter[Item]):
    """Writes what has come on a thread of its own; a context manager."""

    def __init__(self, store: Store, run: OpenRun) -> None:
        super().__init__("output")
        self.store, self.run = store, run
        self.written = self.errors = 0

    def add(
        self,
        index: int,
        output: str,
        meta: Mapping[str, Any],
        error: str | None = None,
        *,
        outcome: Outcome | None = None,
        thoughts: str = "",
    ) -> None:
        """An output, or the reason why there is none, for the place ``index`` of the run.

        Args:
            index: the place.
            output: the text; a refusal is one, what failed is none.
            meta: what else is known of it.
            error: why there is none.
            outcome: how the call ended.
            thoughts: what the model thought before, apart from the output.

        Raises:
            SitError: what came earlier could not be stored.
        """
        self.put((index, output, meta, error, outcome, thoughts))

    def store_batch(self, batch: Sequence[Item]) -> None:
        """One transaction."""
        good = [item for item in batch if item[3] is None]
        bad = [item for item in batch if item[3] is not None]
        with self.store.write() as connection:
            dialect = sqlite if self.store.is_sqlite else postgresql
            if good:
                connection.execute(
                    dialect.insert(predictions).on_conflict_do_nothing(),
                    [self._prediction(item) for item in good],
                )
                for index, *_ in good:
                    connection.execute(delete(run_errors).where(*self._place(index)))
            for index, _, _, reason, *_ in bad:
                connection.execute(delete(run_errors).where(*self._place(index)))
                connection.execute(insert(run_errors), self._error(index, reason or ""))
        self.written += len(good)
        self.errors += len(bad)

    def _place(self, index: int) -> tuple[Any, ...]:
        planned = self.run.planned[index]
        return (
            run_errors.c.run_id == self.run.id,
            run_errors.c.example_id == planned.example.id,
            run_errors.c.ordinal == planned.ordinal,
        )

    def _prediction(self, item: Item) -> dict[str, Any]:
        index, output, meta, _, outcome, thoughts = item
        planned = self.run.planned[index]
        clean = storable_text(output)
        return {
            "id": planned.id,
            "run_id": self.run.id,
            "example_id": planned.example.id,
            "ordinal": planned.ordinal,
            "row": index,
            "output": clean,
            "length": len(clean),
            "meta": dict(meta) if clean == output else {**meta, "replaced_characters": True},
            "outcome": None if outcome is None else outcome.value,
            "thoughts": storable_text(thoughts) or None,
        }

    def _error(self, index: int, reason: str) -> dict[str, Any]:
        planned = self.run.planned[index]
        return {
            "run_id": self.run.id,
            "example_id": planned.example.id,
            "ordinal": planned.ordinal,
            "row": index,
            "reason": storable_text(reason)[:2000],
            "created_at": time.time(),
        }


def storable_text(value: str) -> str:
    r"""The text with what no database holds (NUL, halves of surrogate pairs) replaced.

    >>> storable_text("a\0b\ud800")
    'a\ufffdb\ufffd'
    """
    if "\0" in value or any(0xD800 <= ord(c) < 0xE000 for c in value):
        value = "".join("\ufffd" if c == "\0" or 0xD800 <= ord(c) < 0xE000 else c for c in value)
    return value

"""Which columns a file's rows have, as they come up: a column may first appear in the last row.

What was mapped stays as it is, so that all rows are read alike; a field that has no column so far
gets one as soon as a row has it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sit_core.sources.mapping import MAPPED_FIELDS, ColumnMapping, guess_mapping
from sit_core.sources.paths import column_of
from sit_core.sources.rows import MAX_COLUMNS, too_many_columns
from sit_core.sources.summary import FileSummary


class RowColumns:
    """The mapping of one file, while its rows are read."""

    def __init__(
        self, mapping: ColumnMapping, open_fields: frozenset[str], summary: FileSummary
    ) -> None:
        self.mapping = mapping
        self.open_fields = open_fields
        self.summary = summary
        self._last: Any = None

    def see(self, fields: Mapping[str, Any]) -> str | None:
        """Learn a row's columns; what is wrong with them, or None."""
        if fields.keys() == self._last:
            return None
        seen = self.summary.columns
        new = [column for column in fields if column not in seen]
        if len(seen) + len(new) > MAX_COLUMNS:
            return too_many_columns(len(seen) + len(new))
        self._last = fields.keys()
        if new:
            seen.update(dict.fromkeys(new))
            self._map(new)
        return None

    def end(self, whole: bool = True) -> None:
        """Write down what was used, and which columns that were named never came.

        Args:
            whole: all rows were read; of a part nobody knows what never comes.
        """
        columns = self.summary.columns
        named = self.mapping.columns()
        self.summary.used = {n: c for n, c in named.items() if column_of(columns, c) in columns}
        self.summary.example_meta = self.mapping.example_meta
        if not columns or not whole:
            return
        for name, column in named.items():
            if column_of(columns, column) not in columns:
                self.summary.note(f"no row has the column {column[:60]!r} (for the {name})", 1)

    def _map(self, new: list[str]) -> None:
        guess = guess_mapping(list(self.summary.columns))
        taken = set(self.mapping.columns().values())
        found = {
            name: column
            for name in MAPPED_FIELDS
            if name in self.open_fields
            and getattr(self.mapping, name) is None
            and (column := getattr(guess, name)) is not None
            and column not in taken
        }
        meta = tuple(c for c in guess.example_meta if c in new and c not in taken)
        meta = tuple(c for c in meta if c not in self.mapping.example_meta)
        if found or (meta and self.open_fields):
            self.mapping = replace(
                self.mapping.corrected(found), example_meta=self.mapping.example_meta + meta
            )

"""Published numbers beside ours: where each stands in a file is said by the experiment alone.

``data/reproduction/paper_tables.json`` holds tables, each with ``about`` and ``rows``; a row's
number is under a key, or in a list under a key. With

    paper: {table: table5, rows: {instruction: instruction}, number: [method, measure],
            values: {measure: {accuracy: 0, following: 1}}}

the number beside a cell is that of the row whose ``instruction`` is the cell's, under the cell's
``method``, and there the first one for accuracy and the second one for following.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sit_core.analyses.cells import BESIDE, COLUMN, MEASURED, ROW
from sit_core.errors import SitError, UsageError
from sit_core.experiment.cells import chosen
from sit_core.experiment.config import PaperNumbers
from sit_core.registry import unknown
from sit_core.results.analyses import AnalysisTable
from sit_core.results.estimate import Estimate
from sit_core.settings import DATA, user_path

PAPER = DATA / "reproduction" / "paper_tables.json"
NOT_GIVEN = "not given"
MOST_BYTES = 1 << 20
"""Of a file of published numbers."""


@dataclass(frozen=True)
class PaperTable:
    """One table of the file."""

    source: str
    about: str
    rows: Sequence[Mapping[str, Any]]

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "PaperTable":
        """As ``dataclasses.asdict`` gave it.

        Raises:
            KeyError, TypeError: it is not that.
        """
        rows = [dict(row) for row in found["rows"]]
        return cls(str(found["source"]), str(found["about"]), rows)


def paper_table(numbers: PaperNumbers) -> PaperTable:
    """The table that is meant.

    Raises:
        SitError: the file can't be read.
        UsageError: it has no such table.
    """
    path = PAPER if numbers.file is None else user_path(numbers.file)
    try:
        if path.stat().st_size > MOST_BYTES or not path.is_file():
            raise ValueError("too large, or no file")
        known = json.loads(Path(path).read_text(encoding="utf-8"))
        tables = {k: v for k, v in known.items() if isinstance(v, Mapping) and "rows" in v}
    except (OSError, ValueError, AttributeError, RecursionError):
        raise SitError(f"The published numbers ({path.name}) can't be read.") from None
    if numbers.table not in tables:
        raise UsageError(unknown("table", numbers.table, list(tables)))
    table = tables[numbers.table]
    rows = [row for row in table["rows"] if isinstance(row, Mapping)]
    return PaperTable(str(known.get("source", "")), str(table.get("about", "")), rows)


def number_of(
    table: PaperTable, numbers: PaperNumbers, facts: Mapping[str, str]
) -> int | float | None:
    """The published number of a cell; None where the table gives none, or not just one.

    Args:
        table: where.
        numbers: how the table is read.
        facts: factor (and ``measure``) → the cell's value.
    """

    def word(factor: str) -> Any:
        value = facts.get(factor)
        return numbers.values.get(factor, {}).get(str(value), value)

    rows = [
        row
        for row in table.rows
        if all(row.get(column) == word(factor) for column, factor in numbers.rows.items())
    ]
    if len(rows) != 1:
        return None
    value: Any = rows[0]
    for factor in numbers.number:
        key = word(factor)
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list):
            inside = isinstance(key, int) and 0 <= key < len(value)
            value = value[key] if inside else None
        else:
            return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def with_paper(
    table: AnalysisTable, numbers: PaperNumbers, known: PaperTable | None = None
) -> AnalysisTable:
    """The same with a column of published numbers beside each column of figures.

    Args:
        table: ours.
        numbers: how the published table is read.
        known: it, where it was read already.

    Raises:
        SitError: there is no such table.
    """
    known = known or paper_table(numbers)
    beside: dict[tuple[int, str], int | float | None] = {}
    placed = [point for point in table.points if ROW in point and COLUMN in point]
    for point in placed:
        facts = {k: v for k, v in point.items() if isinstance(v, str)}
        if chosen(facts, numbers.only):
            beside[point[ROW], point[COLUMN]] = number_of(known, numbers, facts)
    if not placed:
        for place, row in enumerate(table.rows):
            facts = {k: v for k, v in row.items() if isinstance(v, str)}
            for name, cell in row.items():
                if isinstance(cell, Estimate):
                    of = {MEASURED: name, **facts}
                    if chosen(of, numbers.only):
                        beside[place, name] = number_of(known, numbers, of)
    columns = {name for _, name in beside}
    rows = []
    for place, row in enumerate(table.rows):
        wide: dict[str, Any] = {}
        for name, cell in row.items():
            wide[name] = cell
            if name in columns:
                number = beside.get((place, name))
                wide[f"{name}{BESIDE}"] = NOT_GIVEN if number is None else number
        rows.append(wide)
    said = f"Paper: {known.source}. {known.about}." if known.source else known.about
    return replace(table, rows=rows, note=" ".join(part for part in (table.note, said) if part))

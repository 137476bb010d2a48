"""An analysis's tables as a component of real rows and links: each figure opens its samples.

The address of a figure is that of the page with ``open=PLACE`` (`place_of`): a plain click opens
its samples at once, another opens a tab that does.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from pages.shared.component import component
from sit_core.analyses.cells import BESIDE
from sit_core.results.analyses import AnalysisTable, Row
from sit_core.results.estimate import Estimate

MOST_ROWS = 1000
"""So many rows of a table are drawn; the export has all."""
NAMES_OF_RUNS = ("run", "system", "first", "second")
"""Columns in which a run's name has the run's colour before it."""
LONG = 28
"""Letters; a longer text may wrap."""
_TABLE = component("analysis_table", Path(__file__).parent, ["table.js"], ["table.css"])


def draw_table(
    key: str,
    table: AnalysisTable,
    address: Mapping[str, Sequence[str]] | None,
    *,
    number: int = 0,
    label: str = "",
) -> str | None:
    """Draw one table with what is not in it and how to read it; the place that was pressed.

    Args:
        key: of the component.
        table: without those further ones.
        address: parameters of the Analyses page; None: figures can be pressed, but are no links.
        number: which of the analysis's tables it is; see `place_of`.
        label: what it is for a screen reader, where it has no title.
    """
    columns = list(dict.fromkeys(name for row in table.rows for name in row))
    said = [f"{many:,} left out: {reason}." for reason, many in table.left_out.items()]
    if len(table.rows) > MOST_ROWS:
        said.insert(0, f"The first {MOST_ROWS:,} of {len(table.rows):,} rows; the export has all.")
    data = {
        "title": table.title,
        "label": table.title or label,
        "columns": columns,
        "rows": [
            _row(table, columns, row, (number, place), table.run_places)
            for place, row in enumerate(table.rows[:MOST_ROWS])
        ],
        "said": [*said, table.note] if table.note else said,
        "base": None if address is None else f"analyses?{urlencode(address, doseq=True)}",
    }
    pressed = _TABLE(key=key, data=data, on_open_change=_nothing).open
    return pressed if isinstance(pressed, str) else None


def draw_points(key: str, table: AnalysisTable, address: Mapping[str, Sequence[str]]) -> str | None:
    """The same of the figure's points: the way to their samples without a pointer."""
    samples = {(place, ""): ids for place, ids in enumerate(table.point_samples)}
    points = AnalysisTable(table.points, samples=samples, run_places=table.run_places)
    return draw_table(key, points, address, number=-1, label="Points of the figure")


def _row(
    table: AnalysisTable,
    columns: Sequence[str],
    row: Row,
    at: tuple[int, int],
    places: Mapping[str, int],
) -> list[dict[str, Any]]:
    found = []
    for number, column in enumerate(columns):
        cell = _cell(row.get(column), column, places)
        # A row's own samples are opened by its first cell and by its figures.
        own = (at[1], column) in table.samples
        if table.samples_of(at[1], column) and (own or number == 0 or cell["kind"] == "figure"):
            cell["open"] = place_of(*at, number)
        found.append(cell)
    return found


def place_of(table: int, row: int, column: int) -> str:
    """A cell in an address: number of the table (-1: of the points), of the row, of the column.

    >>> place_of(0, 3, 2)
    '0.3.2'
    """
    return f"{table}.{row}.{column}"


def at_place(table: AnalysisTable, place: str) -> tuple[Sequence[str], str] | None:
    """The samples at a place and what they are of; None where there is no such place.

    Args:
        table: of the analysis, with its further ones.
        place: as `place_of` writes it; may be anything.

    >>> made = AnalysisTable([{"run": "m", "n": 2}], samples={(0, ""): ["a", "b"]})
    >>> at_place(made, "0.0.1"), at_place(made, "0.7.1"), at_place(made, "x")
    ((['a', 'b'], 'm, n 2'), None, None)
    """
    try:
        number, row, column = (int(part) for part in place.split("."))
    except ValueError:
        return None
    if number == -1:
        if not 0 <= row < len(table.point_samples):
            return None
        return table.point_samples[row], ", ".join(map(_words, table.points[row].values()))
    tables = list(table.tables())
    if not (0 <= number < len(tables) and 0 <= row < len(tables[number].rows)):
        return None
    one = tables[number]
    columns = list(dict.fromkeys(name for each in one.rows for name in each))
    if not 0 <= column < len(columns):
        return None
    ids = one.samples_of(row, columns[column])
    return (ids, said_of(one, row, columns[column])) if ids else None


def said_of(table: AnalysisTable, row: int, column: str) -> str:
    """What a cell is: the texts of its row, then its column and figure."""
    cells = table.rows[row]
    texts = [v for k, v in cells.items() if isinstance(v, str) and not k.endswith(BESIDE)]
    figure = cells.get(column)
    if column in cells and not isinstance(figure, str):
        texts.append(f"{column} {_words(figure)}")
    return ", ".join(texts)


def _words(value: Any) -> str:
    if isinstance(value, Estimate):
        return value.shown
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)


def _cell(value: Any, column: str, places: Mapping[str, int]) -> dict[str, Any]:
    """A cell as the component has it: text, what stands quietly beside it, why there is none."""
    words = _words(value)
    if isinstance(value, Estimate):
        text, _, beside = words.partition(" ")
        found = {"text": text, "beside": beside, "kind": "figure"}
        return {**found, "why": value.why} if value.why else found
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"text": f"{value:,}" if isinstance(value, int) else words, "kind": "figure"}
    cell: dict[str, Any] = {"text": words, "kind": "long" if len(words) > LONG else "text"}
    if column in NAMES_OF_RUNS and value in places:
        cell["place"] = places[value]
    return cell


def _nothing() -> None:
    """A trigger reruns the page; it is answered there."""

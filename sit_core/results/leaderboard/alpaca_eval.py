"""AlpacaEval's leaderboard as CSV: a line a model, the model's name in a column without a name.

Its win rates are percents against its own reference, so each becomes a benchmark's figure, not the
board's win rate. The interval is value ± 1.96 standard errors, which the file gives.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any

from sit_core.results.leaderboard.records import BENCHMARK, CHARACTERS
from sit_core.results.leaderboard.reported import NORMAL

NAMES = ("", "name", "model", "generator", "system")
RATES = {
    "win_rate": ("win rate, %", "standard_error"),
    "length_controlled_winrate": ("length-controlled win rate, %", "lc_standard_error"),
    "discrete_win_rate": ("discrete win rate, %", None),
}
"""Column → what it is called here, and the column of its standard error."""
_BENCHMARK = "AlpacaEval"


def is_alpaca_leaderboard(header: list[str]) -> bool:
    """Whether a header is one of AlpacaEval's.

    >>> is_alpaca_leaderboard(["", "win_rate", "standard_error", "avg_length"])
    True
    >>> is_alpaca_leaderboard(["system", "win_rate", "win_rate.n"])
    False
    """
    own = {"win_rate", "avg_length"} <= set(header) or {"win_rate", "standard_error"} <= set(header)
    return own and bool(header) and header[0].strip().lower() in NAMES


def alpaca_rows(content: bytes) -> Iterator[tuple[int | None, dict[str, Any] | str]] | None:
    """Line and system, as `leaderboard_import` checks them; None: the file is none of these."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = next(reader, [])
    except csv.Error:
        return None
    return _rows(reader, header) if is_alpaca_leaderboard(header) else None


def _rows(reader: Any, header: list[str]) -> Iterator[tuple[int | None, dict[str, Any] | str]]:
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader, None)
        except csv.Error as error:
            yield line, f"broken CSV: {error}; nothing after it was read"
            return
        if values is None:
            return
        if not any(values):
            continue
        if len(values) != len(header):
            yield line, f"{len(values)} values, but the header has {len(header)} columns"
            continue
        cells = dict(zip(header, values, strict=True))
        yield line, {"system": values[0].strip(), "figures": _figures(cells)}


def _figures(cells: dict[str, str]) -> dict[str, Any]:
    n = _number(cells.get("n_total"))
    figures: dict[str, Any] = {}
    for column, (called, error_column) in RATES.items():
        value = _number(cells.get(column))
        if value is None:
            continue
        figure: dict[str, Any] = {"value": value}
        if n is not None:
            figure["n"] = n
        error = _number(cells.get(error_column)) if error_column else None
        if isinstance(value, float) and isinstance(error, float):
            figure |= {"low": value - NORMAL * error, "high": value + NORMAL * error}
        figures[f"{BENCHMARK}/{_BENCHMARK}/{called}/"] = figure
    length = _number(cells.get("avg_length"))
    if length is not None:
        figures[CHARACTERS] = {"value": length}
    return figures


def _number(text: str | None) -> float | str | None:
    """A number, None for an empty cell; other text stays, to be told as no number."""
    if text is None or not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        return text

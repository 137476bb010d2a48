"""A leaderboard as a file: CSV and JSON with every figure, Markdown and LaTeX as it is read, HTML.

CSV and JSON can be read again as others' results (`sit_core.results.leaderboard.import_file`).
"""

import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO

from sit_core.errors import UsageError
from sit_core.export.formats import FORMATS, write_bom
from sit_core.export.leaderboard_html import html_page
from sit_core.export.typeset import latex_comment, latex_table, markdown_line, markdown_table
from sit_core.registry import unknown
from sit_core.results.leaderboard.build import LEVEL, BoardFigure, Leaderboard, shown
from sit_core.results.leaderboard.records import MEAN_SCORED, SHARE_SCORED

LEADERBOARD_FORMATS = ("csv", "json", "markdown", "latex", "html")
ENDINGS = {"markdown": "md", "latex": "tex"}
"""Format → the ending of its files, where that is not its name."""
ABOUT = {
    "system": "text",
    "run": "text",
    "base_model": "text",
    "training_data": "text",
    "outputs": "int",
    "empty": "int",
    "errors": "int",
    "source": "text",
    "judge": "text",
    "duels_by": "text",
    "reference": "text",
    "level": "float",
    "seed": "int",
    "prompt_set": "text",
}
"""What a line of CSV says besides figures."""
PARTS = {
    "": "float",
    ".n": "int",
    ".low": "float",
    ".high": "float",
    ".method": "text",
    ".letters": "text",
    ".without": "int",
    f".{SHARE_SCORED}": "float",
    f".{MEAN_SCORED}": "float",
}
"""Behind a column's key → kind."""
DETAILS = (SHARE_SCORED, MEAN_SCORED)
OF_ITERATION = {
    "system": "text",
    "column": "text",
    "iteration": "int",
    "prompts": "int",
    "value": "float",
    "low": "float",
    "high": "float",
    "n": "int",
    "without": "int",
    "method": "text",
    "level": "float",
    "judge": "text",
    "seed": "int",
}
_TYPESET = {"markdown": markdown_table, "latex": latex_table}
_BELOW = {"markdown": markdown_line, "latex": latex_comment}


def export_leaderboard(
    board: Leaderboard,
    form: str,
    stream: BinaryIO,
    *,
    by_iteration: bool = False,
    columns: Sequence[str] = (),
    made_at: datetime | None = None,
    bom: bool = False,
) -> None:
    """Write a board in one of `LEADERBOARD_FORMATS`.

    Args:
        board: the board.
        form: the format.
        stream: where to.
        by_iteration: the table per number of iterations instead (JSON and HTML hold both).
        columns: of Markdown, LaTeX and HTML only these, by key, in this order; empty: all.
        made_at: what HTML gives as its date; None: now.
        bom: whether CSV begins with a byte order mark, as Excel wants it.

    Raises:
        UsageError: there is no such format or column.
    """
    for key in columns:
        board.column(key)
    if bom:
        write_bom(form, stream)
    if form == "json":
        stream.write((json.dumps(board.to_dict(), ensure_ascii=False, indent=1) + "\n").encode())
    elif form == "csv" and by_iteration:
        FORMATS.get("csv")(_iteration_rows(board), OF_ITERATION, stream)
    elif form == "csv":
        figures = {f"{c.key}{part}": kind for c in board.columns for part, kind in PARTS.items()}
        FORMATS.get("csv")(_rows(board), {**ABOUT, **figures}, stream)
    elif form in _TYPESET:
        header, rows = iteration_cells(board) if by_iteration else cells(board, columns)
        stream.write(_TYPESET[form](header, rows).encode())
        stream.write(_about_set(board, form).encode())
    elif form == "html":
        stream.write(html_page(board, made_at or datetime.now(UTC), columns).encode())
    else:
        raise UsageError(unknown("format", form, list(LEADERBOARD_FORMATS)))


def _about_set(board: Leaderboard, form: str) -> str:
    """Below a table: which prompts the systems were asked."""
    found = board.prompt_set
    if found is None:
        return ""
    return _BELOW[form](f"Prompt set: {found.name} ({found.prompts:,} prompts)")


def leaderboard_bytes(
    board: Leaderboard,
    form: str,
    *,
    by_iteration: bool = False,
    columns: Sequence[str] = (),
    bom: bool = False,
) -> bytes:
    """The same in memory, for a download."""
    stream = io.BytesIO()
    export_leaderboard(board, form, stream, by_iteration=by_iteration, columns=columns, bom=bom)
    return stream.getvalue()


def cells(board: Leaderboard, columns: Sequence[str] = ()) -> tuple[list[str], list[list[str]]]:
    """Header and rows as they are read: every figure with interval, letters and n."""
    chosen = [board.column(key) for key in columns] or list(board.columns)
    header = ["system", "base model", "training data", *(column.label for column in chosen)]
    rows = [
        [
            f"{row.system} ({row.origin})" if row.origin else row.system,
            row.base_model or "–",
            row.training_data or "–",
            *(shown(row.figures.get(column.key), column.kind) for column in chosen),
        ]
        for row in board.rows
    ]
    return header, rows


def iteration_cells(board: Leaderboard) -> tuple[list[str], list[list[str]]]:
    """Header and rows: a system and column each, a cell per number of iterations."""
    numbers = sorted({one.iteration for one in board.iterations})
    found: dict[tuple[str, str], dict[int, str]] = {}
    for row in board.rows:
        for column in board.columns:
            for one in board.iterations:
                if (one.system, one.column) == (row.system, column.key):
                    of_row = found.setdefault((row.system, column.key), {})
                    of_row[one.iteration] = shown(one.figure, column.kind)
    labels = {column.key: column.label for column in board.columns}
    header = ["system", "", *(f"iteration {number}" for number in numbers)]
    return header, [
        [system, labels[key], *(of_row.get(number, "–") for number in numbers)]
        for (system, key), of_row in found.items()
    ]


def _rows(board: Leaderboard) -> Iterator[dict[str, Any]]:
    question = board.question
    for row in board.rows:
        line: dict[str, Any] = {name: getattr(row, name, None) for name in ABOUT}
        if row.run is not None:  # others' have judges of their own, told in their source
            line["judge"], line["duels_by"] = question.judge, question.duels_by
            line["reference"] = question.reference
            line["level"], line["seed"] = LEVEL, question.seed
            line["prompt_set"] = question.prompt_set
        for column in board.columns:
            figure = row.figures.get(column.key)
            for part in PARTS:
                name = part.removeprefix(".") or "value"
                line[column.key + part] = _part(figure, name)
        yield line


def _part(figure: BoardFigure | None, name: str) -> Any:
    if figure is None:
        return None
    found = figure.detail.get(name) if name in DETAILS else getattr(figure, name)
    return None if found == "" else found


def _iteration_rows(board: Leaderboard) -> Iterator[dict[str, Any]]:
    for one in board.iterations:
        yield {
            "system": one.system,
            "column": one.column,
            "iteration": one.iteration,
            "prompts": one.prompts,
            "judge": board.question.judge,
            "level": LEVEL,
            "seed": board.question.seed,
            **{k: _part(one.figure, k) for k in ("value", "low", "high", "n", "without", "method")},
        }

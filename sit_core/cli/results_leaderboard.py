"""``sit results leaderboard``: systems side by side, in the terminal or as a file."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.escape import plain
from sit_core.cli.leaderboard import asking_board
from sit_core.cli.table_options import (
    BOM,
    JSON,
    check_bom,
    names,
    print_table,
)
from sit_core.errors import UsageError

if TYPE_CHECKING:
    from sit_core.results.leaderboard.build import Leaderboard


@click.command("leaderboard")
@asking_board
@click.option("--by-iteration", is_flag=True, help="Following and quality per iteration (1-4).")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "markdown", "latex", "html"]),
    help="Without: a table here, in files what the name ends in.",
)
@click.option("--columns", metavar="A,B", help="Only these, by key (see --format json).")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file.")
@BOM
@JSON
def leaderboard_(
    by_iteration: bool,
    form: str | None,
    columns: str | None,
    out: Path | None,
    bom: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Systems side by side: following, quality, wins, lengths, scores, benchmarks.

    On the board are runs that an LLM judged, and what `sit leaderboard` knows. Systems that share
    a letter don't differ significantly.
    """
    from sit_core.cli.leaderboard import board_question
    from sit_core.results.leaderboard.build import leaderboard
    from sit_core.store import open_store

    board = leaderboard(open_store(), board_question(**options))
    chosen = names(columns)
    show_board(board, form, out, chosen, by_iteration=by_iteration, as_json=as_json, bom=bom)


def show_board(
    board: "Leaderboard",
    form: str | None,
    out: Path | None,
    columns: tuple[str, ...],
    *,
    by_iteration: bool,
    as_json: bool,
    bom: bool = False,
) -> None:
    """Print a leaderboard, or write it to a file."""
    from sit_core.export import whole_file
    from sit_core.export.leaderboard import (
        LEADERBOARD_FORMATS,
        cells,
        export_leaderboard,
        iteration_cells,
    )

    ending = "" if out is None else out.suffix.lower().removeprefix(".")
    of_ending = {"md": "markdown", "tex": "latex", "htm": "html"}.get(ending, ending)
    chosen = form or ("json" if as_json else "table" if out is None else of_ending)
    check_bom(bom, chosen)
    if chosen != "table" and chosen not in LEADERBOARD_FORMATS:
        raise UsageError("Name the format (--format); the file's ending does not tell it.")
    if chosen == "table" and out is not None:
        raise UsageError("A file is written as csv, json, markdown, latex or html.")
    if chosen == "table":
        header, rows = iteration_cells(board) if by_iteration else cells(board, columns)
        print_table(header, rows, left=2 if by_iteration else 3)
        click.echo()
        for note in board.notes:
            click.echo(plain(note))
    elif out is None:
        stream = io.BytesIO()
        export_leaderboard(
            board, chosen, stream, by_iteration=by_iteration, columns=columns, bom=bom
        )
        click.echo(stream.getvalue(), nl=False)
    else:
        with whole_file(out) as file:
            export_leaderboard(
                board, chosen, file, by_iteration=by_iteration, columns=columns, bom=bom
            )
        click.echo(plain(f"{len(board.rows)} systems in {out}"))

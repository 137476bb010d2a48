"""``sit results check``: every figure of a board, counted again from exported files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.escape import plain
from sit_core.cli.leaderboard import asking_board
from sit_core.cli.table_options import JSON, print_table
from sit_core.errors import UsageError

if TYPE_CHECKING:
    from sit_core.results_check import CheckReport

SHOWN = 50
"""So many differences are printed; ``--json`` holds all."""


@click.command()
@asking_board
@click.option(
    "--keep",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the exported files here and leave them; without: a temporary folder.",
)
@click.option(
    "--from",
    "source",
    metavar="FOLDER",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Check files that --keep wrote, here or elsewhere; nothing is exported.",
)
@JSON
@click.pass_context
def check(
    ctx: click.Context, /, keep: Path | None, source: Path | None, as_json: bool, **options: Any
) -> None:
    """Count every figure of a board again, from exported files and by other code.

    Predictions, judgments, scores and the board are exported; from these files alone everything is
    counted a second time, by code that shares nothing with the first. Figures that differ are
    listed, and the exit code is 1, as where there was nothing to check. What can't be checked is
    counted with the reason.
    """
    from sit_core.cli.leaderboard import board_question
    from sit_core.export.check_files import check as check_board
    from sit_core.results_check import check_folder
    from sit_core.store import open_store

    if source is not None:
        given = [
            param.opts[0]
            for param in ctx.command.params
            if param.name not in ("source", "as_json")
            and ctx.get_parameter_source(param.name or "") == click.core.ParameterSource.COMMANDLINE
        ]
        if given:
            raise UsageError(f"--from checks the files as they are; leave out {', '.join(given)}.")
        report = check_folder(source)
    else:
        report = check_board(open_store(), board_question(**options), keep)
    if as_json:
        click.echo(json.dumps(report.to_dict()))
    else:
        print_report(report)
    if report.differ or not report.figures:
        ctx.exit(1)


def print_report(report: "CheckReport") -> None:
    """The outcome, and what differs."""
    if report.differ:
        print_table(
            ("figure", "shown", "counted again", "n"),
            [
                (
                    f"{one.table}: {one.figure}",
                    _short(one.ours),
                    _short(one.theirs),
                    "" if one.n is None else str(one.n),
                )
                for one in report.differ[:SHOWN]
            ],
        )
        if len(report.differ) > SHOWN:
            click.echo(f"… and {len(report.differ) - SHOWN:,} more (--json lists all)")
        click.echo()
    if not report.figures:
        click.echo("Nothing was checked: there is no system with outputs on this board.", err=True)
    click.echo(plain(report.sentence))
    for note in report.notes:
        click.echo(plain(note))


def _short(value: Any) -> str:
    """A figure with the digits that tell it from another."""
    if isinstance(value, float):
        return f"{value:.7g}"
    return "–" if value is None else str(value)[:60]

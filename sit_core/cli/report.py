"""``sit report``: a report of a study, runs or an experiment; ``--verify`` counts it again."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.action_command import command_of
from sit_core.cli.escape import plain
from sit_core.errors import UsageError
from sit_core.report.action import ACTION

if TYPE_CHECKING:
    from sit_core.report.config import ReportConfig
    from sit_core.report.verify import Verification
    from sit_core.report.write import ReportMade
    from sit_core.store import Store

SHOWN = 50
"""So many differences are printed; ``--json`` holds all."""


def _show(_config: "ReportConfig", made: "ReportMade", _store: "Store", as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(made.to_dict()))
        return
    click.echo(
        plain(f"{made.folder / 'report.html'}: {made.tables} tables, {made.figures:,} numbers.")
    )
    for why in made.left_out:
        click.echo(plain(f"Not in it: {why}"))


def _verified(_values: dict[str, Any], given: Any) -> bool:
    """Verify, where that is asked; True: it was."""
    if given["verify"] is None:
        return False
    context = click.get_current_context()
    others = [
        param.opts[0]
        for param in context.command.params
        if param.name not in ("verify", "as_json")
        and context.get_parameter_source(param.name or "") == click.core.ParameterSource.COMMANDLINE
    ]
    if others:
        raise UsageError(f"--verify checks a report as it is; leave out {', '.join(others)}.")
    from sit_core.report.verify import verify

    found = verify(given["verify"])
    if given["as_json"]:
        click.echo(json.dumps(found.to_dict()))
    else:
        _say(found)
    if not found.passed:
        context.exit(1)
    return True


def _say(found: "Verification") -> None:
    for problem in found.problems[:SHOWN]:
        click.echo(plain(problem))
    if len(found.problems) > SHOWN:
        click.echo(f"… and {len(found.problems) - SHOWN:,} more (--json lists all)")
    for note in found.notes:
        click.echo(plain(note))
    outcome = "passed" if found.passed else "NOT passed"
    click.echo(
        f"{outcome}: {found.equal:,} of {found.figures:,} numbers as counted again, "
        f"{found.files} files, {len(found.problems):,} differences"
    )


report = command_of(
    ACTION,
    _show,
    extra=[
        click.Option(
            ["--verify"],
            metavar="DIR",
            type=click.Path(path_type=Path),
            help="Count every number of a report again from its bundle; needs no store. What "
            "differs is named, and the exit code is 1.",
        )
    ],
    read_extra=_verified,
)

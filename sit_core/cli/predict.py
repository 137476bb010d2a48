"""``sit predict``: a model's outputs for examples become a run; resumed where it was stopped."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from sit_core.cli.action_command import command_of
from sit_core.cli.escape import plain
from sit_core.predict.action import ACTION

if TYPE_CHECKING:
    from sit_core.predict.config import PredictConfig
    from sit_core.predict.run import PredictReport
    from sit_core.store import Store


def _show(config: "PredictConfig", done: "PredictReport", store: "Store", as_json: bool) -> None:
    """The counts; why examples got no output on standard error."""
    from sit_core.store.run_contents import error_reasons

    if done.errors and not as_json:
        click.echo(
            f"{done.errors} examples got no output; `sit jobs` and the page Runs say why, and the "
            "same command tries them again.",
            err=True,
        )
        for row, reason in error_reasons(store, done.run, 3):
            click.echo(plain(f"  row {row + 1}: {reason}"), err=True)
    click.echo(json.dumps(asdict(done)))


predict = command_of(ACTION, _show)

"""``sit train``: an adapter from a configuration; goes on where it was stopped."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from sit_core.cli.action_command import Mode, command_of
from sit_core.train.action import ACTION

if TYPE_CHECKING:
    from sit_core.store import Store
    from sit_core.train.config import TrainingConfig
    from sit_core.train.run import TrainReport


def _show(_config: "TrainingConfig", made: "TrainReport", _store: "Store", _json: bool) -> None:
    click.echo(json.dumps(asdict(made)))


def _look(config: "TrainingConfig", _store: None, _json: bool) -> None:
    """Measure the rows."""
    from sit_core.train.data import look
    from sit_core.train.run import find_base

    place, _ = find_base(config)
    found = look(config, place)
    choice = config.data.too_long
    click.echo(
        json.dumps(
            {
                "rows_to_train_on": found.lengths.used(choice),
                "rows_held_out": found.held_out_lengths.used(choice),
                "left_out_for_length": {
                    "too_long": choice,
                    "train": found.lengths.rows - found.lengths.used(choice),
                    "held_out": found.held_out_lengths.rows - found.held_out_lengths.used(choice),
                },
                "lengths": found.lengths.as_json(),
                "held_out": found.held_out_lengths.as_json(),
                "context": found.context,
                "data": found.known,
            }
        )
    )


def _as_one_of_several(config: "TrainingConfig") -> bool:
    """Work for the first process of ``accelerate launch``, which speaks for all of them."""
    from sit_core.train.hardware import rank

    if rank() == 0:
        return False
    from sit_core.train.run import train as make

    make(config, report=lambda *_: None)
    return True


train = command_of(
    ACTION,
    _show,
    modes=[
        Mode(
            "--look",
            "Only measure the rows: lengths, and whose end is cut.",
            _look,
            with_store=False,
        )
    ],
    instead=_as_one_of_several,
)

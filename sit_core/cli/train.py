"""``sit train``: an adapter from a configuration; goes on where it was stopped."""

import json
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sit_core.train.config import TrainingConfig


@click.command()
@click.option(
    "--config",
    "path",
    required=True,
    metavar="C.yaml",
    help="The configuration, or the name of a preset: it, sit, paper-v3, microlab.",
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="SECTION.FIELD=VALUE",
    help="Put over what the configuration says, such as data.train=rows.jsonl.",
)
@click.option("--look", is_flag=True, help="Only measure the rows: lengths, and whose end is cut.")
@click.option("--detach", is_flag=True, help="As a job that outlives this terminal; see sit jobs.")
@click.option("--json", "as_json", is_flag=True, help="Nothing but the result line, no progress.")
def train(path: str, changes: tuple[str, ...], look: bool, detach: bool, as_json: bool) -> None:
    """Train an adapter (or all weights) on instructions and their outputs.

    Stopped or killed, the same command goes on from the newest checkpoint. The result goes to
    SIT_HOME/adapters/NAME. On several GPUs or machines: accelerate launch --config_file
    data/training/accelerate/fsdp.yaml -m sit_core.cli train --config C.yaml

    Prints {"name": …, "result": FOLDER, "steps": n, "held_out": loss, …}.
    """
    from sit_core.cli.progress import CommandProgress
    from sit_core.train import rank
    from sit_core.train import train as make
    from sit_core.train.jobs import title_of

    config = _config(path, changes)
    if look:
        _look(config)
        return
    words = ["train", f"--config={path}", *(f"--set={change}" for change in changes)]
    title = title_of(config)
    if detach:
        from sit_core.jobs import start_job
        from sit_core.store import open_store

        job = start_job(open_store(), words, title=title)
        click.echo(json.dumps({"job": job.id, "name": config.name}))
        return
    if rank() > 0:  # one process of several: the first one speaks for all
        make(config, report=lambda *_: None)
        return
    with _as_job(config, words, title) as work:
        show = CommandProgress(work.report, quiet=as_json)
        done = make(config, report=show, stopped=work.stop.is_set, patient=work.ending_by_itself)
        show.end()
        if done.stopped:
            work.report(done.steps, None, "stopped")  # raises, because it was asked to stop
    click.echo(json.dumps(asdict(done)))


def _config(path: str, changes: tuple[str, ...]) -> "TrainingConfig":
    from sit_core.train import load_config
    from sit_core.train.config import preset_path

    return load_config(preset_path(path) or Path(path).expanduser(), changes)


def _look(config: "TrainingConfig") -> None:
    from sit_core.train import find_base
    from sit_core.train import look as measure

    place, _ = find_base(config)
    found = measure(config, place)
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


def _as_job(config: "TrainingConfig", words: list[str], title: str) -> AbstractContextManager[Any]:
    from sit_core.jobs.worker import joined
    from sit_core.store import open_store
    from sit_core.train.jobs import taken_up

    store = open_store()
    return taken_up(store, config, joined(store, words, title=title))

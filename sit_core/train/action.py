"""Training as an action (`sit_core.actions`); its settings come from a file, not from options."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from sit_core.actions import Action, Context
from sit_core.train.config import TrainingConfig, preset_path

if TYPE_CHECKING:
    from sit_core.store import Store
    from sit_core.train.run import TrainReport


def _run(config: TrainingConfig, context: Context) -> TrainReport:
    from sit_core.train.run import train

    made = train(config, report=context.report, stopped=context.stopped, patient=context.patient)
    if made.stopped:
        context.report(made.steps, None, "stopped")  # raises, because it was asked to stop
    return made


def _alone(
    store: Store, config: TrainingConfig, job: AbstractContextManager[Any]
) -> AbstractContextManager[Any]:
    from sit_core.train.jobs import taken_up

    return taken_up(store, config, job)


ACTION = Action(
    name="train",
    config=TrainingConfig,
    run=_run,
    title=lambda config: f"Training {config.name}: {config.model.base}",
    started=lambda config: {"name": config.name},
    preset=preset_path,
    by_file=True,
    as_given=("config_file", "changes"),
    alone=_alone,
    help="""Train an adapter (or all weights) on instructions and their outputs.

    The settings are those of a file (--config FILE, or the name of a preset: it, sit, paper-v3,
    microlab) with changes over it (--set data.train=rows.jsonl).

    Stopped or killed, the same command goes on from the newest checkpoint. The result goes to
    SIT_HOME/adapters/NAME. On several GPUs or machines: accelerate launch --config_file
    data/training/accelerate/fsdp.yaml -m sit_core.cli train --config C.yaml

    Prints {"name": …, "result": FOLDER, "steps": n, "held_out": loss, …}.
    """,
)

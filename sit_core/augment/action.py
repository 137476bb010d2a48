"""Making a mixture as an action; see `sit_core.actions`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sit_core.actions import Action, Context
from sit_core.augment.config import AugmentConfig

if TYPE_CHECKING:
    from sit_core.augment.manifest import Mixture


def _run(config: AugmentConfig, context: Context) -> Mixture:
    from sit_core.augment.mixture import write_mixture

    made = write_mixture(
        config.mixture, Path(config.out), report=context.report, stopped=context.stopped
    )
    count = made.made["examples"]
    context.report(
        count, count, f"{made.made['sequential']:,} of {count:,} examples became sequences"
    )
    return made


ACTION = Action(
    name="augment",
    config=AugmentConfig,
    run=_run,
    title=lambda config: f"Sequences for {Path(config.out).name}",
    started=lambda config: {"out": config.out},
    printed=lambda config: config.mixture,
    as_given=(
        *("sources", "tasks", "chains", "config_file", "changes", "out", "seed", "share", "cap"),
        *("plain", "held_out", "texts", "wordings", "unseen", "translate_into", "join", "mapped"),
        *("instruction", "keep_originals", "skip_bad_rows", "format", "as_json"),
    ),
    help="""Make a training file of which part asks for chains of tasks.

    SOURCE is a file (its first row tells what data set it is), or a data set by name: alpaca,
    messages, commonsense_qa, xquad, gsm8k (each with :FILE, else from the hub), hub:ID, file:PATH,
    microlab:answer:COUNT. Without a chain the file is the baseline: the same examples unchanged.

    Beside the training file lie the held-out one (OUT.heldout.jsonl) and the manifest
    (OUT.manifest.yaml), which makes the same again as --config.
    """,
)

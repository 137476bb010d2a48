"""The adapters: recipe → mixture → training, through the same code as anybody's training.

A recipe is a mixture as ``sit augment --config`` takes it; all are trained by the preset
``microlab`` of ``sit train``. Here they only get their names, places and seed.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sit_core.augment.config import MixtureConfig, read_mixture
from sit_core.augment.mixture import write_mixture
from sit_core.errors import SitError
from sit_core.files import write_json
from sit_core.reproduction.plan import RECIPES
from sit_core.train import TrainingConfig, load_config
from sit_core.train.card import write_card
from sit_core.train.config import preset_path
from sit_core.train.folder import read_json
from sit_core.train.run import train

NEUTRAL = "microlab"
"""The preset; and what an adapter calls its base: no path of the machine that trained it."""
MADE = "training.json"


@dataclass(frozen=True, slots=True)
class AdapterBuild:
    """One adapter to be made."""

    key: str
    """Of its recipe."""
    base: Path
    """The base's folder."""
    out: Path
    """Where the adapter goes."""
    work: Path
    """For the training rows, checkpoints and curves."""
    seed: int = 0
    """Of the seed data, the mixture and the training."""
    rows: int | None = None
    """So many rows of seed data; None: as the recipe says."""
    steps: int | None = None
    """So many updates; None: as the preset says."""
    threads: int = 1
    """Of torch; more help only where as many cores are free."""
    recipes: Path = RECIPES


def make_adapter(
    making: AdapterBuild, say: Callable[[str], None], stopped: Callable[[], bool] = lambda: False
) -> bool:
    """Make the training rows and train, or go on with what a killed build left.

    Returns:
        Whether there was anything to do.

    Raises:
        SitError: a recipe can't be used, or it was stopped.
    """
    rows = making.work / "data" / f"{making.key}.jsonl"
    config = training_of(making, rows)
    if is_made(making):
        return False
    made = write_mixture(mixture_of(making), rows)
    counts = made.made
    say(
        f"{making.key}: {counts['train']['rows']:,} rows to train on, "
        f"{counts['held_out']['rows']:,} held out"
    )
    began, last = time.monotonic(), 0.0

    def report(done: int | None, total: int | None = None, message: str = "") -> None:
        nonlocal last
        now = time.monotonic()
        if done is not None and total and now - last > 10:
            last = now
            say(f"{making.key}: step {done}/{total}")

    with _home(making.work):
        found = train(config, report=report, stopped=stopped)
    if found.stopped:
        raise SitError(f"The training of {making.key} was stopped; start again to go on.")
    _made_neutral(making)
    say(
        f"{making.key}: trained in {time.monotonic() - began:.0f} s, held-out loss "
        f"{found.held_out:.4f} at step {found.best_step}"
    )
    return True


def mixture_of(making: AdapterBuild) -> MixtureConfig:
    """The mixture of this adapter: the recipe's, with the seed and size of this making."""
    found = read_mixture(making.recipes / f"{making.key}.yaml")
    sources = tuple(_seeded(source, making) for source in found.sources)
    return replace(found, sources=sources, seed=making.seed)


def training_of(making: AdapterBuild, rows: Path) -> TrainingConfig:
    """The training of this adapter."""
    changes = [
        f"name={making.key}",
        f"out={making.out}",
        f"seed={making.seed}",
        f"model.base={making.base}",
        f"hardware.threads={making.threads}",
        f"data.train={rows}",
        f"data.held_out={rows.with_name(f'{rows.stem}.heldout.jsonl')}",
    ]
    if making.steps is not None:
        changes.append(f"schedule.steps={making.steps}")
    path = preset_path(NEUTRAL)
    assert path is not None, "the preset of the embedded model ships"
    return load_config(path, changes)


def is_made(making: AdapterBuild) -> bool:
    """Whether the adapter is there, complete and with its names made neutral.

    Raises:
        SitError: it is there, but of another seed or length.
    """
    known = read_json(making.out / MADE)
    if known is None or known["config"]["model"]["base"] != NEUTRAL:
        return False
    asked = training_of(making, making.work / "data" / f"{making.key}.jsonl")
    schedule = known["config"]["schedule"]
    if known["config"]["seed"] != asked.seed or schedule["steps"] != asked.schedule.steps:
        raise SitError(
            f"{making.out} holds an adapter of another seed or length; delete it to train anew."
        )
    return True


def _seeded(source: Any, making: AdapterBuild) -> Any:
    """``microlab:instructions:COUNT`` with this making's count and seed."""
    kind, _, rest = str(source).partition(":")
    parts = rest.split(":")
    if kind != "microlab" or len(parts) < 2:
        raise SitError(f"Expected a source microlab:…:COUNT in the recipe, but found {source!r}.")
    return f"{kind}:{parts[0]}:{making.rows or parts[1]}:{making.seed}"


def _made_neutral(making: AdapterBuild) -> None:
    """Replace the base's folder by its neutral name wherever the result quotes it.

    ``training.json`` last: it is what says that the adapter is complete.
    """
    about = read_json(making.out / "adapter_config.json")
    known = read_json(making.out / MADE)
    if about is None or known is None:
        raise SitError(f"The training left no adapter in {making.out}.")
    write_json(making.out / "adapter_config.json", {**about, "base_model_name_or_path": NEUTRAL})
    known["config"]["model"]["base"] = known["base"]["name"] = NEUTRAL
    write_card(making.out / "README.md", known)
    write_json(making.out / MADE, known)


@contextmanager
def _home(work: Path) -> Iterator[None]:
    """SIT_HOME inside the build's own folder while it trains: checkpoints and curves go there."""
    before = os.environ.get("SIT_HOME")
    os.environ["SIT_HOME"] = str(work)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SIT_HOME"]
        else:
            os.environ["SIT_HOME"] = before

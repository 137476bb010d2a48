"""Checkpoints of a build: weights, optimizer states and the place in the texts, in one file.

Safetensors with the rest as metadata, written beside and renamed, so that a kill at any moment
leaves the old one or the new one.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sit_core.errors import SitError
from sit_core.files import replacing

if TYPE_CHECKING:
    import torch

NAME = "checkpoint.safetensors"


@dataclass
class TrainingProgress:
    """How far the training is."""

    step: int = 0
    tokens: int = 0
    pool: int = 0
    place: int = 0
    """Batches of the pool that are done."""
    pool_began: int = 0
    """The step at which the pool was begun; says which mixture it has."""


def save_checkpoint(
    folder: Path,
    model: "torch.nn.Module",
    optimizers: "Sequence[torch.optim.Optimizer]",
    progress: TrainingProgress,
) -> None:
    """Replace the checkpoint in ``folder`` as a whole."""
    from safetensors.torch import save_file

    tensors = {f"model.{n}": p.detach().contiguous() for n, p in model.named_parameters()}
    for i, optimizer in enumerate(optimizers):
        for key, state in optimizer.state_dict()["state"].items():
            for name, value in state.items():
                tensors[f"optimizer.{i}.{key}.{name}"] = value.detach().contiguous()
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / NAME) as part:
        save_file(tensors, part, metadata={"progress": json.dumps(asdict(progress))})


def load_checkpoint(
    folder: Path, model: "torch.nn.Module", optimizers: "Sequence[torch.optim.Optimizer]"
) -> TrainingProgress | None:
    """Put the checkpoint into model and optimizers; None where there is none yet.

    Raises:
        SitError: the file can't be read.
    """
    import torch
    from safetensors import SafetensorError, safe_open

    path = folder / NAME
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            progress = TrainingProgress(**json.loads(file.metadata()["progress"]))
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise SitError(
            f"The checkpoint {path} can't be read ({error}); delete it to begin anew."
        ) from error
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(tensors[f"model.{name}"])
    for i, optimizer in enumerate(optimizers):
        whole = optimizer.state_dict()
        states: dict[int, dict[str, torch.Tensor]] = {}
        for key, value in tensors.items():
            parts = key.split(".")
            if parts[0] == "optimizer" and parts[1] == str(i):
                states.setdefault(int(parts[2]), {})[parts[3]] = value
        whole["state"] = states
        optimizer.load_state_dict(whole)
    return progress

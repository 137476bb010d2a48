"""A training on disk: ``SIT_HOME/training/NAME``, and its result, ``SIT_HOME/adapters/NAME``.

The folder holds the configuration, what is known of the data, the curves, the checkpoints and the
best weights so far. A process that is killed at any moment leaves it such that another goes on.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sit_core.config.fields import settings_of, value_of
from sit_core.errors import SitError
from sit_core.files import write_json, write_text
from sit_core.names import folder_of, note_name
from sit_core.settings import settings, user_path
from sit_core.train.config import TrainingConfig, as_yaml, load_config

COMPLETE = "complete"
"""In a checkpoint that was written to its end."""


@dataclass(frozen=True, slots=True)
class TrainingFolder:
    """The places of one training."""

    name: str
    home: Path

    @classmethod
    def of(cls, name: str) -> "TrainingFolder":
        """In this installation's SIT_HOME."""
        return cls(name, settings().home)

    @property
    def path(self) -> Path:
        """The folder."""
        return folder_of(self.home / "training", self.name)

    @property
    def config(self) -> Path:
        """The configuration that it has; copy it to do the same again."""
        return self.path / "config.yaml"

    @property
    def data(self) -> Path:
        """What is known of the data: JSON."""
        return self.path / "data.json"

    @property
    def curves(self) -> Path:
        """See `sit_core.train.curves`."""
        return self.path / "curves.jsonl"

    @property
    def checkpoints(self) -> Path:
        """The trainer's."""
        return self.path / "checkpoints"

    @property
    def best(self) -> Path:
        """The weights with the lowest held-out loss so far, with ``best.json``."""
        return self.path / "best"

    @property
    def job(self) -> Path:
        """The number of the job that works (or worked last) on it."""
        return self.path / "job"

    @property
    def report(self) -> Path:
        """Written when it has ended: JSON."""
        return self.path / "report.json"

    def result(self, config: TrainingConfig) -> Path:
        """Where the result goes."""
        if config.out is not None:
            return user_path(config.out).absolute()
        kind = "adapters" if config.method.kind == "lora" else "models"
        return folder_of(self.home / kind, self.name)

    def make(self) -> None:
        """Make the folder.

        Raises:
            OSError: it can't be made.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        note_name(self.path, self.name)

    def claim(self, config: TrainingConfig, data: Mapping[str, Any]) -> None:
        """Note what is trained on what, or see that it is the same as before.

        Raises:
            SitError: the folder holds another training, or its data has changed.
        """
        known = self.known_config()
        if known is not None:
            differs = differences(known, config)
            if differs:
                raise SitError(
                    f"There is a training {self.name} with other settings "
                    f"({', '.join(differs[:6])}); choose another name, or delete {self.path}."
                )
            before = read_json(self.data)
            if before and before.get("same") != data.get("same"):
                raise SitError(
                    f"The data of the training {self.name} has changed since it began; choose "
                    f"another name, or delete {self.path}."
                )
        self.make()
        write_text(self.config, as_yaml(config, str(self.config)))
        write_json(self.data, data)

    def known_config(self) -> TrainingConfig | None:
        """The configuration of the training that lies here; None: there is none."""
        if not self.curves.exists():
            return None  # written down, but not begun: it may still be changed
        return load_config(self.config)

    def checkpoint(self) -> Path | None:
        """The newest checkpoint that is whole; others are removed."""
        whole: list[tuple[int, Path]] = []
        for path in self.checkpoints.glob("checkpoint-*"):
            if (path / COMPLETE).exists():
                whole.append((int(path.name.rpartition("-")[2]), path))
            else:
                shutil.rmtree(path, ignore_errors=True)
        return max(whole, default=(0, None))[1]

    def best_so_far(self) -> dict[str, Any] | None:
        """``{"step", "loss"}`` of the best weights; None where there are none yet."""
        before = self.best.with_name("best.before")
        if not self.best.exists() and before.exists():
            before.rename(self.best)  # killed between two renames
        return read_json(self.best / "best.json")

    def keep_best(self, made: Path) -> None:
        """Put freshly written weights in place of the best so far."""
        before = self.best.with_name("best.before")
        shutil.rmtree(before, ignore_errors=True)
        if self.best.exists():
            self.best.rename(before)
        made.rename(self.best)
        shutil.rmtree(before, ignore_errors=True)


def differences(one: TrainingConfig, other: TrainingConfig) -> list[str]:
    """The settings in which two trainings differ, without those that change no result."""
    return [
        setting.name
        for setting in settings_of(TrainingConfig)
        if setting.rules.effect and value_of(one, setting.path) != value_of(other, setting.path)
    ]


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a file; None where there is none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None

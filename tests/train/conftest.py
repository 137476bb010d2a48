"""Rows and configurations for tests of training, on the tiny random model of bytes."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sit_core.train.config import TrainingConfig, config_from
from tests.models.conftest import bases, local, save_tiny

__all__ = ["bases", "local"]  # fixtures

Config = Callable[..., TrainingConfig]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny model; not to be changed."""
    return save_tiny(tmp_path_factory.mktemp("tiny"))


def rows_file(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write rows as JSONL."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def copies(count: int) -> list[dict[str, Any]]:
    """Rows that ask for their input; no two are the same."""
    words = ["cow", "farm", "sea", "cup", "tree", "red"]
    return [
        {
            "instruction": "Repeat the input.",
            "input": (text := f"{n} {words[n % 6]} {words[n // 6 % 6]}" + " sea" * (n % 4)),
            "output": text,
        }
        for n in range(count)
    ]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A file of 40 rows."""
    return rows_file(tmp_path / "rows.jsonl", copies(40))


@pytest.fixture
def config(tiny: Path, rows: Path) -> Config:
    """A small training of the tiny model; ``section__field=value`` changes it."""

    def made(**changes: Any) -> TrainingConfig:
        content: dict[str, Any] = {
            "name": "mine",
            "model": {"base": str(tiny), "prompt_format": "plain"},
            "data": {"train": str(rows), "held_out_share": 0.1, "max_length": 512},
            "method": {"rank": 4, "dropout": 0.1},
            "schedule": {
                "learning_rate": 0.01,
                "batch": 8,
                "steps": 8,
                "evaluate_every": 2,
                "checkpoint_every": 2,
            },
            "hardware": {"device": "cpu", "threads": 1, "precision": "float32"},
        }
        for name, value in changes.items():
            section, _, key = name.rpartition("__")
            (content.setdefault(section, {}) if section else content)[key] = value
        return config_from(content)

    return made

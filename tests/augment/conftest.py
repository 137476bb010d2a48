"""Small data sets, and a way to make a mixture of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sit_core.augment.config import MixtureConfig
from sit_core.augment.manifest import Mixture
from sit_core.augment.mixture import write_mixture
from sit_core.config.parse import from_plain

ROWS = [
    {"instruction": "Name ITS colour.", "input": "a plum: ripe\nand round", "output": "Purple."},
    {"instruction": "Name a fruit.", "input": "", "output": "A fig."},
    {"instruction": "Count.", "input": "one, two", "output": "2\nItems: 2"},
    {"instruction": "Say hello.", "input": "  ", "output": "Hello"},
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Four rows in Alpaca's format, two of them with an input."""
    return written(tmp_path / "data.json", ROWS)


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows as a JSON list, or as JSONL by the file's name."""
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        path.write_text(json.dumps(rows))
    return path


def many(n: int, **columns: Callable[[int], Any]) -> list[dict[str, Any]]:
    """Different rows with inputs."""
    return [
        {
            "instruction": f"Do {i % 7}.",
            "input": f"text number {i} of them",
            "output": f"done {i}",
            **{name: value(i) for name, value in columns.items()},
        }
        for i in range(n)
    ]


def made(tmp_path: Path, out: str = "train.jsonl", **settings: Any) -> Mixture:
    """A mixture of these settings."""
    config = from_plain(MixtureConfig, settings)
    return write_mixture(config, tmp_path / out, home=tmp_path / "home")


def rows_of(path: Path | None) -> list[dict[str, Any]]:
    """What a file holds."""
    assert path is not None
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

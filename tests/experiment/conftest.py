"""An experiment of the fake model of `tests.predict.fake`."""

import json
from pathlib import Path
from typing import Any

import pytest

from sit_core.config.parse import from_plain
from sit_core.experiment import ExperimentConfig
from sit_core.store import Store
from tests.predict.conftest import fake_in_jobs, folder  # noqa: F401


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """The one database that matters here."""
    return sqlite_store


def questions(tmp_path: Path, *inputs: str, name: str = "questions") -> str:
    """A file of questions with choices, in their order."""
    path = tmp_path / f"{name}.jsonl"
    rows = [{"instruction": "Answer.", "input": text, "target": text.upper()} for text in inputs]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def plain_experiment(source: str, **more: Any) -> dict[str, Any]:
    """Two models × two instructions, as YAML has it."""
    return {
        "name": "mine",
        "models": [
            {"name": name, "model": {"model": name, "backend": "fake"}, "factors": {"method": name}}
            for name in ("IT", "SIT")
        ],
        "instructions": [
            {"name": "R+A", "template": "repeat-answer"},
            {"name": "P+A", "template": "paraphrase-answer"},
        ],
        "examples": [{"source": source}],
        **more,
    }


def experiment(source: str, **more: Any) -> ExperimentConfig:
    """The same as a configuration."""
    return from_plain(ExperimentConfig, plain_experiment(source, **more))

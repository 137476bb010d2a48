"""A fake model here and in the jobs' processes, and a file of examples."""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import tests.predict.fake  # noqa: F401 - registers the backend
from sit_core.jobs import current_jobs
from sit_core.jobs.process import kill
from sit_core.predict import PredictConfig, PredictModel
from sit_core.store import Store

SITE = """\
import os
if os.environ.get("SIT_JOB"):
    from sit_core.models.interface import BACKENDS
    import tests.predict.fake
    BACKENDS._things["openai"] = "tests.predict.fake:load"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The fake model's folder."""
    made = tmp_path / "fake"
    made.mkdir()
    monkeypatch.setenv("FAKE_FOLDER", str(made))
    return made


@pytest.fixture
def fake_in_jobs(
    store: Store, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The fake model is known to jobs' processes too; none is left running."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    monkeypatch.setenv("PYTHONPATH", str(site))
    yield
    for job in current_jobs(store):
        if job.active and job.pid is not None:
            kill(job.pid, job.process)


NOTHING_MORE = {"refused": 0, "thoughts": 0, "left_out": [], "examples_read": []}
"""What ``sit predict`` counts besides, where a model does nothing out of the ordinary."""


def examples_file(tmp_path: Path, *inputs: str, **more: object) -> str:
    """A JSONL file of instructions and inputs, without outputs."""
    path = tmp_path / "examples.jsonl"
    rows = [{"instruction": "Answer.", "input": text, "target": "gold", **more} for text in inputs]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def predict_config(**values: Any) -> PredictConfig:
    """A configuration of flat values, as the command's flags have them."""
    model = {f.name: values.pop(f.name) for f in fields(PredictModel) if f.name in values}
    return PredictConfig(model=PredictModel(**model), **values)


def options(examples: str, **more: object) -> PredictConfig:
    """A run of the fake model."""
    return predict_config(
        **{
            "model": "m",
            "backend": "fake",
            "run": "r",
            "examples": examples,
            "template": "repeat-answer",
            **more,
        }
    )

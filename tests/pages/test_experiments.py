"""The Experiments page: the matrix, what is left, the tables; the button starts the job."""

import json
from pathlib import Path
from typing import Any

import pytest

from sit_core.actions import Context
from sit_core.config.yaml_file import to_yaml
from sit_core.experiment.config import ExperimentConfig
from sit_core.experiment.files import keep_file
from sit_core.experiment.run import run_experiment
from sit_core.jobs import current_jobs
from sit_core.jobs import start as starting
from sit_core.store import Store
from tests.experiment.conftest import experiment, questions
from tests.pages.test_runs import page, said, seen

REPORT = [
    {
        "analysis": "cells",
        "title": "<b>Ours</b>",
        "settings": {"rows": ["method"], "columns": ["instruction"], "metric": ["accuracy"]},
    }
]


@pytest.fixture
def store(sqlite_store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SIT_STARTER", "0")
    return sqlite_store


@pytest.fixture
def config(tmp_path: Path, store: Store) -> ExperimentConfig:
    asked = questions(tmp_path, "a", "b", "an error")
    made = experiment(asked, metrics=["accuracy"], report=REPORT, about="What it is <i>for</i>.")
    keep_file(made, to_yaml(made))
    return made


def texts(app: Any) -> str:
    return "\n".join(one.value for one in app.text)


def test_before_it_is_run_it_says_what_is_left(store: Store, config: ExperimentConfig) -> None:
    app = page("experiments/page.py", experiment="mine")
    assert "0 of 4 cells complete · 12 calls left" in texts(app)
    assert "an estimate of 4 characters a token" in texts(app)
    assert "What it is <i>for</i>." in texts(app)
    matrix = app.dataframe[0].value
    assert matrix.to_dict("list") == {"": ["IT", "SIT"], "R+A": [0, 0], "P+A": [0, 0]}
    assert "None of its cells has outputs yet." in said(app)


def test_afterwards_it_shows_cells_faults_and_tables(
    store: Store, config: ExperimentConfig
) -> None:
    with pytest.raises(Exception, match="got no output"):
        run_experiment(config, Context(store))
    app = page("experiments/page.py", experiment="mine")
    assert "0 of 4 cells complete · 4 calls left" in texts(app)
    assert "accuracy: 8 of 8 outputs scored" in texts(app)
    assert app.dataframe[0].value["P+A"].tolist() == [2, 2]
    assert "IT, R+A: 1 of its questions got no output" in said(app)
    table = json.loads(app.get("bidi_component")[0].proto.json)
    method = table["columns"].index("method")
    assert [row[method]["text"] for row in table["rows"]] == ["IT", "SIT"]
    assert "4 of its 4 cells lack outputs." in texts(app)


def test_the_button_starts_the_job_once(
    store: Store, config: ExperimentConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "_spawn", lambda *_: None)
    app = page("experiments/page.py", experiment="mine")
    app.button(key="experiment start").click()
    seen(app.run())
    (job,) = current_jobs(store)
    assert list(job.command) == ["experiment", "run", "mine"]
    assert job.title == "Experiment mine"
    assert app.button(key="experiment start").disabled


def test_an_unknown_name_is_said_with_the_nearest(store: Store, config: ExperimentConfig) -> None:
    app = page("experiments/page.py", experiment="mien")
    assert "mine" in said(app)


def test_a_shipped_file_shows_its_cells(store: Store) -> None:
    app = page("experiments/page.py", experiment="microlab/table-2")
    assert "0 of 3 cells complete" in texts(app)
    matrix = app.dataframe[0].value
    assert matrix[""].tolist() == ["IT", "SIT(+R)", "SIT(+P)"]
    assert matrix.isna().sum().sum() == 6  # each model is asked as it was trained

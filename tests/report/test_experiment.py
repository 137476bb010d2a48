"""A report of an experiment: its tables with the paper's numbers, and what of it is lacking."""

import json
from pathlib import Path

import pytest
import yaml

from sit_core.actions import Context
from sit_core.config.parse import from_plain
from sit_core.errors import SitError
from sit_core.experiment import ExperimentConfig
from sit_core.experiment.run import run_experiment
from sit_core.report.config import ReportConfig
from sit_core.report.verify import verify
from sit_core.report.write import write_report
from sit_core.store import Store
from tests.experiment.conftest import plain_experiment, questions
from tests.predict.conftest import fake_in_jobs, folder  # noqa: F401

SETTINGS = {"rows": ["method"], "columns": ["instruction"], "metric": ["accuracy"]}
PAPER = {"table": "table5", "number": ["method", "measure"], "rows": {"instruction": "instruction"}}


@pytest.mark.usefixtures("folder")
def test_a_report_of_an_experiment_has_its_tables_and_is_verified(
    sqlite_store: Store, tmp_path: Path
) -> None:
    entries = [
        {"analysis": "cells", "title": "Ours", "settings": SETTINGS, "paper": PAPER},
        {"analysis": "cells", "settings": SETTINGS, "only": [{"method": "nobody"}]},
    ]
    source = questions(tmp_path, "a", "b", "c")
    plain = plain_experiment(source, metrics=["accuracy"], report=entries)
    file = tmp_path / "e.yaml"
    file.write_text(yaml.safe_dump(plain))
    config = ReportConfig(out=str(tmp_path / "r"), experiment=str(file))
    with pytest.raises(SitError, match="has no outputs"):
        write_report(config, Context(sqlite_store))
    run_experiment(from_plain(ExperimentConfig, plain), Context(sqlite_store))
    made = write_report(config, Context(sqlite_store))
    assert [one for one in made.left_out if one.startswith("Cells: None of its cells")]
    file.unlink()  # what is verified needs nothing but the folder
    assert verify(tmp_path / "r").problems == []
    figures = json.loads((tmp_path / "r/bundle/figures.json").read_text("utf-8"))
    ours = [path for path in figures if path.startswith("analysis 1 cells / ")]
    assert any(path.endswith("R+A") for path in ours)
    text = (tmp_path / "r" / "report.html").read_text("utf-8")
    assert "Ours" in text
    assert "not given" in text
    assert "<title>mine</title>" in text

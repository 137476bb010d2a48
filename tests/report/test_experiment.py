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


def own_numbers(tmp_path: Path, value: int) -> dict[str, object]:
    """Published numbers of a file of one's own."""
    rows = [{"instruction": "R+A", "IT": {"accuracy": value}}]
    table = {"mine": {"about": "By us", "rows": rows}, "source": "Our earlier paper"}
    file = tmp_path / "numbers.json"
    file.write_text(json.dumps(table))
    return {**PAPER, "table": "mine", "file": str(file)}


@pytest.mark.usefixtures("folder")
def test_published_numbers_of_ones_own_file_are_in_the_report_and_verified_without_it(
    sqlite_store: Store, tmp_path: Path
) -> None:
    entries = [{"analysis": "cells", "settings": SETTINGS, "paper": own_numbers(tmp_path, 4321)}]
    source = questions(tmp_path, "a", "b", "c")
    plain = plain_experiment(source, metrics=["accuracy"], report=entries)
    (tmp_path / "e.yaml").write_text(yaml.safe_dump(plain))
    run_experiment(from_plain(ExperimentConfig, plain), Context(sqlite_store))
    out = tmp_path / "r"
    config = ReportConfig(out=str(out), experiment=str(tmp_path / "e.yaml"))
    write_report(config, Context(sqlite_store))
    (tmp_path / "numbers.json").unlink()
    assert verify(out).passed
    text = (out / "report.md").read_text("utf-8")
    assert "4321" in text
    assert "Our earlier paper" in text
    assert str(tmp_path) not in (out / "bundle/manifest.json").read_text("utf-8")


@pytest.mark.usefixtures("folder")
def test_an_analysis_that_reads_a_file_is_named_and_left_out(
    sqlite_store: Store, tmp_path: Path
) -> None:
    check = {"check": str(tmp_path / "items.jsonl")}
    (tmp_path / "items.jsonl").write_text("{}\n")
    entries = [
        {"analysis": "instruction-metrics", "title": "Checked", "settings": check},
        {"analysis": "cells", "settings": SETTINGS},
    ]
    source = questions(tmp_path, "a")
    plain = plain_experiment(source, metrics=["accuracy", "following"], report=entries)
    (tmp_path / "e.yaml").write_text(yaml.safe_dump(plain))
    run_experiment(from_plain(ExperimentConfig, plain), Context(sqlite_store))
    config = ReportConfig(out=str(tmp_path / "r"), experiment=str(tmp_path / "e.yaml"))
    made = write_report(config, Context(sqlite_store))
    assert any("Checked" in one for one in made.left_out)
    assert verify(tmp_path / "r").passed
    asked = f"instruction-metrics?check={tmp_path / 'items.jsonl'}"
    config = ReportConfig(out=str(tmp_path / "q"), runs=("mine/IT, R+A",), analysis=(asked,))
    with pytest.raises(SitError, match=r"items\.jsonl, which is not in the bundle"):
        write_report(config, Context(sqlite_store))


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
    assert [one for one in made.left_out if one.startswith("Cells: Its only leaves no cell")]
    file.unlink()  # what is verified needs nothing but the folder
    assert verify(tmp_path / "r").problems == []
    figures = json.loads((tmp_path / "r/bundle/figures.json").read_text("utf-8"))
    ours = [path for path in figures if path.startswith("analysis 1 cells / ")]
    assert any(path.endswith("R+A") for path in ours)
    text = (tmp_path / "r" / "report.html").read_text("utf-8")
    assert "Ours" in text
    assert "not given" in text
    assert "<title>mine</title>" in text

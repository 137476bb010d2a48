"""A report is what its file says: a new entry in the YAML alone adds a cell, a column, a table."""

import re
from pathlib import Path
from typing import Any

import pytest

from sit_core.actions import Context
from sit_core.config.yaml_file import read_yaml
from sit_core.experiment import ExperimentConfig
from sit_core.experiment.cells import cells_of
from sit_core.experiment.files import SHIPPED, find_file, shipped_files
from sit_core.experiment.plan import plan
from sit_core.experiment.report import faults_of_report, report
from sit_core.experiment.run import run_experiment
from sit_core.store import Store
from tests.experiment.conftest import experiment, questions

ROOT = Path(__file__).parents[2]
REPORT = [
    {
        "analysis": "cells",
        "title": "Ours",
        "settings": {
            "rows": ["method"],
            "columns": ["instruction"],
            "metric": ["accuracy"],
            "verdicts": {"by": "rule"},
        },
    }
]


@pytest.fixture
def asked(tmp_path: Path) -> str:
    return questions(tmp_path, "a", "b", "c")


@pytest.mark.usefixtures("folder")
def test_a_model_condition_or_metric_in_the_file_alone_adds_a_cell(
    store: Store, asked: str
) -> None:
    more: dict[str, Any] = {"metrics": ["accuracy"], "report": REPORT}
    run_experiment(experiment(asked, **more), Context(store))
    (table,) = report(store, experiment(asked, **more)).tables
    assert table.table is not None
    assert [row["method"] for row in table.table.rows] == ["IT", "SIT"]
    assert list(table.table.rows[0]) == ["method", "R+A", "P+A"]
    models = [
        {"name": name, "model": {"model": name, "backend": "fake"}, "factors": {"method": name}}
        for name in ("IT", "SIT", "a method that nobody knows")
    ]
    more |= {
        "models": models,
        "conditions": [
            {"name": "none"},
            {"name": "an unheard-of condition", "predict": {"model": {"seed": 5}}},
        ],
        "metrics": ["accuracy", "f1"],
    }
    settings = {**REPORT[0]["settings"], "columns": ["condition"], "metric": ["accuracy", "f1"]}  # type: ignore[dict-item]
    more["report"] = [{**REPORT[0], "settings": settings}]
    changed = experiment(asked, **more)
    assert len(cells_of(changed)) == 12
    done = run_experiment(changed, Context(store))
    assert (done.complete, done.known) == (12, 12)  # those of before are the condition "none"
    (table,) = report(store, changed).tables
    assert table.table is not None
    assert [row["method"] for row in table.table.rows][-1] == "a method that nobody knows"
    assert "an unheard-of condition: f1" in table.table.rows[0]


@pytest.mark.usefixtures("folder")
def test_what_is_lacking_is_named_and_a_fault_leaves_the_other_tables(
    store: Store, asked: str
) -> None:
    both = [*REPORT, {**REPORT[0], "only": [{"method": "SIT"}]}]
    config = experiment(asked, report=both, skip=[{"method": "SIT"}], metrics=["accuracy"])
    run_experiment(config, Context(store))
    whole = experiment(asked, report=both, metrics=["accuracy"])
    first, second = report(store, whole).tables
    assert first.cells == 4
    assert first.incomplete == ("SIT, R+A", "SIT, P+A")
    assert first.table is not None
    assert second.fault == "None of its cells has outputs yet."
    slip = [{**REPORT[0], "only": [{"method": "SITT"}]}]
    (none,) = report(store, experiment(asked, report=slip)).tables
    assert none.fault == "Its only leaves no cell; name values that the cells have."
    off = experiment(asked, report=[{**REPORT[0], "analysis": "celsl"}, *REPORT])
    assert "cells" in report(store, off).tables[0].fault
    assert report(store, off).tables[1].table is not None
    assert "cells" in faults_of_report(off)[0]


@pytest.mark.usefixtures("folder")
def test_factors_that_the_file_changed_are_those_of_the_tables(store: Store, asked: str) -> None:
    config = experiment(asked, report=REPORT, metrics=["accuracy"])
    run_experiment(config, Context(store))
    models = [
        {"name": name, "model": {"model": name, "backend": "fake"}, "factors": {"method": "one"}}
        for name in ("IT", "SIT")
    ]
    (table,) = report(
        store, experiment(asked, report=REPORT, models=models, metrics=["accuracy"])
    ).tables
    assert table.table is not None
    assert [row["method"] for row in table.table.rows] == ["one"]
    assert table.table.rows[0]["R+A"].n == 6


def test_no_code_names_a_table_of_the_paper() -> None:
    """Tables are in the YAML files; the code of experiments knows none."""
    files = [*(ROOT / "sit_core/experiment").glob("*.py"), ROOT / "sit_core/analyses/cells.py"]
    files += [ROOT / "sit_core/cli/experiment.py", *(ROOT / "pages/experiments").glob("*.py")]
    assert len(files) > 5
    for path in files:
        code = re.sub(r'"""[\s\S]*?"""|#.*', "", path.read_text("utf-8"))
        code = re.sub(r"help=.*|setting\([\s\S]*?\)\n", "", code)
        assert not re.findall(r"(?i)\b(table|figure)[ _-]?[1-6]\b", code), path.name


@pytest.mark.parametrize("name", shipped_files())
def test_each_shipped_file_is_in_order(name: str, store: Store) -> None:
    file = find_file(name)
    config = read_yaml(ExperimentConfig, file.text, name)
    assert cells_of(config)
    assert faults_of_report(config) == []
    assert file.text.startswith(f"# sit experiment run data/experiments/{name}.yaml\n")
    assert file.path == SHIPPED / f"{name}.yaml"
    if name.startswith("microlab/"):
        from sit_core.experiment.cells import faults_of

        assert list(faults_of(config, store)) == []
        assert all(not cell.fault and cell.n >= 50 for cell in plan(store, config).cells)

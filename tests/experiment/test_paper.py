"""Published numbers stand where the file says; what it does not give is said."""

import json
from pathlib import Path
from typing import Any

import pytest

from sit_core.config.parse import from_plain
from sit_core.errors import SitError
from sit_core.experiment.config import PaperNumbers
from sit_core.experiment.paper import NOT_GIVEN, number_of, paper_table, with_paper
from sit_core.results.analyses import AnalysisTable
from sit_core.results.estimate import Estimate
from sit_core.results.reproduction_paper import rows_5

TABLE_5 = {
    "table": "table5",
    "rows": {"instruction": "instruction"},
    "number": ["method", "measure"],
    "values": {"measure": {"accuracy": 0, "following": 1}},
}


def number(plain: dict[str, Any], **facts: str) -> int | float | None:
    numbers = from_plain(PaperNumbers, plain)
    return number_of(paper_table(numbers), numbers, facts)


def test_each_shape_of_a_table_is_read_by_its_mapping() -> None:
    assert number(TABLE_5, instruction="repeat", method="IT", measure="following") == 30
    assert number(TABLE_5, instruction="non-sequential", method="IT", measure="following") is None
    assert number(TABLE_5, instruction="repeat", method="SIT-9", measure="following") is None
    assert number(TABLE_5, instruction="repeat", method="IT", measure="f1") is None
    table_1 = {
        "table": "table1",
        "rows": {"model": "model", "method": "method"},
        "values": {"measure": {"following": "R+A"}, "method": {"SIT": "SIT (ours)"}},
    }
    facts = {"model": "LLaMA-7B-Alpaca", "method": "SIT", "measure": "following"}
    assert number(table_1, **facts) == 85
    # Without the method two rows are meant, so none is.
    assert number({**table_1, "rows": {"model": "model"}}, **facts) is None
    table_3 = {
        "table": "table3",
        "rows": {"model": "model", "method": "method"},
        "number": ["language"],
    }
    assert number(table_3, model="Mistral-7B-Alpaca", method="SIT", language="th") == 29.4


def test_numbers_stand_beside_the_cells_that_they_are_about() -> None:
    points = [
        {
            "method": method,
            "instruction": "repeat",
            "measure": of,
            "estimate": Estimate(0.5),
            "in row": at,
            "in column": f"repeat: {of}",
        }
        for at, method in enumerate(("IT", "ours"))
        for of in ("accuracy", "following")
    ]
    rows = [
        {"method": m, "repeat: accuracy": Estimate(0.5), "repeat: following": Estimate(0.5)}
        for m in ("IT", "ours")
    ]
    table = with_paper(AnalysisTable(rows, points=points), from_plain(PaperNumbers, TABLE_5))
    assert list(table.rows[0]) == [
        "method",
        "repeat: accuracy",
        "repeat: accuracy, paper",
        "repeat: following",
        "repeat: following, paper",
    ]
    assert table.rows[0]["repeat: accuracy, paper"] == 20
    assert table.rows[1]["repeat: following, paper"] == NOT_GIVEN
    assert "2403.07794" in table.note
    only = from_plain(PaperNumbers, {**TABLE_5, "only": [{"measure": "accuracy"}]})
    assert (
        "repeat: following, paper"
        not in with_paper(AnalysisTable(rows, points=points), only).rows[0]
    )


def test_a_table_of_another_analysis_is_read_by_its_columns() -> None:
    rows = [{"instruction": "repeat", "method": "IT", "following": Estimate(0.2)}]
    table = with_paper(AnalysisTable(rows), from_plain(PaperNumbers, TABLE_5))
    assert table.rows[0]["following, paper"] == 30


def test_another_file_and_a_table_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps({"t": {"about": "Theirs", "rows": [{"m": "x", "a": 1.5}]}}))
    plain = {"table": "t", "file": str(file), "rows": {"m": "model"}, "number": ["measure"]}
    assert number(plain, model="x", measure="a") == 1.5
    with pytest.raises(SitError, match="'t'"):
        paper_table(PaperNumbers(table="tt", file=str(file)))
    with pytest.raises(SitError, match="can't be read"):
        paper_table(PaperNumbers(table="t", file=str(tmp_path / "gone.json")))


def test_the_same_numbers_as_in_the_reproduction() -> None:
    """Two readers of one file agree."""
    paper = json.loads(
        (Path(__file__).parents[2] / "data/reproduction/paper_tables.json").read_text("utf-8")
    )
    rows = {row.model: row.values for row in rows_5(paper)}
    theirs = next(values for model, values in rows.items() if "SIT+Repeat" in model)
    ours = [
        number(TABLE_5, instruction=i, method="SIT+Repeat", measure=m)
        for i in ("non-sequential", "repeat", "paraphrase")
        for m in ("accuracy", "following")
    ]
    assert [None if v is None else float(v) for v in ours] == list(theirs)

"""``sit export``: to standard output or into a file."""

import json
from pathlib import Path

import click
import pyarrow.parquet as pq
import pytest

from sit_core.cli import main
from sit_core.cli.export import export
from sit_core.export.tables import TABLES
from sit_core.store import open_store
from tests.factories import judge, make_run, make_study


@pytest.fixture(autouse=True)
def judged():
    """One run, one judgment of two steps."""
    store = open_store()
    ids = make_run(store, "m", 2)
    make_study(store, "s", ["m"])
    judge(store, "s", ids[0], "ann", {"repeat": "yes", "answer": "no"})
    yield store
    store.close()


def run(capfdbinary, *args: str) -> tuple[int, bytes, bytes]:
    with pytest.raises(SystemExit) as caught:
        main(list(args))
    out, err = capfdbinary.readouterr()
    return caught.value.code, out, err


def test_standard_output_holds_only_the_rows(capfdbinary) -> None:
    code, out, err = run(capfdbinary, "export", "judgments", "--study", "s")
    assert (code, err) == (0, b"")
    assert [json.loads(line)["verdict"] for line in out.splitlines()] == ["yes", "no"]
    code, out, _ = run(capfdbinary, "export", "predictions", "--runs", "m", "--format", "csv")
    assert out.splitlines()[0].startswith(b"run,prediction_id,")


def test_a_file_is_written_and_its_rows_counted(capfdbinary, tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    args = ("export", "results", "--study", "s", "--format", "parquet", "--out", str(out))
    code, stdout, err = run(capfdbinary, *args)
    assert (code, stdout) == (0, b"")
    assert b"3 rows written" in err
    assert pq.read_table(out)["letter"].to_pylist() == ["R", "A", "R+A"]


def test_mistakes_write_nothing(capfdbinary, tmp_path: Path) -> None:
    code, out, err = run(capfdbinary, "export", "results", "--study", "s", "--format", "parquet")
    assert (code, out) == (2, b"")
    assert b"--out FILE" in err
    code, out, err = run(capfdbinary, "export", "judgments", "--study", "x", "--format", "csv")
    assert (code, out) == (1, b"")
    assert b"no study 'x'" in err
    code, _, _ = run(
        capfdbinary, "export", "judgments", "--runs", "n", "--out", str(tmp_path / "o")
    )
    assert code == 2
    assert list(tmp_path.glob("o*")) == []


def test_every_table_that_can_be_exported_can_be_named() -> None:
    (what,) = [one for one in export.params if one.name == "what"]
    assert isinstance(what.type, click.Choice)
    assert set(what.type.choices) == set(TABLES)

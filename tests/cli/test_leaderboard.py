"""`sit results leaderboard`: as a table, as a file, by iteration."""

import codecs
import json
from pathlib import Path

import pytest

from sit_core.metrics.registry import Score
from sit_core.store import Store
from sit_core.store.scores import save_scores
from tests.cli.test_import import Sit
from tests.factories import make_run


@pytest.fixture
def sit(two_judged_runs: Store, capsys: pytest.CaptureFixture[str]) -> Sit:
    return Sit(capsys)


def test_a_table_with_notes(sit: Sit) -> None:
    done = sit("results", "leaderboard")
    assert done.code == 0, done.err
    header, first, second = done.out.splitlines()[:3]
    assert header.split("  ")[0] == "system"
    assert "following (LLM)" in header
    assert "wins vs b" in header
    assert first.startswith("a ")
    assert "66.7" in first
    assert "n=3, 1 without" in first
    assert second.startswith("b ")
    assert "Holm" in done.out


def test_by_iteration(sit: Sit) -> None:
    done = sit("results", "leaderboard", "--by-iteration", "--runs", "a")
    assert "iteration 4" in done.out
    assert not any(line.startswith("b ") for line in done.out.splitlines())


def test_json_has_the_stable_shape(sit: Sit) -> None:
    board = json.loads(sit("results", "leaderboard", "--json", "--reference", "b").out)
    assert (board["kind"], board["shape"]) == ("sit leaderboard", 1)
    assert (board["reference"], board["level"], board["seed"]) == ("b", 0.95, 0)
    first = board["rows"][0]
    assert first["system"] == "a"
    assert first["figures"]["following_llm"]["n"] == 3
    assert first["figures"]["win_rate"]["value"] == 1.0
    assert {pair["column"] for pair in board["pairs"]} == {"following_llm", "quality"}
    assert len(board["iterations"]) == 2 * 2 * 4
    nothing = [o for o in board["iterations"] if o["system"] == "a" and o["iteration"] == 4]
    assert [(o["figure"]["value"], o["figure"]["without"]) for o in nothing] == [(None, 1)] * 2
    assert board == json.loads(sit("results", "leaderboard", "--format", "json").out)


def test_files_in_the_form_that_their_names_end_in(sit: Sit, tmp_path: Path) -> None:
    for ending, part in (
        ("csv", "following_llm.low"),
        ("md", "|:---|"),
        ("tex", r"\toprule"),
        ("html", "<!doctype html>"),
        ("json", '"kind"'),
    ):
        path = tmp_path / f"board.{ending}"
        assert sit("results", "leaderboard", "--out", path).code == 0
        assert part in path.read_text("utf-8")
    refused = sit("results", "leaderboard", "--out", tmp_path / "board.docx")
    assert refused.code == 2
    assert "--format" in refused.err


def test_wrong_names_are_one_sentence(sit: Sit) -> None:
    for option, value in (("--judge", "x"), ("--reference", "x"), ("--runs", "x")):
        done = sit("results", "leaderboard", option, value)
        assert done.code == 2
        assert "'x'" in done.err
        assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("what", ["leaderboard", "scores"])
def test_csv_for_excel_begins_with_the_mark_and_is_else_the_same(
    sit: Sit, sqlite_store: Store, tmp_path: Path, what: str
) -> None:
    made = make_run(sqlite_store, "c", 2)
    save_scores(sqlite_store, [Score(i, "accuracy", 1.0) for i in made], {"accuracy": ""}, "1")
    plain, marked = tmp_path / "p.csv", tmp_path / "m.csv"
    for words in (["--out", str(plain)], ["--out", str(marked), "--bom"]):
        assert sit("results", what, "--format", "csv", *words).code == 0
    assert plain.read_bytes()[:3] != codecs.BOM_UTF8
    assert marked.read_bytes() == codecs.BOM_UTF8 + plain.read_bytes()
    done = sit("results", what, "--format", "csv")
    assert done.out.splitlines() == plain.read_text().splitlines()
    refused = sit("results", what, "--format", "markdown", "--bom")
    assert refused.code != 0
    assert "--bom is for CSV files" in refused.err


def test_scores_as_a_file_name_its_format_and_hold_every_figure(
    sit: Sit, sqlite_store: Store, tmp_path: Path
) -> None:
    made = make_run(sqlite_store, "c", 2)
    save_scores(sqlite_store, [Score(i, "accuracy", 1.0) for i in made], {"accuracy": ""}, "1")
    out = tmp_path / "s.jsonl"
    assert sit("results", "scores", "--format", "jsonl", "--out", str(out)).code == 0
    (row,) = [json.loads(line) for line in out.read_text().splitlines()]
    (wanted,) = json.loads(sit("results", "scores", "--json").out)["rows"]
    assert (row["run"], row["mean"], row["n"]) == (wanted["run"], wanted["mean"], wanted["n"])
    assert "name the format" in sit("results", "scores", "--out", str(out)).err
    assert "Parquet is no text" in sit("results", "scores", "--format", "parquet").err

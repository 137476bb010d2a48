"""`sit results leaderboard`: as a table, as a file, by iteration."""

import json
from pathlib import Path

import pytest

from sit_core.store import Store
from tests.cli.test_importing import Sit
from tests.factories import make_run
from tests.results.test_leaderboard import FOLLOW, fight, grow, say


@pytest.fixture
def sit(sqlite_store: Store, capsys: pytest.CaptureFixture[str], monkeypatch) -> Sit:
    monkeypatch.setenv("SIT_STARTER", "0")
    runs = {name: make_run(sqlite_store, name, 4, steps=FOLLOW) for name in ("a", "b")}
    say(sqlite_store, runs["a"], ["yes", "yes", "no", "?"], [5, 4, 1, None])
    say(sqlite_store, runs["b"], ["no", "no", "no", "yes"], [1, 1, 1, 4])
    fight(sqlite_store, [(runs["a"][0], runs["b"][0], 1, 1)])
    grow(sqlite_store, [1, 2, 3, 4])
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

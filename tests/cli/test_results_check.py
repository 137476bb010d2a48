"""`sit results check`: the outcome in a line, in JSON, and as the exit code."""

import json
from pathlib import Path

import pytest

from sit_core.store import Store
from tests.cli.test_import import Sit


@pytest.fixture
def sit(two_judged_runs: Store, capsys: pytest.CaptureFixture[str]) -> Sit:
    return Sit(capsys)


@pytest.mark.slow
def test_nothing_differs(sit: Sit, tmp_path: Path) -> None:
    done = sit("results", "check", "--runs", "a,b", "--keep", tmp_path / "kept")
    assert done.code == 0, done.out
    assert "figures checked, 0 differ, 0 not checked." in done.out
    there = {path.name for path in (tmp_path / "kept").iterdir()}
    assert {"predictions.jsonl", "judgments.jsonl", "scores.jsonl", "board.json"} <= there


def test_kept_files_are_checked_anywhere(sit: Sit, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    sit("results", "check", "--keep", kept)
    whole = json.loads(sit("results", "check", "--from", kept, "--json").out)
    assert whole["checked"] > 100
    assert whole["differ"] == []
    board = json.loads((kept / "board.json").read_text("utf-8"))
    board["rows"][0]["figures"]["following_llm"]["n"] += 1
    (kept / "board.json").write_text(json.dumps(board), "utf-8")
    found = sit("results", "check", "--from", kept)
    assert found.code == 1
    assert "board: following_llm of a: n" in found.out
    assert "1 differ" in found.out
    (one,) = json.loads(sit("results", "check", "--from", kept, "--json").out)["differ"]
    assert (one["table"], one["figure"]) == ("board", "following_llm of a: n")
    assert (one["ours"], one["theirs"], one["n"]) == (4, 3, 3)


def test_what_can_t_be_is_a_sentence(sit: Sit, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for words, part in (
        (("--runs", "x"), "'x'"),
        (("--from", tmp_path / "empty"), "about.json can't be read"),
        (("--from", tmp_path / "empty", "--judge", "x"), "leave out --judge"),
    ):
        done = sit("results", "check", *words)
        assert done.code in (1, 2)
        assert part in done.err
        assert len(done.err.splitlines()) == 1


def test_where_there_is_nothing_to_check_it_fails(
    sqlite_store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIT_STARTER", "0")
    done = Sit(capsys)("results", "check")
    assert done.code == 1
    assert "Nothing was checked" in done.err
    assert "0 figures checked" in done.out

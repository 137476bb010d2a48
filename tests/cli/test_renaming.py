"""``sit runs|study rename|archive|unarchive``, and commands that name runs as they were called."""

import json
from pathlib import Path

import pytest

from sit_core.store import Store
from sit_core.store.renaming import rename_run, rename_study
from tests.cli.test_import import Sit
from tests.factories import judge, make_run, make_study
from tests.predict.conftest import examples_file

FAKE = ("--model", "m", "--backend", "fake")


@pytest.fixture
def sit(capsys: pytest.CaptureFixture[str], sqlite_store: Store, folder: Path) -> Sit:
    return Sit(capsys)


def test_a_run_is_renamed_archived_and_shown_again(sit: Sit, sqlite_store: Store) -> None:
    make_run(sqlite_store, "a")
    make_run(sqlite_store, "b")
    sit("runs", "rename", "a", "c")
    assert sit.out == "'a' is now called 'c'; its former name leads to it still.\n"
    assert sit("runs", "rename", "b", "a").code == 1
    assert "former name of the run 'c'" in sit.err
    assert sit("runs", "archive", "a", "b").out == "Archived: c, b\n"
    sit("runs")
    assert "Left out: 2 that are archived" in sit.out
    assert "output" in sit.out  # the head of the table
    assert "archived)" in sit("runs", "--archived").out
    listed = {run["name"]: run for run in json.loads(sit("runs", "--json").out)}
    assert listed["c"]["former_names"] == ["a"]
    assert listed["b"]["archived"] is True
    assert sit("runs", "unarchive", "a").out == "No longer archived: c\n"
    assert "Left out: 1 that is archived (b)" in sit("runs").out
    assert sit("runs", "archive", "zz").code == 2
    assert sit("runs", "delete", "a").out.startswith("The run 'c' is deleted")


def test_a_study_is_renamed_archived_and_shown_again(sit: Sit, sqlite_store: Store) -> None:
    make_run(sqlite_store, "a")
    make_study(sqlite_store, "s", ["a"])
    assert "'s' is now called 't'" in sit("study", "rename", "s", "t").out
    assert sit("study", "archive", "s").out == "Archived: t\n"
    assert "Left out: 1 that is archived (t)" in sit("study", "list").out
    assert "t (archived)" in sit("study", "list", "--archived").out
    (listed,) = json.loads(sit("study", "list", "--json").out)
    assert (listed["name"], listed["archived"]) == ("t", True)
    shown = json.loads(sit("study", "show", "s", "--json").out)
    assert (shown["name"], shown["former_names"]) == ("t", ["s"])
    assert "former names:       s" in sit("study", "show", "t").out
    assert sit("study", "create", "s", "--runs", "a").code == 1
    assert sit("study", "unarchive", "s").out == "No longer archived: t\n"
    assert "Left out" not in sit("study", "list").out


def test_commands_take_former_names_and_say_the_present_ones(
    sit: Sit, sqlite_store: Store, tmp_path: Path
) -> None:
    for name in ("a, 1", "b"):
        made = make_run(sqlite_store, name)
        judge(sqlite_store, None, made[0], "Ann", {"repeat": "yes", "answer": "no"})
    make_study(sqlite_store, "s", ["a, 1", "b"])
    rename_run(sqlite_store, "a, 1", "first")
    rename_run(sqlite_store, "b", "second")
    rename_study(sqlite_store, "s", "t")
    table = json.loads(sit("results", "following", "--study", "s", "--json").out)
    assert {row["run"] for row in table["rows"]} == {"first", "second"}
    both = ("--runs", '"a, 1",b')
    assert "first" in sit("results", "compare", *both, "--study", "s").out
    assert sit("export", "predictions", *both).code == 0
    assert {json.loads(line)["run"] for line in sit.out.splitlines()} == {"first", "second"}
    assert sit("export", "judgments", "--study", "s").code == 0
    assert sit("study", "create", "u", "--runs", "a, 1", "--runs", "b").code == 0
    score = ("score", "--run", "b", "--run", "second", "--metrics", "rouge-l", "--json")
    assert (sit(*score).code, sit.err) == (0, "")
    assert {row["run"] for row in json.loads(sit.out)["rows"]} == {"second"}
    scored = json.loads(sit("results", "scores", "--runs", "b", "--json").out)
    assert {row["run"] for row in scored["rows"]} == {"second"}
    assert sit("runs", "check", "--run", "b").out.startswith("second: 3 outputs")
    assert sit("prompt-sets", "assign", "mine", "--runs", "a, 1").code == 0
    assert sit("leaderboard", "set", "b", "--base-model", "x").out.startswith("second:")
    board = json.loads(sit("results", "leaderboard", "--runs", "b", "--json").out)
    assert [row["system"] for row in board["rows"]] == ["second"]


def test_a_judge_is_asked_about_runs_and_studies_by_former_names(
    sit: Sit, sqlite_store: Store
) -> None:
    for name in ("a", "b"):
        make_run(sqlite_store, name)
    make_study(sqlite_store, "s", ["a", "b"])
    ask = ("judge", "--judge", "steps", *FAKE, "--estimate", "--json")
    before = json.loads(sit(*ask, "--run", "a", "--study", "s").out)
    rename_run(sqlite_store, "a", "c")
    rename_study(sqlite_store, "s", "t")
    assert json.loads(sit(*ask, "--run", "a", "--study", "s").out) == before
    assert json.loads(sit(*ask, "--run", "c", "--study", "t").out) == before
    assert before["outputs"] == 3


def test_a_run_that_stopped_goes_on_under_its_former_name(
    sit: Sit, sqlite_store: Store, tmp_path: Path
) -> None:
    file = examples_file(tmp_path, "a", "b", "an error")
    predict = ("predict", *FAKE, "--examples", file, "--template", "repeat-answer", "--run")
    assert sit(*predict, "mine").code == 0
    rename_run(sqlite_store, "mine", "ours")
    assert sit(*predict, "mine").counts["run"] == "ours"
    assert sit.counts["known"] == 2
    assert sit(*predict, "ours").counts["known"] == 2
    (row,) = json.loads(sit("runs", "--json").out)
    assert (row["name"], row["outputs"], row["errors"]) == ("ours", 2, 1)
    other = ("predict", *FAKE, "--template", "repeat-answer", "--run", "next", "--examples")
    assert sit(*other, "run:mine").code == 0
    assert sit.counts["written"] == 2

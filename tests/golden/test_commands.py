"""Command lines that were typed, shown by pages or kept with jobs ask for the same as ever."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.golden import todays_code as code
from tests.golden.configurations import ACTIONS

GOLDEN = Path(__file__).parent
COMMANDS: list[dict[str, Any]] = json.loads((GOLDEN / "commands.json").read_text("utf-8"))
JOBS = [row for row in COMMANDS if row["words"] is not None]
IN_ANY_ORDER = ("predict", "seqeval")
"""Jobs of these are compared only while they are at work, so the order of words may change."""


def in_order(action: str, words: list[str]) -> list[str]:
    return sorted(words) if action in IN_ANY_ORDER else words


def differing(action: str, difference: Callable[[dict[str, Any]], str]) -> list[str]:
    """The first command lines of an action for which something is said to differ."""
    rows = [row for row in JOBS if row["action"] == action]
    assert rows
    found = []
    for row in rows:
        try:
            said = difference(row)
        except Exception as error:  # noqa: BLE001 - whatever refuses the command is a finding
            said = repr(error)
        if said:
            found.append(f"{row['argv']}: {said}")
    return found[:3]


@pytest.fixture(autouse=True)
def among_the_golden_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that the command lines name are here."""
    monkeypatch.chdir(GOLDEN)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_command_line_asks_for_what_it_asked_for(action: str) -> None:
    def difference(row: dict[str, Any]) -> str:
        asked = code.asked_by(row["argv"])
        if in_order(action, asked.words) != in_order(action, row["words"]):
            return f"the job would be {asked.words}, not {row['words']}"
        found = code.plain(asked.record)
        return "" if found == row["config"] else f"found {found}, not {row['config']}"

    assert differing(action, difference) == []


@pytest.mark.parametrize("action", [a for a in ACTIONS if a != "seq-instruct"])
def test_the_words_of_a_job_ask_for_the_same_again(action: str) -> None:
    """A job that was begun before is resumed by its words; seq-instruct's name its folder."""

    def difference(row: dict[str, Any]) -> str:
        asked = code.asked_by(row["words"])
        if in_order(action, asked.words) != in_order(action, row["words"]):
            return f"the job would be {asked.words}"
        found = code.plain(asked.record)
        return "" if found == row["config"] else f"found {found}, not {row['config']}"

    assert differing(action, difference) == []


@pytest.mark.parametrize("action", code.RECORDS)
def test_what_a_page_asks_for_is_written_in_the_same_words(action: str) -> None:
    def difference(row: dict[str, Any]) -> str:
        words = code.words_from(action, row["config"])
        same = in_order(action, words) == in_order(action, row["words"])
        return "" if same else f"written as {words}, not {row['words']}"

    assert differing(action, difference) == []


@pytest.mark.parametrize("action", ACTIONS)
def test_a_configuration_that_was_written_down_is_read_as_it_was(action: str) -> None:
    def difference(row: dict[str, Any]) -> str:
        found = code.plain(code.record_from(action, row["config"]))
        return "" if found == row["config"] else f"found {found}, not {row['config']}"

    assert differing(action, difference) == []


@pytest.mark.parametrize("row", [r for r in COMMANDS if r["words"] is None], ids=str)
def test_a_command_line_that_begins_no_job_is_understood_as_it_was(row: dict[str, Any]) -> None:
    assert code.given(row["argv"]) == row["given"]


def test_the_yaml_of_a_training_is_read_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "C.yaml"
    rows = [row for row in JOBS if row["action"] == "train"]
    for row in rows:
        file.write_text(row["yaml"], encoding="utf-8")
        read = code.training_of(file)
        assert code.plain(read) == row["config"]
        file.write_text(code.training_yaml(read), encoding="utf-8")
        assert code.training_of(file) == read
    assert len(rows) >= 50


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_not_said_is_as_it_was(action: str) -> None:
    """All defaults; a setting that is new may come to them."""
    kept = json.loads((GOLDEN / "defaults.json").read_text("utf-8"))[action]
    assert lost(kept["config"], code.plain_in_full(code.asked_by(kept["argv"]).record)) == []


def lost(kept: Any, found: Any, place: str = "") -> list[str]:
    """Where what was kept is not found, or is another value; what is new is no loss."""
    if isinstance(kept, dict) and isinstance(found, dict):
        return [
            one
            for key, value in kept.items()
            for one in (
                lost(value, found[key], f"{place}.{key}")
                if key in found
                else [f"{place}.{key} is gone"]
            )
        ]
    if isinstance(kept, list) and isinstance(found, list) and len(kept) == len(found):
        pairs = enumerate(zip(kept, found, strict=True))
        return [one for at, (k, f) in pairs for one in lost(k, f, f"{place}[{at}]")]
    return [] if kept == found else [f"{place}: {found!r}, not {kept!r}"]


@pytest.mark.parametrize("name", code.READERS)
def test_a_file_is_read_to_what_it_was_read_to(name: str) -> None:
    kept = json.loads((GOLDEN / "yaml.json").read_text("utf-8"))
    assert lost(kept[name], code.plain_in_full(code.READERS[name](GOLDEN / "yaml" / name))) == []


def test_every_kept_file_is_read() -> None:
    assert set(json.loads((GOLDEN / "yaml.json").read_text("utf-8"))) == set(code.READERS)


def test_there_are_enough_command_lines() -> None:
    """Hundreds, and each option of each action in several."""
    assert len(JOBS) >= 600
    flags = json.loads((GOLDEN / "flags.json").read_text("utf-8"))
    for action in ACTIONS:
        lines = [row["argv"] for row in COMMANDS if row["action"] == action]
        for option in flags[action]["options"]:
            for flag in option["flags"]:
                used = [argv for argv in lines if any(w.split("=")[0] == flag for w in argv)]
                assert len(used) >= 3, f"{action} {flag}"

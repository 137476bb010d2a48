"""What the documents say is there: links, files, commands, options, settings, the version."""

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from sit_core import __version__
from sit_core.cli import sit

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#)([^)#\s]+)")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not [link for link in LINK.findall(text) if not (path.parent / link).exists()]


def commands(text: str) -> list[list[str]]:
    """The words of every ``sit …`` line in blocks of code, without its comment."""
    blocks = re.findall(r"^```\n(.*?)^```", text, re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("sit ")]
    return [shlex.split(line, comments=True)[1:] for line in lines]


def faults(words: list[str]) -> list[str]:
    """Verbs and options of a command line that the program doesn't have."""
    command: click.Command = sit
    context = click.Context(sit)
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(context, rest[0])
        if found is None:
            return [f"no command {rest[0]}"]
        command = found
        rest = rest[1:]
    known = {o for p in command.get_params(context) for o in (*p.opts, *p.secondary_opts)}
    return [w for w in rest if w.startswith("--") and w.split("=")[0] not in known]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_commands_and_their_options_are_there(path: Path) -> None:
    assert not [
        (words, wrong)
        for words in commands(path.read_text(encoding="utf-8"))
        if (wrong := faults(words))
    ]


def test_a_wrong_command_would_be_seen() -> None:
    assert faults(["results", "followed"]) == ["no command followed"]
    assert faults(["import", "a.jsonl", "--no-such-option"]) == ["--no-such-option"]
    assert commands("```\nsit import a.jsonl   # why\n```\n") == [["import", "a.jsonl"]]


def test_files_of_everyday_changes_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.split("## Where to change what")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (?!you want|---)[^|]+\| ([^|]+)\|$", table, re.M)
    assert len(rows) == 10
    for row in rows:
        for path in re.findall(r"`([^`]+)`", row):
            assert (ROOT / path).exists(), path


def test_every_environment_variable_is_in_the_table_of_settings() -> None:
    table = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    code = [p.read_text(encoding="utf-8") for p in (ROOT / "sit_core").rglob("*.py")]
    used = {name for text in code for name in re.findall(r"\"(SIT_[A-Z_]+)\"", text)}
    inner = {"SIT_JOB"}  # set by the program itself for a job's process
    assert used - inner <= set(re.findall(r"`(SIT_[A-Z_]+)`", table))


def test_the_citation_names_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == __version__
    assert citation["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")

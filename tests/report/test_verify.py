"""Whatever is changed in a report is named; what was not counted again is no success."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sit_core.cli import sit
from sit_core.report import bundle
from sit_core.report.verify import Verification, check_files, verify
from sit_core.report.zipped import zipped
from sit_core.store import Store

ROOT = Path(__file__).parents[2]


def resealed(folder: Path, change: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
    """The manifest of whoever tampers with care: all hashes are right again."""
    path = folder / "bundle" / "manifest.json"
    content = json.loads(path.read_text("utf-8"))
    del content[bundle.OWN_HASH]
    for name in content["files"]:
        if (folder / name).exists():
            content["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    change(content)
    path.write_text(bundle.sealed(content), "utf-8")


def changed(path: Path, change: Callable[[Any], Any]) -> None:
    """Change the JSON of a file (of lines: of the last one)."""
    lines = path.read_text("utf-8").splitlines()
    if path.suffix == ".json":
        found = json.loads("\n".join(lines))
        path.write_text(bundle.figures_text(change(found) or found), "utf-8")
    else:
        found = json.loads(lines[-1])
        path.write_text("\n".join([*lines[:-1], json.dumps(change(found) or found), ""]), "utf-8")


def named(found: Verification, part: str) -> bool:
    return any(part in problem for problem in found.problems)


def test_what_was_written_passes(report: Path) -> None:
    found = verify(report)
    assert found.problems == found.notes == []
    assert found.passed
    assert found.equal == found.figures > 100
    assert found.files == len(bundle.files_in(report))


def test_a_fresh_process_without_a_store_verifies(report: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SIT_")}
    environ |= {"PYTHONPATH": str(ROOT), "HOME": str(empty)}
    command = [sys.executable, "-m", "sit_core.cli", "report", "--verify", str(report), "--json"]
    ended = subprocess.run(command, cwd=empty, env=environ, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert json.loads(ended.stdout)["passed"]
    assert list(empty.iterdir()) == []


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_byte_is_named(one_report: tuple[Store, Path], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(one_report[1], Path(place) / "r"))
        files = [*bundle.files_in(folder), "bundle/manifest.json"]
        sizes = {name: (folder / name).stat().st_size for name in files}
        name = data.draw(st.sampled_from([name for name in files if sizes[name]]))
        at = data.draw(st.integers(0, sizes[name] - 1))
        content = bytearray((folder / name).read_bytes())
        content[at] ^= data.draw(st.integers(1, 255))
        (folder / name).write_bytes(content)
        found, _ = check_files(folder)
        assert named(found, Path(name).name)


@given(data=st.data())
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_number_is_named_though_all_hashes_are_right(
    one_report: tuple[Store, Path], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(one_report[1], Path(place) / "r"))
        path = folder / "bundle" / "figures.json"
        figures = json.loads(path.read_text("utf-8"))
        numbers = [
            (name, key)
            for name, of in figures.items()
            for key, value in of.items()
            if isinstance(value, int | float)
        ]
        name, key = data.draw(st.sampled_from(numbers))
        figures[name][key] += data.draw(st.sampled_from([1, -1, 1e-6, 0.5]))
        path.write_text(bundle.figures_text(figures), "utf-8")
        resealed(folder)
        found = verify(folder)
        assert [p.partition(":")[0] for p in found.problems] == [name.partition(":")[0]]
        assert found.equal == found.figures - 1


def test_a_number_that_is_gone_or_made_up_is_named(report: Path) -> None:
    path = report / "bundle" / "figures.json"
    figures = json.loads(path.read_text("utf-8"))
    gone = next(name for name in figures if name.startswith("following/human"))
    del figures[gone]
    figures["following/human / nobody / R"] = {"value": 1.0}
    path.write_text(bundle.figures_text(figures), "utf-8")
    resealed(report)
    found = verify(report)
    assert named(found, f"{gone}: ")
    assert named(found, "following/human / nobody / R: 1.0 said, and nothing counts it")
    assert not found.passed


def test_a_changed_verdict_changes_numbers_and_exports(report: Path) -> None:
    lines = (report / "bundle/store/judgments.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    turned = [row for row in rows if row["verdict"] == "no"]
    assert turned
    for row in turned:
        row["verdict"] = "yes"
    text = "\n".join([*map(json.dumps, rows), ""])
    (report / "bundle/store/judgments.jsonl").write_text(text, "utf-8")
    resealed(report)
    found = verify(report)
    assert named(found, "following/human / ")
    assert named(found, "bundle/judgments.jsonl does not say what was counted")
    assert named(found, "report.html does not say what was counted")


@pytest.mark.parametrize("name", ["report.html", "report.md", "report.tex"])
def test_a_changed_text_is_named_though_all_hashes_are_right(report: Path, name: str) -> None:
    text = (report / name).read_text("utf-8")
    (report / name).write_text(text.replace("[", "[9", 1) + " ", "utf-8")
    resealed(report)
    found = verify(report)
    assert [p.partition(" ")[0] for p in found.problems] == [name]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("bundle/store/judgments.jsonl", None, "judgments.jsonl is missing"),
        ("bundle/figures.json", None, "figures.json is missing"),
        ("report.html", None, "report.html is missing"),
        ("bundle/manifest.json", None, "is no report"),
        ("bundle/manifest.json", b"[]", "can't be read"),
        ("bundle/manifest.json", b"{}", "this program knows"),
        ("bundle/manifest.json", b"\xff", "can't be read"),
        ("bundle/manifest.json", b"[" * 100_000, "can't be read"),
        ("bundle/store/runs.jsonl", b"[]\n", "runs.jsonl: line 1 is no row"),
        ("bundle/store/runs.jsonl", b"{", "runs.jsonl can't be read"),
        ("bundle/store/runs.jsonl", b"", "The numbers can't be counted again"),
        ("bundle/store/runs.jsonl", b'{"id": 1, "nothing": 2}\n', "no column 'nothing'"),
        ("bundle/store/runs.jsonl", b'{"id": 1}\n', "The rows make no store"),
        ("bundle/figures.json", b"[]", "figures.json can't be read"),
        ("bundle/more.txt", b"x", "bundle/more.txt is no part of the report"),
    ],
)
def test_what_is_missing_or_broken_is_named(
    report: Path, name: str, change: bytes | None, said: str
) -> None:
    path = report / name
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change)
    found = verify(report)
    assert named(found, said), found.problems
    assert not found.passed


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "9999"},
        {"tables": ["../../../etc/passwd"]},
        {"tables": ["remarks"]},
        {"tables": []},
        {"question": {}},
        {"seeds": {"x": 1}},
        {"files": {}},
        {"shape": 2},
    ],
    ids=str,
)
def test_a_manifest_that_asks_for_something_else_is_no_success(
    report: Path, change: dict[str, Any]
) -> None:
    resealed(report, lambda content: content.update(change))
    found = verify(report)
    assert found.problems
    assert not found.passed


def test_a_link_is_no_file_of_a_report(report: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes((report / "report.md").read_bytes())
    (report / "report.md").unlink()
    (report / "report.md").symlink_to(tmp_path / "elsewhere")
    assert named(verify(report), "report.md was changed")


@pytest.mark.parametrize("kind", ["fifo", "endless", "folder link"])
@pytest.mark.parametrize(
    "name",
    ["report.md", "bundle/figures.json", "bundle/store/runs.jsonl", "bundle/manifest.json", "more"],
)
def test_what_has_no_end_is_named_and_never_read(report: Path, name: str, kind: str) -> None:
    (report / name).unlink(missing_ok=True)
    if kind == "fifo":
        os.mkfifo(report / name)
    else:
        (report / name).symlink_to("/dev/zero" if kind == "endless" else report)
    found = verify(report)
    assert found.problems
    assert not found.passed
    assert any(Path(name).name in one for one in found.problems)


def test_a_file_is_no_folder_of_a_report(report: Path) -> None:
    packed = report.with_suffix(".zip")
    packed.write_bytes(zipped(report))
    assert verify(packed).problems == [
        f"{packed} is a file; unpack it and name the report's folder."
    ]


@pytest.mark.parametrize("value", ["1" + "0" * 400, "NaN", "Infinity", "-Infinity", "1e999", "[]"])
def test_a_number_beyond_all_numbers_differs(report: Path, value: str) -> None:
    path = report / "bundle/figures.json"
    text = path.read_text("utf-8")
    assert '"methods / runs": {"value": 2}' in text
    path.write_text(text.replace('runs": {"value": 2}', f'runs": {{"value": {value}}}', 1))
    found = verify(report)
    assert any(one.startswith("methods / runs: ") for one in found.problems)
    assert found.equal == found.figures - 1


def test_a_longer_file_is_named_where_it_goes_on(report: Path) -> None:
    text = (report / "report.md").read_bytes()
    (report / "report.md").write_bytes(text + b"more\n" * 1000)
    resealed(report, lambda content: None)
    found = verify(report)
    line = text.count(b"\n") + 1
    assert named(found, f"report.md does not say what was counted (line {line})")


def test_a_bundle_that_names_a_file_elsewhere_does_not_have_it_read(
    report: Path, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "numbers.json")  # whoever opens it waits for ever
    entry = {"name": "length", "title": "", "settings": {"runs": []}, "notes": []}
    paper = {"table": "t", "file": str(tmp_path / "numbers.json")}
    for more in (
        {**entry, "paper": paper},
        {**entry, "name": "instruction-metrics", "paper": None,
         "settings": {"runs": [], "check": str(tmp_path / "numbers.json")}},
    ):  # fmt: skip
        resealed(report, lambda c, more=more: c["question"].update(analyses=[more]))
        assert named(verify(report), "numbers.json, which is not in the bundle")


def test_the_command_says_what_differs_and_fails(report: Path) -> None:
    changed(report / "bundle/figures.json", lambda f: f["methods / runs"].update(value=3))
    ended = CliRunner().invoke(sit, ["report", "--verify", str(report)])
    assert ended.exit_code == 1
    assert "methods / runs: 3 said, 2 counted." in ended.output
    assert "NOT passed" in ended.output
    both = CliRunner().invoke(sit, ["report", "--verify", str(report), "--study", "x"])
    assert both.exit_code != 0
    assert CliRunner().invoke(sit, ["report", "--verify", str(report / "no")]).exit_code == 1

"""Count every number of a report again from its bundle, and name what differs.

Nothing but the folder is needed: no store, no settings, no network. The rows of the bundle are put
into a store in a temporary folder, everything is counted from them as the report was, and compared
with the numbers and files that the report has. The numbers in ``figures.json`` are only compared
with, never counted from.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.files import scratch_folder
from sit_core.report import bundle
from sit_core.report.config import ReportQuestion
from sit_core.report.content import all_figures, content_of
from sit_core.report.write import seeds_of

TOLERANCE = 1e-9
"""Relative; what differs less is rounding of another processor or library."""


@dataclass
class Verification:
    """What was found."""

    figures: int = 0
    """Counted again."""
    equal: int = 0
    """Of them: as the report says."""
    files: int = 0
    """Whose hash was compared."""
    problems: list[str] = field(default_factory=list)
    """What differs or is missing, a sentence each."""
    notes: list[str] = field(default_factory=list)
    """What could not be compared, and why."""

    @property
    def passed(self) -> bool:
        """Whether numbers were counted again, and none of them, nor any file, differs."""
        return not self.problems and self.figures > 0 and self.equal == self.figures

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit report --verify DIR --json``."""
        return {
            "passed": self.passed,
            "figures": self.figures,
            "equal": self.equal,
            "files": self.files,
            "problems": self.problems,
            "notes": self.notes,
        }


def check_files(folder: Path) -> tuple[Verification, dict[str, Any] | None]:
    """Compare the hash of every file with the manifest, which is returned if it can be read."""
    found = Verification()
    manifest = _manifest(folder, found)
    if manifest is not None:
        _files(folder, manifest, found)
    return found, manifest


def verify(folder: Path) -> Verification:
    """Check a report's folder; whatever is wrong is among the problems, nothing is raised."""
    found, manifest = check_files(folder)
    if manifest is None:
        return found
    if any((folder / name).is_symlink() or not (folder / name).is_file() for name in _all(folder)):
        return found  # named above; what a link or a device holds may have no end
    try:
        question = ReportQuestion.from_dict(manifest["question"])
        versions = {str(k): str(v) for k, v in manifest["versions"].items()}
        schema, tables = str(manifest["schema"]), [_table_name(one) for one in manifest["tables"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        found.problems.append(f"manifest.json is not as it was written ({error!r}).")
        return found
    try:
        with (
            scratch_folder("sit-verify") as scratch,
            bundle.store_of(folder, schema, tables, scratch) as store,
        ):
            if manifest.get("seeds") != seeds_of(store, question):
                found.problems.append("manifest.json: the seeds are not those of the studies.")
            content = content_of(store, question, versions)
            _figures(folder, all_figures(content), found)
            again = bundle.rendered(content)
            del again[f"{bundle.BUNDLE}/{bundle.FIGURES}"]
            for what in bundle.EXPORTS:
                name = f"{bundle.BUNDLE}/{what}.jsonl"
                again[name] = bundle.export_of(store, question, what)
            _compare_files(folder, again, versions, found)
    except SitError as error:
        found.problems.append(f"The numbers can't be counted again: {error}")
    except Exception as error:  # noqa: BLE001  rows that were tampered with may break anything
        found.problems.append(f"The numbers can't be counted again ({error!r:.300}).")
    return found


def _all(folder: Path) -> list[str]:
    return [*bundle.files_in(folder), f"{bundle.BUNDLE}/{bundle.MANIFEST}"]


def _table_name(value: Any) -> str:
    """A table's name, which becomes a file's: nothing that leads out of the folder."""
    if not isinstance(value, str) or not value.replace("_", "").isalnum():
        raise ValueError(f"no table {value!r:.60}")
    return value


def _manifest(folder: Path, found: Verification) -> dict[str, Any] | None:
    path = folder / bundle.BUNDLE / bundle.MANIFEST
    if folder.is_file():
        found.problems.append(f"{folder} is a file; unpack it and name the report's folder.")
        return None
    try:
        if not path.is_file() and path.exists():
            raise ValueError("it is no file")
        if path.stat().st_size > bundle.LARGEST:
            raise ValueError("it is too large")
        text = path.read_bytes().decode("utf-8")
        manifest = json.loads(text)
        if not isinstance(manifest, dict):
            raise TypeError("it is no object")
        rest = {key: value for key, value in manifest.items() if key != bundle.OWN_HASH}
    except FileNotFoundError:
        found.problems.append(f"{path} is missing: {folder} is no report.")
        return None
    except (OSError, ValueError, TypeError, RecursionError) as error:
        found.problems.append(f"manifest.json can't be read ({str(error)[:200]}).")
        return None
    if manifest.get("kind") != bundle.KIND or manifest.get("shape") != bundle.SHAPE:
        said = f"{manifest.get('kind')!r:.60}, shape {manifest.get('shape')!r:.20}"
        found.problems.append(
            f"manifest.json is of {said}; this program knows sit report, shape 1."
        )
        return None
    if bundle.sealed(rest) != text:
        found.problems.append("manifest.json was changed: its own hash differs.")
    return manifest


def _files(folder: Path, manifest: Mapping[str, Any], found: Verification) -> None:
    listed = manifest.get("files")
    if not isinstance(listed, dict) or not listed:
        found.problems.append("manifest.json lists no files.")
        return
    there = set(bundle.files_in(folder))
    for name, digest in listed.items():
        found.files += 1
        if name not in there:
            found.problems.append(f"{name} is missing.")
            continue
        path = folder / name
        try:
            if path.is_symlink() or not path.is_file() or bundle.hash_of(path) != digest:
                found.problems.append(f"{name} was changed: its hash differs.")
        except OSError as error:
            found.problems.append(f"{name} can't be read ({error.strerror}).")
    for name in sorted(there - listed.keys()):
        found.problems.append(f"{name} is no part of the report.")


def _figures(folder: Path, counted: Mapping[str, Mapping[str, Any]], found: Verification) -> None:
    """Compare each number that was counted with the one that is said."""
    found.figures = len(counted)
    name = f"{bundle.BUNDLE}/{bundle.FIGURES}"
    try:
        if (folder / name).stat().st_size > bundle.LARGEST:
            raise ValueError("it is too large")
        said = json.loads((folder / name).read_bytes())
        if not isinstance(said, dict):
            raise TypeError("it is no object")
    except (OSError, ValueError, TypeError, RecursionError) as error:
        found.problems.append(f"{name} can't be read ({str(error)[:200]}).")
        return
    for path, now in counted.items():
        if path not in said:
            found.problems.append(f"{path}: {_short(now)} counted, missing in {name}.")
        elif not alike(now, said[path]):
            found.problems.append(f"{path}: {_short(said[path])} said, {_short(now)} counted.")
        else:
            found.equal += 1
    for path in said:
        if path not in counted:
            found.problems.append(f"{path}: {_short(said[path])} said, and nothing counts it.")


def alike(one: Any, other: Any) -> bool:
    """Whether two values are the same beyond rounding; a number is no text, and 1 is no True.

    >>> alike({"value": 0.1 + 0.2, "n": 3}, {"value": 0.3, "n": 3}), alike(1, True), alike(1, 2)
    (True, False, False)
    >>> alike(0.5, 0.5000001), alike("1", 1), alike({"n": 1}, {"n": 1, "p": 1})
    (False, False, False)
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        try:
            close = math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE * 1e-3)
        except OverflowError:  # a whole number beyond any float
            close = False
        return one == other or close or (one != one and other != other)
    return type(one) is type(other) and bool(one == other)


def _compare_files(
    folder: Path, again: Mapping[str, bytes], versions: Mapping[str, str], found: Verification
) -> None:
    """Whether the files that are read say what was counted."""
    if versions.get("sit") != bundle.versions()["sit"]:
        found.notes.append(
            f"Made with sit {versions.get('sit')}, this is {bundle.versions()['sit']}: texts may "
            "be laid out in another way, so only their hashes were compared."
        )
        return
    for name, content in again.items():
        try:
            with (folder / name).open("rb") as stream:
                said = stream.read(len(content) + 1)  # what is longer differs
        except OSError:
            continue  # said above: it is missing
        if said != content:
            found.problems.append(f"{name} does not say what was counted{_place(said, content)}.")


def _place(said: bytes, counted: bytes) -> str:
    """The first line at which two texts differ."""
    lines, others = said.split(b"\n"), counted.split(b"\n")
    for number, (one, other) in enumerate(zip(lines, others, strict=False), 1):
        if one != other:
            return f" (line {number})"
    return f" (line {min(len(lines), len(others)) + 1})"


def _short(value: Any) -> str:
    if isinstance(value, Mapping) and "value" in value:
        rest = {key: one for key, one in value.items() if key != "value" and one is not None}
        inner = ", ".join(f"{key} {one!r:.60}" for key, one in rest.items())
        return f"{value['value']!r:.80}" + (f" ({inner})" if inner else "")
    return f"{value!r:.120}"

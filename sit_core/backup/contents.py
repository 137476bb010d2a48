"""What a backup takes of SIT_HOME: every file but the database's own, locks and unfinished ones."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from sit_core.errors import UsageError
from sit_core.files import PART
from sit_core.registry import unknown
from sit_core.settings import Settings
from sit_core.store import copies, presence

NEVER = ("backups", presence.NAME)
"""Top names of SIT_HOME that are in no backup: other backups, and the lock."""
STAGE = ".restore-"
"""Folders of SIT_HOME in which `sit restore` unpacks begin so."""
LINK, GONE = "a link, which is not followed", "gone while it was read"


@dataclass
class Contents:
    """The files to take, and what is left out with its reason."""

    files: list[Path] = field(default_factory=list)
    """Below SIT_HOME, absolute."""
    bytes_of: Counter[str] = field(default_factory=Counter)
    """Top name (a folder's, or a file's) → bytes."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Reason → files."""
    without: dict[str, int] = field(default_factory=dict)
    """Top names that were to be left out → bytes."""


def contents_of(
    where: Settings, without: Sequence[str] = (), besides: Path | None = None
) -> Contents:
    """Look through SIT_HOME.

    Args:
        where: the installation.
        without: top names to leave out.
        besides: a file that is never taken: the backup itself.

    Raises:
        UsageError: there is no such name.
    """
    found = Contents()
    own = _of_the_database(where)
    for path in sorted(_walk(where.home)):
        top = path.relative_to(where.home).parts[0]
        if top in NEVER or top.startswith(STAGE) or path in own or path == besides:
            continue
        if path.name.endswith((PART, ".lock")):  # somebody is about to write it
            continue
        if path.is_symlink():
            found.left_out[LINK] += 1
            continue
        try:
            size = path.stat().st_size
        except OSError:
            found.left_out[GONE] += 1
            continue
        found.bytes_of[top] += size
        if top in without:
            found.without[top] = found.without.get(top, 0) + size
        else:
            found.files.append(path)
    if missing := [name for name in without if name not in found.bytes_of]:
        raise UsageError(
            " ".join(unknown("folder", name, list(found.bytes_of)) for name in missing)
        )
    return found


def place_of(path: Path, home: Path) -> str:
    """A file's name in the archive."""
    return str(PurePosixPath("home", *path.relative_to(home).parts))


def _walk(home: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(home):
        here = Path(folder)
        yield from (here / name for name in names)
        yield from (here / name for name in folders if (here / name).is_symlink())


def _of_the_database(where: Settings) -> set[Path]:
    if copies.kind_of(where.database_url) != copies.SQLITE:
        return set()
    file = copies.file_of(where.database_url)
    return {Path(f"{file}{end}") for end in ("", "-wal", "-shm", "-journal")}

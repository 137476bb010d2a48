"""Put a backup in place: checked whole before anything changes, and what was there is kept."""

import hashlib
import json
import os
import secrets
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sit_core.backup.contents import NEVER, STAGE
from sit_core.backup.write import FORMAT, MANIFEST
from sit_core.errors import SitError, UsageError, no_room
from sit_core.files import to_disk
from sit_core.settings import Settings
from sit_core.store import copies, migrations, open_store, presence

MAX_MANIFEST = 256 << 20
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was put in place."""

    file: str
    made: float | None
    """When the backup was made (seconds since 1970); None for a mere database file."""
    schema: str
    migrated: bool
    """Whether it was brought to the newest schema."""
    files: int
    kept: str | None
    """The folder in which lies what was there before; None where nothing was."""


@dataclass(frozen=True, slots=True)
class _Staged:
    database: Path
    schema: str
    files: int
    made: float | None


def restore_backup(where: Settings, file: Path) -> RestoreReport:
    """Make the installation what the backup says; what is not in it stays as it is.

    Also takes a copy of the database alone, as is made before a migration.

    Args:
        where: the installation.
        file: a backup.

    Raises:
        UsageError: the file is no backup of this kind of database, or by a newer version.
        SitError: the store is in use, the backup is damaged, or there is no room. Nothing has
            changed then.
    """
    file = file.expanduser().absolute()
    kind = copies.kind_of(where.database_url)
    sqlite = kind == copies.SQLITE
    try:
        where.home.mkdir(parents=True, exist_ok=True)
        folder = copies.file_of(where.database_url).parent if sqlite else where.home
        with presence.alone(folder), _stage(where.home) as stage:
            others = copies.others_connected(where.database_url)
            if others:
                raise SitError(
                    f"{others} other connections use this PostgreSQL database; end the app, its "
                    "jobs and whatever else is connected first, then try again."
                )
            staged = _unpacked(file, stage, where.database_url)
            kept = _swap(where, staged, stage / "home")
    except OSError as error:
        raise SitError(
            no_room(error) or f"The backup can't be restored ({error.strerror or error})."
        ) from None
    open_store(where).close()
    return RestoreReport(
        file=str(file),
        made=staged.made,
        schema=migrations.NEWEST,
        migrated=staged.schema != migrations.NEWEST,
        files=staged.files,
        kept=str(kept) if kept is not None else None,
    )


@contextmanager
def _stage(home: Path) -> Iterator[Path]:
    for left in home.glob(f"{STAGE}*"):  # by one that was killed
        shutil.rmtree(left, ignore_errors=True)
    stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=home))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _unpacked(file: Path, stage: Path, url: str) -> _Staged:
    """The backup beside its place, every byte checked."""
    kind = copies.kind_of(url)
    try:
        with file.open("rb") as stream:
            begins = stream.read(16)
    except OSError as error:
        raise UsageError(f"{file.name} can't be read ({error.strerror}).") from None
    if any(begins.startswith(magic) for magic in copies.MAGIC.values()):
        return _database_alone(file, begins, stage, url)
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive, file.name)
            database = manifest["database"]
            _check_kind(database["kind"], kind)
            _check_schema(str(database["schema"]))
            _check_room(manifest, stage)
            copy = _extract(archive, database, stage)
            names = set[str]()
            for entry in manifest["files"]:
                _extract(archive, entry, stage, names)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise UsageError(f"{file.name} is no backup, or is cut off ({error}).") from None
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{file.name} is no backup by this program ({type(error).__name__} in its manifest)."
        ) from None
    copies.check_copy(copy, url)
    made = manifest.get("made")
    return _Staged(
        copy, str(database["schema"]), len(names), made if isinstance(made, float) else None
    )


def _database_alone(file: Path, begins: bytes, stage: Path, url: str) -> _Staged:
    kind = copies.kind_of(url)
    found = next(k for k, magic in copies.MAGIC.items() if begins.startswith(magic))
    _check_kind(found, kind)
    copy = stage / f"database{copies.SUFFIX[kind]}"
    if kind == copies.SQLITE:
        copies.copy_sqlite(file, copy)  # with its log, if one lies beside it
        schema = copies.schema_of_file(copy)
        if schema is None:
            raise UsageError(f"{file.name} is no database of this program, or an empty one.")
        _check_schema(schema)
    else:
        shutil.copyfile(file, copy)
        schema = migrations.NEWEST  # which it is, only PostgreSQL can tell
    copies.check_copy(copy, url)
    return _Staged(copy, schema, 0, None)


def _manifest(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    try:
        info = archive.getinfo(MANIFEST)
    except KeyError:
        raise UsageError(f"{name} is no backup by this program: it has no {MANIFEST}.") from None
    if info.file_size > MAX_MANIFEST:
        raise UsageError(f"The {MANIFEST} of {name} is too large to be one.")
    with archive.open(info) as stream:
        manifest = json.loads(stream.read(MAX_MANIFEST))
    if not isinstance(manifest, dict) or not isinstance(manifest["format"], int):
        raise TypeError
    if manifest["format"] > FORMAT:
        raise UsageError(f"{name} was made by a newer version; update the program.")
    return manifest


def _check_kind(found: object, wanted: str) -> None:
    if found == wanted:
        return
    if found not in copies.MAGIC:
        raise ValueError
    names = {copies.SQLITE: "SQLite", copies.POSTGRESQL: "PostgreSQL"}
    how = "unset" if found == copies.SQLITE else "set"
    raise UsageError(
        f"This is a backup of {names[str(found)]}, but the store here is {names[wanted]}; "
        f"{how} SIT_DATABASE_URL, then try again."
    )


def _check_schema(schema: str) -> None:
    if not migrations.is_known(schema):
        raise UsageError(
            f"This backup has schema {schema[:40]}, which this program does not know; "
            "update the program."
        )


def _check_room(manifest: dict[str, Any], stage: Path) -> None:
    needed = sum(int(entry["bytes"]) for entry in (manifest["database"], *manifest["files"]))
    free = shutil.disk_usage(stage).free
    if needed > free:
        raise SitError(
            f"The backup needs {needed / 1e9:,.1f} GB and {free / 1e9:,.1f} GB are free; make room "
            "on the disk of SIT_HOME, then try again."
        )


def _extract(
    archive: zipfile.ZipFile, entry: dict[str, Any], stage: Path, names: set[str] | None = None
) -> Path:
    """One file into the stage; its place, bytes and hash are as the manifest says."""
    said = entry["path"]
    if not isinstance(said, str) or not isinstance(entry["bytes"], int):
        raise TypeError
    place = PurePosixPath(said)
    inside = (
        bool(place.parts)
        and not place.is_absolute()
        and all(_fits(part) for part in place.parts)
        and (names is None or (place.parts[0] == "home" and len(place.parts) > 1))
        and (names is None or place.parts[1] not in NEVER)
    )
    if not inside or (names is not None and said in names):
        raise UsageError(f"The backup names a file out of its place ({said[:100]!r}).")
    if names is not None:
        names.add(said)
    path = stage.joinpath(*place.parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), entry["bytes"]
    with archive.open(said) as source, path.open("xb") as target:
        while left >= 0 and (block := source.read(min(_BLOCK, left + 1))):
            left -= len(block)
            digest.update(block)
            target.write(block)
        to_disk(target)
    if left != 0 or digest.hexdigest() != entry["sha256"]:
        raise UsageError(f"The backup is damaged: {said[:100]!r} is not what its manifest says.")
    at = entry.get("mtime")
    if isinstance(at, int | float) and 0 <= at < 2**40:
        os.utime(path, (at, at))
    return path


def _fits(part: str) -> bool:
    """Whether it names something in a folder, on any system."""
    forbidden = "\0/\\:" if os.name == "nt" else "\0/"
    return part not in ("", ".", "..") and not any(c in part for c in forbidden)


def _swap(where: Settings, staged: _Staged, home: Path) -> Path | None:
    """Folders first, the database last: killed on the way, the same command does it again.

    What is there goes into a folder of ``backups`` that is returned; None where nothing is.
    """
    url, moved = where.database_url, False
    name = time.strftime("before-restore-%Y%m%d-%H%M%S-") + secrets.token_hex(2)
    kept = where.home / "backups" / name
    kept.mkdir(parents=True)
    if copies.schema_of(url) is not None:
        with (kept / f"database{copies.SUFFIX[copies.kind_of(url)]}").open("wb") as stream:
            copies.write_copy(url, stream, kept)
        moved = True
    for path in sorted(home.iterdir()) if home.is_dir() else []:
        target = where.home / path.name
        if target.exists() or target.is_symlink():
            target.rename(kept / path.name)
            moved = True
        path.rename(target)
    copies.put_in_place(url, staged.database)
    if not moved:
        kept.rmdir()
        return None
    return kept

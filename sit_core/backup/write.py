"""Write a backup: a zip with a copy of the database, the files of SIT_HOME, and a manifest."""

import hashlib
import json
import shutil
import time
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sit_core import __version__
from sit_core.backup.contents import GONE, contents_of, place_of
from sit_core.errors import SitError, UsageError
from sit_core.export.files import whole_file
from sit_core.settings import Settings
from sit_core.store import copies

MANIFEST = "manifest.json"
FORMAT = 1
_BLOCK = 1 << 20
_PACKED = (".safetensors", ".zip", ".gz", ".zst", ".parquet", ".png", ".jpg", ".bin", ".pt")
"""Endings of files that would not become smaller."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What was written."""

    file: str
    bytes: int
    database: str
    """``sqlite`` or ``postgresql``."""
    schema: str
    files: int
    bytes_of: dict[str, int]
    """Top names of SIT_HOME → bytes that are in the backup, before packing."""
    without: dict[str, int]
    """Those that were to be left out → bytes."""
    left_out: dict[str, int]
    """Reason → files that are not in it."""


def make_backup(
    where: Settings,
    file: Path,
    *,
    without: Sequence[str] = (),
) -> BackupReport:
    """Write a backup, also while others use the store; there whole or not at all.

    Args:
        where: the installation.
        file: where to; a new file.
        without: top names of SIT_HOME to leave out.

    Raises:
        UsageError: the file is there already, or a name is not.
        SitError: there is no store, it can't be read, or the file can't be written.
    """
    file = file.expanduser().absolute()
    if file.exists():
        raise UsageError(f"{file.name} is there already; choose another name.")
    schema = copies.schema_of(where.database_url)
    if schema is None:
        raise SitError("There is no store here yet, so there is nothing to back up.")
    contents = contents_of(where, without, besides=file)
    kind = copies.kind_of(where.database_url)
    left_out = dict(contents.left_out)
    listed: list[dict[str, Any]] = []
    with whole_file(file) as stream, zipfile.ZipFile(stream, "w", allowZip64=True) as archive:
        place = f"database{copies.SUFFIX[kind]}"
        with archive.open(_info(place), "w", force_zip64=True) as target:
            counted = _Counted(target)
            copies.write_copy(where.database_url, counted, file.parent)
        database = {"kind": kind, "schema": schema, "path": place, **counted.known()}
        for path in contents.files:
            entry = _take(archive, path, place_of(path, where.home))
            if entry is None:
                left_out[GONE] = left_out.get(GONE, 0) + 1
            else:
                listed.append(entry)
        manifest = {
            "format": FORMAT,
            "program": __version__,
            "made": time.time(),
            "database": database,
            "files": listed,
            "without": contents.without,
            "left_out": left_out,
        }
        archive.writestr(_info(MANIFEST), json.dumps(manifest, ensure_ascii=False, indent=1))
    return BackupReport(
        file=str(file),
        bytes=file.stat().st_size,
        database=kind,
        schema=schema,
        files=len(listed),
        bytes_of={k: n for k, n in contents.bytes_of.items() if k not in contents.without},
        without=contents.without,
        left_out=left_out,
    )


def _take(archive: zipfile.ZipFile, path: Path, place: str) -> dict[str, Any] | None:
    """Put a file in; None where it is gone."""
    try:
        source = path.open("rb")
    except OSError:
        return None
    with closing(source):
        at = path.stat().st_mtime
        with archive.open(_info(place), "w", force_zip64=True) as target:
            counted = _Counted(target)
            shutil.copyfileobj(source, counted, _BLOCK)
    return {"path": place, "mtime": at, **counted.known()}


def _info(place: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(place, time.localtime()[:6])
    packed = place.endswith(_PACKED)
    info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


class _Counted:
    """What is written through it is counted and hashed."""

    def __init__(self, stream: BinaryIO | Any) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._bytes = 0

    def write(self, block: bytes) -> int:
        self._hash.update(block)
        self._bytes += len(block)
        self._stream.write(block)
        return len(block)

    def known(self) -> dict[str, Any]:
        """The entry in the manifest."""
        return {"bytes": self._bytes, "sha256": self._hash.hexdigest()}

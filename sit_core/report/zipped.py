"""A report as one ZIP file, for a download; the same bytes for the same report."""

import io
import json
import zipfile
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)


def is_report(folder: Path) -> bool:
    """Whether a whole report is there: it takes its place as a whole."""
    try:
        with (folder / "bundle" / "manifest.json").open(encoding="utf-8") as stream:
            return bool(json.load(stream)["kind"] == "sit report")
    except (OSError, ValueError, KeyError, TypeError):
        return False


def zipped(folder: Path) -> bytes:
    """All files of a report, below the name of its folder.

    Raises:
        OSError: one can't be read.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes())
    return stream.getvalue()

"""The files of a mixture: written under other names and moved into place when all is whole."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sit_core.augment.config import MixtureConfig
from sit_core.errors import SitError, UsageError
from sit_core.files import beside
from sit_core.settings import user_path
from sit_core.sources import split_source

BUFFER = 1 << 20
_ENCODER = json.JSONEncoder(ensure_ascii=False)


@dataclass
class JsonlWriter:
    """A JSONL file that is being written, and its hash so far."""

    stream: BinaryIO
    rows: int = 0

    def __post_init__(self) -> None:
        """Nothing written yet."""
        self._digest = hashlib.sha256()

    def write(self, row: dict[str, Any]) -> None:
        """One more line."""
        line = _ENCODER.encode(row).encode("utf-8") + b"\n"
        self.stream.write(line)
        self._digest.update(line)
        self.rows += 1

    @property
    def sha256(self) -> str:
        """Of all lines so far."""
        return self._digest.hexdigest()


class MixtureFiles:
    """``train.jsonl``, ``train.heldout.jsonl`` and ``train.manifest.yaml``."""

    def __init__(self, out: Path) -> None:
        out = user_path(out)
        self.train = out
        self.folder = out.parent
        self.held_out = out.with_name(f"{out.stem}.heldout{out.suffix}")
        self.manifest = out.with_name(f"{out.stem}.manifest.yaml")
        self.hashes: dict[str, str] = {}
        self._parts: dict[str, JsonlWriter] = {}
        self._manifest_text = ""

    def check(self, config: MixtureConfig) -> None:
        """See that the output can be written and overwrites no source.

        Raises:
            UsageError: it can't.
        """
        if self.train.suffix not in (".jsonl", ".json", ".ndjson"):
            raise UsageError(f"The output is JSONL; name it so: {self.train.stem}.jsonl.")
        if self.train.is_dir():
            raise UsageError(f"{str(self.train)!r} is a folder; name a file in it.")
        for source in config.all_sources():
            path = source_path(source.source)
            if path and {path.resolve()} & {
                p.resolve() for p in (self.train, self.held_out, self.manifest)
            }:
                raise UsageError(f"The output would overwrite the source {source.source!r}.")

    @contextmanager
    def writing(self) -> Iterator[tuple[JsonlWriter, JsonlWriter]]:
        """The two files to write; put into place at the end, unless an error ended it.

        Raises:
            SitError: they can't be written.
        """
        paths = {name: beside(p) for name, p in self._places().items() if name != "manifest"}
        manifest = beside(self.manifest)
        try:
            with (
                paths["train"].open("wb", BUFFER) as train,
                paths["held_out"].open("wb", BUFFER) as held,
            ):
                self._parts = {"train": JsonlWriter(train), "held_out": JsonlWriter(held)}
                yield self._parts["train"], self._parts["held_out"]
            manifest.write_text(self._manifest_text, encoding="utf-8")
            ours = self.manifest.exists()
            paths["train"].replace(self.train)
            if self._parts["held_out"].rows:
                paths["held_out"].replace(self.held_out)
            elif ours:  # of an earlier mixture of this name; it does not belong to this one
                self.held_out.unlink(missing_ok=True)
            manifest.replace(self.manifest)
        except OSError as error:
            raise SitError(
                f"The mixture can't be written to {str(self.folder)!r}: {error.strerror or error}."
            ) from None
        finally:
            for path in (*paths.values(), manifest):
                with suppress(OSError):
                    path.unlink(missing_ok=True)

    def write_manifest(self, text: str) -> None:
        """What the manifest will say."""
        self._manifest_text = text

    def made(self) -> dict[str, dict[str, Any]]:
        """File → name, rows and hash, of those that hold rows."""
        return {
            name: {"file": self._places()[name].name, "rows": part.rows, "sha256": part.sha256}
            for name, part in self._parts.items()
            if part.rows or name == "train"
        }

    def _places(self) -> dict[str, Path]:
        return {"train": self.train, "held_out": self.held_out, "manifest": self.manifest}


@contextmanager
def opened(folder: Path) -> Iterator[Path]:
    """The folder, if files can be made in it.

    Raises:
        SitError: they can't.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        said = error.strerror or error
        raise SitError(f"Nothing can be written to {str(folder)!r}: {said}.") from None
    yield folder


def source_path(source: str) -> Path | None:
    """The file or folder that a source reads, if it reads one."""
    _, rest = split_source(source)
    path = user_path(rest)
    return path if rest and path.exists() else None


def file_hash(path: Path) -> str:
    """SHA-256 of a file, or of the files of a folder by name."""
    digest = hashlib.sha256()
    for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
        if path.is_dir():
            digest.update(file.name.encode("utf-8", "surrogateescape") + b"\0")
        with file.open("rb") as stream:
            while block := stream.read(BUFFER):
                digest.update(block)
    return digest.hexdigest()

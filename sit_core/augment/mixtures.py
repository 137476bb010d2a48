"""The mixtures of this installation, in ``SIT_HOME/mixtures``: laid down, found again, handed out.

A folder each: ``mixture.yaml`` as it was asked for, the training file, and beside it what
`write_mixture` puts there.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sit_core import names
from sit_core.augment.config import MixtureConfig, read_mixture
from sit_core.augment.rows import ROW_FORMATS, Row
from sit_core.config.yaml_file import to_yaml
from sit_core.errors import SitError, UsageError
from sit_core.files import write_text
from sit_core.records import Example
from sit_core.settings import settings

FOLDER = "mixtures"
ASKED = "mixture.yaml"


@dataclass(frozen=True, slots=True)
class StoredMixture:
    """One stored mixture."""

    name: str
    folder: Path
    config: MixtureConfig
    made: Mapping[str, Any]
    """The manifest's counts."""

    @property
    def train(self) -> Path:
        """The training file."""
        return self.folder / str(self.made["train"]["file"])

    @property
    def held_out(self) -> Path | None:
        """The held-out file, if there is one."""
        held = self.made.get("held_out")
        return self.folder / str(held["file"]) if held else None


def mixtures_folder(home: Path | None = None) -> Path:
    """The folder of all mixtures."""
    return (home or settings().home) / FOLDER


def words_for(name: str, home: Path | None = None) -> list[str]:
    """The words after ``sit`` that make the mixture of this name."""
    folder = names.folder_of(mixtures_folder(home), name)
    return ["augment", f"--config={folder / ASKED}", f"--out={folder / f'{folder.name}.jsonl'}"]


def name_of(words: list[str] | tuple[str, ...], home: Path | None = None) -> str | None:
    """The mixture that a command makes, if it is a stored one."""
    if len(words) == 3 and words[0] == "augment" and words[2].startswith("--out="):
        folder = Path(words[2].removeprefix("--out=")).parent
        return names.name_of(folder) if folder.parent == mixtures_folder(home) else None
    return None


def lay_down(name: str, config: MixtureConfig, home: Path | None = None) -> Path:
    """Keep what is asked for under a name, for a job to make; returns the YAML's path.

    Raises:
        UsageError: the name can't be used, or is taken by a mixture that was made.
        SitError: it can't be written.
    """
    name = names.new_name(name, "mixture")
    folder = names.folder_of(mixtures_folder(home), name)
    if (folder / f"{folder.name}.manifest.yaml").exists():
        raise UsageError(f"There is a mixture {name!r} already; choose another name.")
    head = f"sit augment --config {ASKED} --out {folder.name}.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names.note_name(folder, name)
        path = folder / ASKED
        write_text(path, to_yaml(config, head=head))
    except OSError as error:
        raise SitError(f"The mixture can't be kept in {folder}: {error.strerror}.") from None
    return path


def mixtures(home: Path | None = None) -> list[StoredMixture]:
    """All that were made, by name; what can't be read is left out."""
    found = []
    for path in sorted(mixtures_folder(home).glob("*/*.manifest.yaml")):
        try:
            config = read_mixture(path)
        except SitError:
            continue
        if config.made and isinstance(config.made.get("train"), Mapping):
            found.append(
                StoredMixture(names.name_of(path.parent), path.parent, config, config.made)
            )
    return found


def in_format(path: Path, form: str) -> Iterator[bytes]:
    """The lines of a training file in one of `ROW_FORMATS`, whichever it was written in.

    Raises:
        SitError: there is no such format, or the file can't be read.
    """
    writer = ROW_FORMATS.get(form)
    try:
        with path.open("rb") as file:
            for line in file:
                row = json.loads(line)
                yield json.dumps(_as(row, form, writer), ensure_ascii=False).encode() + b"\n"
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise SitError(f"The file {path.name} can't be read ({type(error).__name__}).") from None


def _as(row: Row, form: str, writer: Any) -> Row:
    """A row in another format; one of messages has its instruction and input in one text."""
    given = "messages" if "messages" in row else "alpaca"
    if given == form:
        return row
    if given == "alpaca":
        system = {"system": row["system"]} if "system" in row else {}
        example = Example(row["instruction"], row["input"], meta=system)
        made = writer(example, row["output"])
        used = {"instruction", "input", "output", "system"}
    else:
        said = {turn["role"]: turn["content"] for turn in row["messages"]}
        system = {"system": said["system"]} if "system" in said else {}
        made = writer(Example(said["user"], meta=system), said["assistant"])
        used = {"messages"}
    return {**made, **{name: value for name, value in row.items() if name not in used}}

"""A set of instructions on disk: ``SIT_HOME/seq_instruct/NAME``.

``config.yaml``, a file of records per iteration (``iteration-0.jsonl`` are the seeds; line n is the
instruction at place n in each of them), its index beside it, ``open.jsonl`` with the replies of the
wave that is under way, and what was exported.
"""

import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from sit_core.config.parse import to_plain
from sit_core.config.yaml_file import to_yaml
from sit_core.errors import SitError, UsageError
from sit_core.files import write_text
from sit_core.names import folder_of, new_name, note_name
from sit_core.seq_instruct.config import SeqInstructConfig, read_config
from sit_core.settings import settings

FOLDER = "seq_instruct"
WITHOUT_EFFECT = ("prices", "wave", "format", "failed", "iterations", "made")
"""What may be another when it is gone on with: it changes nothing that was made."""
WITHOUT_EFFECT_OF_WRITER = ("base_url", "key_env", "device", "batch_tokens", "in_flight", "prices")


@dataclass(frozen=True, slots=True)
class SetFolder:
    """The places of one set."""

    name: str
    home: Path
    inside: str = ""
    """A folder in it that holds the same kind of files for a while."""

    @classmethod
    def of(cls, name: str, home: Path | None = None) -> "SetFolder":
        """In this installation's SIT_HOME.

        Raises:
            UsageError: it can't be a name.
        """
        return cls(new_name(name, "set of instructions"), home or settings().home)

    @property
    def path(self) -> Path:
        """The folder."""
        return folder_of(self.home / FOLDER, self.name) / self.inside

    @property
    def config(self) -> Path:
        """What it was asked for."""
        return self.path / "config.yaml"

    @property
    def seeds(self) -> Path:
        """The seeds; there once all of them were read."""
        return self.records(0)

    @property
    def open(self) -> Path:
        """The replies of the wave that is under way."""
        return self.path / "open.jsonl"

    @property
    def job(self) -> Path:
        """The number of the job that works, or worked last, on it."""
        return self.path / "job"

    @property
    def known(self) -> Path:
        """What the result depends on beside the configuration: sources' and prompts' hashes."""
        return self.path / "known.json"

    def records(self, iteration: int) -> Path:
        """The records of an iteration."""
        return self.path / f"iteration-{iteration}.jsonl"

    def index(self, iteration: int) -> Path:
        """What is in them, in short."""
        return self.path / f"iteration-{iteration}.index.jsonl"

    def export(self, iteration: int) -> Path:
        """The training file of an iteration."""
        return self.path / f"{self.path.name}.{iteration}.jsonl"

    def make(self) -> None:
        """Make the folder.

        Raises:
            OSError: it can't be made.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        if not self.inside:
            note_name(self.path, self.name)

    def begun(self) -> bool:
        """Whether its seeds were read."""
        return self.seeds.exists()

    def asked(self) -> SeqInstructConfig:
        """Its configuration.

        Raises:
            UsageError: there is none, or it can't be read.
        """
        return read_config(self.config)

    def lay_down(self, config: SeqInstructConfig) -> None:
        """Keep what is asked for; a set that was begun may only change what changes nothing made.

        Raises:
            UsageError: it was begun with other settings.
            SitError: it can't be written.
        """
        if self.begun():
            differs = differences(self.asked(), config)
            if differs:
                raise UsageError(
                    f"There is a set {self.name} with other settings ({', '.join(differs[:6])}); "
                    f"choose another name, or delete {self.path}."
                )
        head = f"sit seq-instruct --name {shlex.quote(self.name)}"
        try:
            self.make()
            write_text(self.config, to_yaml(replace(config, made=None), head=head))
        except OSError as error:
            raise SitError(f"{self.path} can't be written: {error.strerror}.") from None


def differences(one: SeqInstructConfig, other: SeqInstructConfig) -> list[str]:
    """The settings that make another result."""
    a, b = (_effective(to_plain(config, defaults=True)) for config in (one, other))
    return [name for name in a if a[name] != b[name]]


def _effective(plain: dict[str, object]) -> dict[str, object]:
    found = {k: v for k, v in plain.items() if k not in WITHOUT_EFFECT}
    for name, value in found.items():
        if isinstance(value, dict) and "model" in value:
            found[name] = {k: v for k, v in value.items() if k not in WITHOUT_EFFECT_OF_WRITER}
    return found

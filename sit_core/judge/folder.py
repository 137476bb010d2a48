"""A judge is a folder: ``judge.yaml`` (what kind, how it generates) and the texts it is told.

Those that come with the program are in ``data/judges``, one's own in ``SIT_HOME/judges`` or
wherever a path points to. The hash of settings and texts is part of a judge's name in the store,
so that a judge who is told something else is another judge.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sit_core.config.parse import to_plain
from sit_core.config.yaml_file import read_yaml, to_yaml
from sit_core.errors import SitError, UsageError
from sit_core.files import write_text
from sit_core.judge.judge_types import KINDS, JudgeType
from sit_core.judge.prompting import places_in
from sit_core.registry import unknown
from sit_core.settings import DATA, settings, user_path

SHIPPED = DATA / "judges"
SETTINGS_FILE = "judge.yaml"
PROMPT_FILE = "prompt.txt"
MAX_PROMPT = 100_000
"""Characters of a prompt text."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


@dataclass(frozen=True)
class JudgeGeneration:
    """How a judge's replies are made; part of who the judge is."""

    max_new_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    seed: int = 0


@dataclass(frozen=True)
class JudgeSettings:
    """What ``judge.yaml`` says."""

    kind: str
    description: str = ""
    version: int = 1
    lowest: float = 1.0
    """The worst quality that the judge may give."""
    highest: float = 5.0
    generation: JudgeGeneration = field(default_factory=JudgeGeneration)

    def faults(self) -> Iterator[str]:
        """What is wrong with the values."""
        if self.kind not in KINDS:
            yield unknown("kind of judge", self.kind, list(KINDS))
        if not self.lowest < self.highest:
            yield "The lowest quality must be below the highest."


@dataclass(frozen=True)
class Judge:
    """A judge as its folder describes it."""

    name: str
    """The folder's name."""
    settings: JudgeSettings
    prompt: str
    folder: Path | None = None
    """None for one that was never written."""

    @property
    def kind(self) -> JudgeType:
        """What it is asked, and how its replies are read."""
        return KINDS.get(self.settings.kind)

    @property
    def sha256(self) -> str:
        """Of all that its verdicts depend on besides the model; not of its description."""
        said = to_plain(self.settings, defaults=True)
        del said["description"]
        packed = json.dumps([said, self.prompt], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def prompt_sha256(self) -> str:
        """Of the prompt's text."""
        return hashlib.sha256(self.prompt.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def shipped(self) -> bool:
        """Whether it came with the program."""
        return self.folder is not None and self.folder.parent == SHIPPED

    def faults(self) -> Iterator[str]:
        """What is wrong with the prompt."""
        if len(self.prompt) > MAX_PROMPT:
            yield f"{PROMPT_FILE}: A prompt may have {MAX_PROMPT:,} characters at most."
            return
        there, kind = places_in(self.prompt), self.kind
        for name in sorted(there - kind.places):
            yield f"{PROMPT_FILE}: " + unknown("place", f"{{{name}}}", _braced(kind.places))
        lacking = sorted(kind.needed - there)
        if lacking:
            yield f"{PROMPT_FILE}: The prompt must hold {', '.join(_braced(lacking))}."


def _braced(names: Mapping[str, str] | frozenset[str] | list[str]) -> list[str]:
    return [f"{{{name}}}" for name in sorted(names)]


def own_folder(home: Path | None = None) -> Path:
    """Where one's own judges are."""
    return (home or settings().home) / "judges"


def judges(home: Path | None = None) -> list[str]:
    """The names of the judges there are: those of the program, then one's own."""
    found = []
    for place in (SHIPPED, own_folder(home)):
        if place.is_dir():
            found += sorted(p.name for p in place.iterdir() if (p / SETTINGS_FILE).is_file())
    return list(dict.fromkeys(found))


def load_judge(name: str, home: Path | None = None) -> Judge:
    """The judge of that name, or in the folder at that path (a name with a slash).

    Raises:
        SitError: there is none of that name.
        UsageError: its folder lacks something, or all that is wrong with what is in it.
    """
    if "/" in name or "\\" in name or name.startswith("~"):
        folder = user_path(name).absolute()
        if not folder.is_dir():
            raise UsageError(f"There is no folder {name!r} with a judge.")
    else:
        # One's own never hides the program's: the same name means the same judge everywhere.
        places = [p / name for p in (SHIPPED, own_folder(home)) if _NAME.fullmatch(name)]
        there = [p for p in places if (p / SETTINGS_FILE).is_file()]
        if not there:
            raise SitError(unknown("judge", name, judges(home)))
        folder = there[0]
    said = read_yaml(JudgeSettings, _read(folder / SETTINGS_FILE), f"{folder.name}/{SETTINGS_FILE}")
    judge = Judge(folder.name, said, _read(folder / PROMPT_FILE), folder)
    _check(judge)
    return judge


def save_judge(judge: Judge, home: Path | None = None) -> Judge:
    """Write a judge as one of one's own, in ``SIT_HOME/judges``; one that is there is replaced.

    Raises:
        UsageError: its name will not do or is one of the program's, or all that is wrong with it.
    """
    if not _NAME.fullmatch(judge.name):
        raise UsageError(
            "A judge's name is of letters, digits, '.', '_' and '-', 60 of them at most."
        )
    if (SHIPPED / judge.name).exists():
        raise UsageError(f"The judge {judge.name!r} comes with the program; choose another name.")
    _check(judge)
    folder = own_folder(home) / judge.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / PROMPT_FILE, judge.prompt)
        # Last: a folder without it is no judge yet.
        write_text(folder / SETTINGS_FILE, to_yaml(judge.settings))
    except OSError as error:
        raise SitError(f"The judge can't be written to {folder} ({error.strerror}).") from None
    return load_judge(judge.name, home)


def _check(judge: Judge) -> None:
    faults = [*judge.settings.faults()] or [*judge.faults()]
    faults += _faults_of_generation(judge.settings.generation)
    if faults:
        raise UsageError(f"The judge {judge.name}: {' '.join(faults)}")


def _faults_of_generation(generation: JudgeGeneration) -> list[str]:
    from sit_core.models import GenerationSettings

    try:
        GenerationSettings(**to_plain(generation, defaults=True))
    except UsageError as error:
        return [f"generation: {error}"]
    return []


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"The judge {path.parent.name!r} lacks its file {path.name}.") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(f"{path.parent.name}/{path.name} can't be read: {reason}.") from None

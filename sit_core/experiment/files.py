"""Where experiments' files are: those that come with the program, and those that were run here.

What is run is kept in ``SIT_HOME/experiments``, so that the page and a resumed job know it wherever
the file came from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sit_core.config.yaml_file import file_text, read_yaml
from sit_core.errors import SitError, UsageError
from sit_core.experiment.config import ExperimentConfig
from sit_core.files import write_text
from sit_core.names import clean_name, slug
from sit_core.registry import unknown
from sit_core.settings import DATA, settings, user_path

SHIPPED = DATA / "experiments"


@dataclass(frozen=True)
class ExperimentFile:
    """One file."""

    name: str
    """As it is asked for: ``microlab/table-5``, or a path."""
    path: Path
    text: str

    def config(self) -> ExperimentConfig:
        """What it says.

        Raises:
            UsageError: all that is wrong with it.
        """
        return read_yaml(ExperimentConfig, self.text, self.name)


def shipped_files() -> list[str]:
    """The names of those that come with the program."""
    return sorted(
        path.relative_to(SHIPPED).with_suffix("").as_posix() for path in SHIPPED.rglob("*.yaml")
    )


def find_file(named: str) -> ExperimentFile:
    """The file of a path, the name of one that ships, or the name of an experiment that was run.

    Raises:
        UsageError: there is none.
    """
    path = user_path(named)
    if not path.is_file():
        known = {name: SHIPPED / f"{name}.yaml" for name in shipped_files()}
        known |= {one.name: one.path for one in kept_files()}
        if named not in known:
            if path.suffix in (".yaml", ".yml"):
                raise UsageError(f"There is no file {named}.")
            raise UsageError(unknown("experiment", named, list(known)))
        path = known[named]
    return ExperimentFile(named, path, file_text(path))


def kept_files() -> list[ExperimentFile]:
    """The experiments that were run here, as they were last run, by their own names."""
    found = []
    for path in sorted((settings().home / "experiments").glob("*.yaml")):
        try:
            text = file_text(path)
            config = read_yaml(ExperimentConfig, text, path.name)
        except SitError:
            continue  # written by hand, or by a later version
        found.append(ExperimentFile(clean_name(config.name), path, text))
    return found


def keep_file(config: ExperimentConfig, text: str) -> Path:
    """Keep an experiment as it is run now.

    Raises:
        OSError: it can't be written.
    """
    folder = settings().home / "experiments"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{slug(clean_name(config.name))}.yaml"
    write_text(path, text)
    return path


def read_experiments(named: Sequence[str]) -> list[tuple[ExperimentFile, ExperimentConfig]]:
    """Files with what they say.

    Raises:
        UsageError: all that is wrong with any.
    """
    found, faults = [], []
    for name in named:
        try:
            file = find_file(name)
            found.append((file, file.config()))
        except UsageError as error:
            faults.append(str(error))
    names = [clean_name(config.name) for _, config in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        faults.append(f"Several files are the experiment {', '.join(twice)}.")
    if faults:
        raise UsageError(" ".join(faults))
    return found

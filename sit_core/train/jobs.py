"""Trainings as jobs: laid down, started, found again; one job at a time works on each."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.files import write_text
from sit_core.jobs import Job, current_job, start_job
from sit_core.jobs.worker import JobProcess
from sit_core.names import name_of
from sit_core.settings import settings
from sit_core.store import Store
from sit_core.train.action import ACTION
from sit_core.train.config import TrainingConfig, as_yaml
from sit_core.train.data import look
from sit_core.train.folder import TrainingFolder
from sit_core.train.lengths import Measured, measured
from sit_core.train.run import find_base


@contextmanager
def taken_up(
    store: Store, config: TrainingConfig, job: AbstractContextManager[JobProcess]
) -> Iterator[JobProcess]:
    """Let the job be the one that works on this training.

    Raises:
        SitError: another one does.
    """
    folder = TrainingFolder.of(config.name)
    with job as work:
        other = job_of(store, folder)
        if other is not None and other.active and other.id != work.job.id:
            raise SitError(f"The job {other.id} is training {config.name} already.")
        folder.make()
        write_text(folder.job, f"{work.job.id}\n")
        yield work


def job_of(store: Store, folder: TrainingFolder) -> Job | None:
    """The job that works, or worked last, on a training; None where none is known."""
    try:
        return current_job(store, int(folder.job.read_text(encoding="ascii")))
    except (OSError, ValueError, SitError):
        return None


@dataclass(frozen=True, slots=True)
class TokenSizes:
    """The rows of a configuration in tokens, before anything is decided on the longer ones."""

    train: Measured
    held_out: Measured
    context: int | None
    """Tokens that the model can read; None where it names no limit."""
    known: dict[str, Any]
    """Counts and names of the files."""


def measure(config: TrainingConfig, report: Callable[..., None] = lambda *_: None) -> TokenSizes:
    """Read and tokenize the rows, and keep their lengths.

    Raises:
        SitError: the base's tokenizer or the data can't be had.
    """
    place, _ = find_base(config)
    found = look(config, place, report)
    return TokenSizes(measured(found.train), measured(found.held_out), found.context, found.known)


def words_for(name: str) -> list[str]:
    """The words after ``sit`` that begin this training, or go on with it."""
    return ["train", f"--config={TrainingFolder.of(name).config}"]


def start(store: Store, config: TrainingConfig) -> Job:
    """Lay the configuration down and start the job that trains by it.

    Raises:
        SitError: there is a training of that name, or it can't be started.
    """
    folder = TrainingFolder.of(config.name)
    before = job_of(store, folder)
    if folder.curves.exists() or folder.result(config).exists() or (before and before.active):
        raise SitError(f"There is a training {config.name} already; choose another name.")
    try:
        folder.make()
        write_text(folder.config, as_yaml(config, str(folder.config)))
    except OSError as error:
        raise SitError(f"{folder.path} can't be written: {error.strerror}.") from None
    job = start_job(store, words_for(config.name), title=ACTION.title(config))
    write_text(folder.job, f"{job.id}\n")
    return job


def delete_training(store: Store, name: str) -> None:
    """Remove what a training kept to go on; its result stays.

    Raises:
        SitError: it is under way.
    """
    folder = TrainingFolder.of(name)
    job = job_of(store, folder)
    if job is not None and job.active:
        raise SitError(f"The training {name} is under way; cancel it first.")
    shutil.rmtree(folder.path, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Training:
    """One of the trainings of this installation."""

    folder: TrainingFolder
    job: Job | None
    begun: float
    """When its configuration was last written, in seconds since 1970."""


def trainings(store: Store, home: Path | None = None) -> list[Training]:
    """All of them, the newest first."""
    home = home or settings().home
    found = []
    for path in (home / "training").glob("*/config.yaml"):
        folder = TrainingFolder(name_of(path.parent), home)
        found.append(Training(folder, job_of(store, folder), path.stat().st_mtime))
    return sorted(found, key=lambda one: (-one.begun, one.folder.name))

"""Trainings as jobs: one at a time for each name, and which job works on which training."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sit_core.errors import SitError
from sit_core.jobs import Job, current_job
from sit_core.jobs.worker import Worker
from sit_core.settings import settings
from sit_core.store import Store
from sit_core.training.config import TrainingConfig
from sit_core.training.folder import TrainingFolder, write_text


@contextmanager
def taken_up(
    store: Store, config: TrainingConfig, job: AbstractContextManager[Worker]
) -> Iterator[Worker]:
    """Let the job be the one that works on this training.

    Raises:
        SitError: another one does.
    """
    folder = TrainingFolder.of(config.name)
    with job as work:
        other = job_of(store, folder)
        if other is not None and other.active and other.id != work.job.id:
            raise SitError(f"The job {other.id} is training {config.name} already.")
        folder.path.mkdir(parents=True, exist_ok=True)
        write_text(folder.job, f"{work.job.id}\n")
        yield work


def job_of(store: Store, folder: TrainingFolder) -> Job | None:
    """The job that works, or worked last, on a training; None where none is known."""
    try:
        return current_job(store, int(folder.job.read_text(encoding="ascii")))
    except (OSError, ValueError, SitError):
        return None


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
        folder = TrainingFolder(path.parent.name, home)
        found.append(Training(folder, job_of(store, folder), path.stat().st_mtime))
    return sorted(found, key=lambda one: (-one.begun, one.folder.name))

"""Sets as jobs: laid down, started, found again; one job at a time works on each."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

from sit_core.errors import SitError, UsageError
from sit_core.jobs import Job, current_job, start_job
from sit_core.jobs.worker import JobProcess
from sit_core.seq_instruct.action import title_of
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.folder import SetFolder
from sit_core.settings import settings
from sit_core.store import Store


def words_for(name: str) -> list[str]:
    """The words after ``sit`` that make this set, or go on with it."""
    return ["seq-instruct", f"--name={name}"]


def name_of(words: list[str] | tuple[str, ...]) -> str | None:
    """The set that a command makes, if it makes one."""
    if list(words[:1]) != ["seq-instruct"]:
        return None
    return next((w.removeprefix("--name=") for w in words if w.startswith("--name=")), None)


def start_set(store: Store, name: str, config: SeqInstructConfig) -> Job:
    """Lay the configuration down and start the job that makes the set, or goes on with it.

    Raises:
        SitError: the name is taken by a set with other settings, a job is at work on it, or it
            can't be started.
    """
    folder = SetFolder.of(name)
    before = job_of(store, name)
    if before is not None and before.active:
        raise SitError(f"The job {before.id} is making the set {name} already.")
    for variable in config.key_variables():
        settings().check_key_variable(variable)
    folder.lay_down(config)
    job = start_job(store, words_for(name), title=title_of(name, config))
    folder.job.write_text(f"{job.id}\n", encoding="ascii")
    return job


def job_of(store: Store, name: str) -> Job | None:
    """The job that works, or worked last, on a set; None where none is known."""
    try:
        return current_job(store, int(SetFolder.of(name).job.read_text(encoding="ascii")))
    except (OSError, ValueError, SitError):
        return None


@contextmanager
def taken_up(
    store: Store, name: str, job: AbstractContextManager[JobProcess]
) -> Iterator[JobProcess]:
    """Let the job be the one that works on this set.

    Raises:
        SitError: another one does.
    """
    folder = SetFolder.of(name)
    with job as work:
        other = job_of(store, name)
        if other is not None and other.active and other.id != work.job.id:
            raise SitError(f"The job {other.id} is making the set {name} already.")
        folder.make()
        folder.job.write_text(f"{work.job.id}\n", encoding="ascii")
        yield work


def delete_set(store: Store, name: str) -> None:
    """Remove a set and all that was made of it.

    Raises:
        SitError: a job is at work on it, or there is none.
    """
    folder = SetFolder.of(name)
    job = job_of(store, name)
    if job is not None and job.active:
        raise SitError(f"The job {job.id} is making the set {name}; cancel it first.")
    if not folder.path.is_dir():
        raise UsageError(f"There is no set of instructions {name!r}.")
    with suppress(OSError):
        shutil.rmtree(folder.path)

"""Start a job, cancel it, start the same one again."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from sit_core.errors import OutOfReach, SitError
from sit_core.jobs.log import log_path
from sit_core.jobs.process import ask_to_end, identity, kill, this_host
from sit_core.jobs.watch import GRACE_SECONDS, current_job, exit_codes
from sit_core.settings import settings
from sit_core.store import Store
from sit_core.store.jobs import (
    Job,
    JobState,
    add_job,
    ask_cancel,
    end_job,
    get_job,
    requeue,
    set_process,
)

VARIABLE = "SIT_JOB"
KEY_OPTIONS = ("--key-env=", "--judge-key-env=")
"""Words that name the variable of a key begin so."""
ROOT = Path(__file__).parents[2]


def start_job(
    store: Store,
    command: Sequence[str],
    *,
    title: str,
    run: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Job:
    """Start ``sit COMMAND…`` as a process of its own that outlives this one.

    Args:
        store: where its state is kept; the process opens the same one.
        command: the words after ``sit``; stored and shown, so never a secret.
        title: one line for people.
        run: the run that it writes, if it writes one.
        environ: variables to add to the process's environment (a key); stored nowhere.

    Raises:
        SitError: the process can't be started, or the command names a variable as a key that may
            not be one.
    """
    _check_keys(command)
    job = add_job(store, command, title=title, folder=str(Path.cwd()), host=this_host(), run=run)
    _spawn(store, job, environ or {})
    return get_job(store, job.id)


def resume_job(store: Store, job_id: int, environ: Mapping[str, str] | None = None) -> Job:
    """Start an ended job's command again under the same number; it goes on where it was.

    Raises:
        SitError: there is no such job, it is under way, or its process can't be started.
    """
    job = current_job(store, job_id)
    if job.active:
        raise SitError(f"The job {job_id} is {job.state}; there is nothing to resume.")
    _check_keys(job.command)
    if job.host == this_host() and job.pid is not None:
        kill(job.pid, job.process)  # one that was given up because it was silent
    if not requeue(store, job, host=this_host()):
        raise SitError(f"The job {job_id} was started again by somebody else just now.")
    _spawn(store, get_job(store, job_id), environ or {})
    return get_job(store, job_id)


def cancel_job(store: Store, job_id: int, *, wait: float = 0.0) -> Job:
    """Ask a job to stop; what it has written is kept. After `GRACE_SECONDS` it is killed.

    Args:
        store: the store.
        job_id: which one.
        wait: seconds to wait for its end at most; without, the next look at it sees to that.

    Raises:
        SitError: there is no such job, or it has ended.
    """
    job = current_job(store, job_id)
    if not job.active or not ask_cancel(store, job):
        raise SitError(f"The job {job_id} has ended ({get_job(store, job_id).state}) already.")
    job = get_job(store, job_id)
    if job.host == this_host() and job.pid is not None:
        ask_to_end(job.pid, job.process, group=job.detached)
    until = time.monotonic() + wait
    job = current_job(store, job_id)
    while job.active and time.monotonic() < until:
        time.sleep(0.05)
        job = current_job(store, job_id)
    return job


def _check_keys(command: Sequence[str]) -> None:
    """Nothing but a key goes to an endpoint: whoever can open the app can name an address.

    The worker looks again, so that no other way of writing the option gets by.
    """
    for name in key_variables(command):
        settings().check_key_variable(name)


def key_variables(command: Sequence[str]) -> list[str]:
    """The variables that a command names as keys.

    >>> key_variables(["predict", "--key-env=MY_API_KEY", "--run=a"])
    ['MY_API_KEY']
    """
    return [word.partition("=")[2] for word in command if word.startswith(KEY_OPTIONS)]


def _spawn(store: Store, job: Job, environ: Mapping[str, str]) -> None:
    path = log_path(job.id)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab" if job.attempt > 1 else "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "sit_core.cli", *job.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=job.folder,
                env=_environment(store, job, environ),
                start_new_session=True,
            )
    except OSError as error:
        reason = f"The process can't be started: {error.strerror or error}"
        end_job(store, job, JobState.FAILED, f"{reason}.")
        raise SitError(f"{reason} ({error.filename or path}).") from None
    with suppress(OutOfReach):  # it notes its number itself when it takes up the job
        set_process(store, job, process.pid, identity(process.pid))
    threading.Thread(
        target=_wait, args=(process, (store.url, job.id, job.attempt)), daemon=True
    ).start()


def _wait(process: "subprocess.Popen[bytes]", attempt: tuple[str, int, int]) -> None:
    """Take note of the process's end, so that it is no zombie and its signal is known."""
    exit_codes[attempt] = process.wait()


def _environment(store: Store, job: Job, more: Mapping[str, str]) -> dict[str, str]:
    path = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        **more,
        "SIT_HOME": str(settings().home),
        "SIT_DATABASE_URL": store.url,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{path}" if path else str(ROOT),
        "PYTHONUNBUFFERED": "1",
        VARIABLE: str(job.id),
    }


__all__ = ["GRACE_SECONDS", "VARIABLE", "cancel_job", "resume_job", "start_job"]

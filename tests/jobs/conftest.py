"""Real processes for the tests of jobs: a verb `pretend` that they know, and bounded waiting."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sit_core.jobs import Job, current_job, current_jobs
from sit_core.jobs.process import is_alive, kill
from sit_core.store import Store

SITE = """\
import os
if os.environ.get("SIT_JOB"):
    from sit_core.cli import VERBS
    VERBS["pretend"] = ("tests.jobs.pretend:pretend", "for tests")
"""


def until(condition: Callable[[], object], seconds: float = 40.0) -> None:
    """Wait until it holds; fails when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def ended(store: Store, job: Job) -> Job:
    """The job after its end."""
    until(lambda: not current_job(store, job.id).active)
    return current_job(store, job.id)


def kill_nine(job: Job) -> None:
    """End the job's process by its own pid, and see it gone with all its threads.

    Its first thread may be gone while another, which still has its connections, is about to go.
    """
    assert job.pid is not None
    threads = Path(f"/proc/{job.pid}/task")
    os.kill(job.pid, signal.SIGKILL)
    until(lambda: not is_alive(job.pid, job.process) and _count(threads) < 2)


def _count(folder: Path) -> int:
    try:
        return len(list(folder.iterdir()))
    except OSError:
        return 0


@pytest.fixture
def verbs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    """Jobs know the verb `pretend`; whatever a test leaves running is ended."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    monkeypatch.setenv("PYTHONPATH", str(site))
    yield
    for job in current_jobs(store):
        if job.active and job.pid is not None:
            kill(job.pid, job.process)

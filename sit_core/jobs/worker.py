"""Inside the job's process: claim it, beat, report progress, stop when told to, say how it ended.

Any verb can tell how far it is, whether it runs as a job or in a terminal::

    with joined(store, ["predict", …], title="…", run="…") as work:
        work.report(done, total, "…")
"""

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from sit_core.errors import SitError, no_room
from sit_core.jobs.process import identity, this_host
from sit_core.jobs.watch import look_at_all
from sit_core.store import Store, open_store
from sit_core.store.jobs import Job, JobState, add_job, beat, claim_job, end_job, get_job

BEAT_SECONDS = 1.0
KEPT = "what was written is kept"


class Stopped(KeyboardInterrupt):
    """The job was asked to stop: unwinds like Ctrl-C, so that what is open gets closed."""


class JobProcess:
    """This process as a job; a context manager around its work."""

    def __init__(self, store: Store, job: Job) -> None:
        self.store = store
        self.job = job
        self.stop = threading.Event()
        """Set when the work is to end; for work that can't be interrupted by an exception."""
        self._patient = False
        self._progress: tuple[int | None, int | None, str] = (None, None, "")
        self._first_done: int | None = None
        self._counting_since: float | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beats, daemon=True, name="heartbeat")
        self._before: Any = None

    def report(self, done: int | None, total: int | None = None, message: str = "") -> None:
        """How far the work is; cheap, the next beat writes it.

        Raises:
            Stopped: the job was asked to stop.
        """
        before = self._progress[0]
        if self._counting_since is None and before is not None and (done or 0) > before:
            # Loading is over, the first thing is done: from here on the rate means something.
            self._first_done, self._counting_since = done, time.time()
        self._progress = (done, total, message)
        if self.stop.is_set() and not self._patient:
            raise Stopped

    @contextmanager
    def ending_by_itself(self) -> Iterator[None]:
        """Inside, a request to stop only sets `stop`: the work ends where it can be gone on with.

        It has to look often: one that does not end in time is killed.
        """
        self._patient = True
        try:
            yield
        finally:
            self._patient = False

    def __enter__(self) -> "JobProcess":
        pid = os.getpid()
        claimed = claim_job(self.store, self.job, host=this_host(), pid=pid, process=identity(pid))
        if not claimed:
            state = get_job(self.store, self.job.id).state
            raise SitError(f"The job {self.job.id} is {state}, not waiting to be begun.")
        look_at_all(self.store)  # what a killed one was writing is free to go on with
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, self._on_sigterm)
        self._thread.start()
        return self

    def _on_sigterm(self, _number: int, _frame: FrameType | None) -> None:
        if not self.stop.is_set():  # a second one must not disturb the tidying up
            self.stop.set()
            if not self._patient:
                raise Stopped

    def __exit__(self, kind: type[BaseException] | None, error: Any, _trace: Any) -> None:
        self._ended.set()
        self._thread.join()
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)
        with suppress(Exception):  # the last count; the end matters more
            self._beat()
        outcome = self._outcome(error)
        try:
            try:
                end_job(self.store, self.job, *outcome)
            except SitError:  # a full disk: what is in SQLite's log already makes room there
                self.store.empty_log()
                end_job(self.store, self.job, *outcome)
        except Exception as lost:  # noqa: BLE001 - nothing to do but say so; it will be seen as dead
            with suppress(OSError):  # the log may be on the same full disk
                said = str(lost) if isinstance(lost, SitError) else fault(lost)
                sys.stderr.write(f"sit: the job's end can't be stored: {said}\n")

    def _outcome(self, error: BaseException | None) -> tuple[JobState, str]:
        if error is None or (isinstance(error, SystemExit) and not error.code):
            return JobState.DONE, self._progress[2] or "Done."
        if isinstance(error, KeyboardInterrupt):
            asked = get_job(self.store, self.job.id).cancel_at is not None
            how = "Cancelled" if asked else "Its process was told to end from outside"
            return JobState.CANCELLED, f"{how}; {KEPT}."
        if isinstance(error, SitError):
            return JobState.FAILED, str(error)
        if isinstance(error, SystemExit):
            return JobState.FAILED, f"It ended with exit code {error.code}; see its log."
        return JobState.FAILED, fault(error)

    def _beats(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            try:
                goes_on = self._beat()
            except Exception:  # noqa: BLE001 - a busy or absent database: the next beat may do
                continue
            if not goes_on and not self.stop.is_set() and not self._ended.is_set():
                # From a thread: the handler runs in the main one, as for a signal from outside.
                if self._before is not None:
                    signal.raise_signal(signal.SIGTERM)
                else:
                    self.stop.set()

    def _beat(self) -> bool:
        done, total, message = self._progress
        return beat(
            self.store,
            self.job,
            done=done,
            total=total,
            first_done=self._first_done,
            started_at=self._counting_since,
            message=message,
        )


def fault(error: BaseException) -> str:
    """One sentence on an error that is no `SitError`; the log has its traceback."""
    if full := no_room(error):
        return f"{full} {KEPT.capitalize()}."
    said = " ".join(str(error).split())[:300]
    name = type(error).__name__
    return f"It stopped by an unexpected error ({name}{': ' if said else ''}{said}); see its log."


_current: JobProcess | None = None


def run_as_job(job_id: str, work: Callable[[], tuple[int, str]]) -> int:
    """Do the work of a whole command as the job of that number.

    Args:
        job_id: what `SIT_JOB` says.
        work: the command; returns its exit code and what it said if it failed.

    Returns:
        The exit code.
    """
    global _current
    try:
        store = open_store()
        worker = JobProcess(store, get_job(store, int(job_id) if job_id.isdecimal() else 0))
        code = 0
        with worker:
            _current = worker
            try:
                code, said = work()
            except Exception:
                traceback.print_exc()
                raise
            if code and worker.stop.is_set():
                raise Stopped
            if code:
                raise _Failed(said or f"It ended with exit code {code}; see its log.")
    except Stopped:
        sys.stderr.write(f"sit: stopped; {KEPT}\n")
        return 1
    except _Failed:
        return code
    except SitError as error:
        sys.stderr.write(f"sit: {error}\n")
        return 1
    except Exception:  # noqa: BLE001 - printed above
        return 1
    finally:
        _current = None
    return 0


class _Failed(SitError):
    """The command failed and has said so."""


@contextmanager
def joined(
    store: Store, command: Sequence[str], *, title: str, run: str | None = None
) -> Iterator[JobProcess]:
    """The job that this process is; one is made for a command called from a terminal.

    So that other terminals and the pages see it too, and no two write the same run.
    """
    if _current is not None:
        yield _current
        return
    job = add_job(
        store,
        command,
        title=title,
        folder=str(Path.cwd()),
        host=this_host(),
        run=run,
        detached=False,
    )
    with JobProcess(store, job) as worker:
        yield worker

"""The table of jobs: each change is one small transaction that says which state it starts from.

So of two that would change a job at once only one does, and a process that was taken for dead and
replaced can't write over its successor. What the states mean in processes and signals is the
business of `sit_core.jobs`.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update

from sit_core.errors import SitError
from sit_core.store.engine import Store
from sit_core.store.schema import jobs


class JobState(StrEnum):
    """Where a job is; the last four are ends."""

    QUEUED = "queued"
    """Its process was asked for and has not spoken yet."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DEAD = "dead"
    """Its process is gone without a word, or gives no sign."""


ACTIVE = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """One long action; times are seconds since 1970 (UTC)."""

    id: int
    title: str
    """One line for people; may hold names of runs and files."""
    command: tuple[str, ...]
    """The words after ``sit``."""
    run: str | None
    """The run it writes, if it writes one."""
    folder: str
    """Where it runs, so that the command's relative paths stay true."""
    detached: bool
    """Whether we started the process (and its group); False: somebody's terminal did."""
    state: JobState
    attempt: int
    """1, and one more for each time it was resumed."""
    host: str
    pid: int | None
    process: str | None
    """Tells the process apart from a later one with the same pid."""
    heartbeat_at: float | None
    done: int | None
    total: int | None
    first_done: int | None
    """What was done already at `started_at`."""
    message: str
    reason: str | None
    """Why it ended, in a sentence; None while it has not."""
    cancel_at: float | None
    """When somebody asked it to stop."""
    created_at: float
    queued_at: float
    """When this attempt was asked for."""
    started_at: float | None
    """When it began; once it has done something, when that was, so that loading spoils no rate."""
    ended_at: float | None

    @property
    def active(self) -> bool:
        """Whether it is (as far as the table knows) under way."""
        return self.state in ACTIVE

    @property
    def share(self) -> float | None:
        """How much is done, from 0 to 1; None where that is not known."""
        if self.done is None or not self.total:
            return None
        return min(1.0, max(0.0, self.done / self.total))

    @property
    def rate(self) -> float | None:
        """Things per second in this attempt; None where there is too little to tell."""
        if self.done is None or self.first_done is None or self.started_at is None:
            return None
        seconds = (self.ended_at or self.heartbeat_at or self.started_at) - self.started_at
        made = self.done - self.first_done
        return made / seconds if made > 0 and seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """What is left at this rate; None where that can't be told."""
        if self.total is None or self.done is None or not self.rate or not self.active:
            return None
        return max(0, self.total - self.done) / self.rate


_COLUMNS = [c for c in jobs.c if c.name in Job.__slots__]


def _job(row: Row[Any]) -> Job:
    values = dict(row._mapping)
    values["command"] = tuple(values["command"])
    values["state"] = JobState(values["state"])
    return Job(**values)


def add_job(
    store: Store,
    command: Sequence[str],
    *,
    title: str,
    folder: str,
    host: str,
    run: str | None = None,
    detached: bool = True,
) -> Job:
    """A new job, queued."""
    now = time.time()
    with store.write() as connection:
        made = connection.execute(
            insert(jobs).values(
                title=title,
                command=list(command),
                run=run,
                folder=folder,
                host=host,
                detached=detached,
                state=JobState.QUEUED,
                attempt=1,
                created_at=now,
                queued_at=now,
            )
        ).inserted_primary_key
    assert made is not None
    return get_job(store, made[0])


def get_job(store: Store, job_id: int) -> Job:
    """The job of that number.

    Raises:
        SitError: there is none.
    """
    with store.read() as connection:
        # The number may come from an address or a shell: larger ones no database could compare.
        row = None
        if 0 < job_id < 2**31:
            row = connection.execute(select(*_COLUMNS).where(jobs.c.id == job_id)).first()
    if row is None:
        raise SitError(f"There is no job {job_id}; `sit jobs` lists them.")
    return _job(row)


def list_jobs(
    store: Store, *, run: str | None = None, active: bool = False, limit: int = 500
) -> list[Job]:
    """Jobs as the table has them, the newest first (see `sit_core.jobs.current_jobs`)."""
    query = select(*_COLUMNS).order_by(jobs.c.id.desc()).limit(limit)
    if run is not None:
        query = query.where(jobs.c.run == run)
    if active:
        query = query.where(jobs.c.state.in_(ACTIVE))
    with store.read() as connection:
        return [_job(row) for row in connection.execute(query)]


def _change(
    store: Store, job_id: int, attempt: int, states: Sequence[str], /, **values: Any
) -> bool:
    """Change the job if it is in one of these states of this attempt; whether it was."""
    with store.write() as connection:
        return bool(
            connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id, jobs.c.attempt == attempt, jobs.c.state.in_(states))
                .values(**values)
            ).rowcount
        )


def set_process(store: Store, job: Job, pid: int, process: str | None) -> bool:
    """Note the process that was started for a queued job, before it speaks itself."""
    return _change(store, job.id, job.attempt, [JobState.QUEUED], pid=pid, process=process)


def claim_job(store: Store, job: Job, *, host: str, pid: int, process: str | None) -> bool:
    """The process takes up its queued job; False when the job waits for nobody."""
    now = time.time()
    return _change(
        store,
        job.id,
        job.attempt,
        [JobState.QUEUED],
        state=JobState.RUNNING,
        host=host,
        pid=pid,
        process=process,
        started_at=now,
        heartbeat_at=now,
    )


def beat(
    store: Store,
    job: Job,
    *,
    done: int | None,
    total: int | None,
    first_done: int | None,
    message: str,
    started_at: float | None = None,
) -> bool:
    """A sign of life with the progress; False when this attempt was asked or made to end.

    One that was taken for dead because it was silent for long is running again by this.
    """
    with store.write() as connection:
        mine = (jobs.c.id == job.id, jobs.c.attempt == job.attempt)
        connection.execute(
            update(jobs)
            .where(*mine, jobs.c.state.in_([JobState.RUNNING, JobState.DEAD]))
            .values(
                state=JobState.RUNNING,
                heartbeat_at=time.time(),
                done=done,
                total=total,
                first_done=first_done,
                message=message,
                reason=None,
                ended_at=None,
                **({} if started_at is None else {"started_at": started_at}),
            )
        )
        row = connection.execute(select(jobs.c.state, jobs.c.cancel_at).where(*mine)).first()
        return row is not None and row.state == JobState.RUNNING and row.cancel_at is None


def end_job(store: Store, job: Job, state: JobState, reason: str, *, said: bool = True) -> bool:
    """The end of an attempt.

    Args:
        store: the store.
        job: the job, of the attempt that ended.
        state: how it ended.
        reason: why, in a sentence.
        said: by the process itself; such a word corrects a mere assumption that it was dead.
    """
    states = [*ACTIVE, JobState.DEAD] if said else list(ACTIVE)
    return _change(
        store,
        job.id,
        job.attempt,
        states,
        state=state,
        reason=reason,
        ended_at=time.time(),
    )


def ask_cancel(store: Store, job: Job) -> bool:
    """Note that it should stop; False when it has ended already."""
    return _change(store, job.id, job.attempt, ACTIVE, cancel_at=time.time())


def requeue(store: Store, job: Job, *, host: str) -> bool:
    """An ended job waits for a process again, as its next attempt; False if another was faster."""
    return _change(
        store,
        job.id,
        job.attempt,
        [s for s in JobState if s not in ACTIVE],
        state=JobState.QUEUED,
        attempt=job.attempt + 1,
        detached=True,
        host=host,
        pid=None,
        process=None,
        first_done=None,
        reason=None,
        cancel_at=None,
        queued_at=time.time(),
        started_at=None,
        heartbeat_at=None,
        ended_at=None,
    )

"""Jobs as they really are: a process that is gone is recognised, not shown as running for ever."""

import time
from dataclasses import replace

from sit_core.errors import OutOfReach
from sit_core.jobs.log import last_words
from sit_core.jobs.process import before_this_boot, can_be_looked_up, is_alive, kill, this_host
from sit_core.store import Store
from sit_core.store.jobs import Job, JobState, end_job, get_job, list_jobs

SILENT_SECONDS = 120.0
"""A running job beats every second; a long import may keep the embedded database busy meanwhile."""
START_SECONDS = 60.0
"""A queued job without a process for so long was left behind by whoever started it."""
GRACE_SECONDS = 10.0
"""Between being asked to end and being made to."""

exit_codes: dict[tuple[str, int, int], int] = {}
"""(store's URL, job, attempt) → how its process ended, where this process was its parent."""


def current_jobs(store: Store, *, run: str | None = None, limit: int = 500) -> list[Job]:
    """All jobs, the newest first, after a look at the processes of those under way."""
    seen = {job.id: job for job in look_at_all(store)}
    return [seen.get(job.id, job) for job in list_jobs(store, run=run, limit=limit)]


def look_at_all(store: Store) -> list[Job]:
    """All jobs that the table had as under way, after a look at their processes.

    Called wherever it matters that nobody else is at work, so that a killed writer is in nobody's
    way: one of this host by its process, one of another host only once it has long been silent.
    """
    return [looked_at(store, job) for job in list_jobs(store, active=True)]


def current_job(store: Store, job_id: int) -> Job:
    """One job, after a look at its process.

    Raises:
        SitError: there is no such job.
    """
    return looked_at(store, get_job(store, job_id))


def looked_at(store: Store, job: Job, now: float | None = None) -> Job:
    """The job; ended first, if its process is gone or silent, or did not stop when asked to."""
    if not job.active:
        return job
    now = time.time() if now is None else now
    sign = job.heartbeat_at if job.heartbeat_at is not None else job.queued_at
    named = job.host == this_host()
    here = named and can_be_looked_up(job.process)
    if named and not here and before_this_boot(sign):
        return _ended(store, job, "Its machine was restarted")
    if here and job.pid is not None:
        if not is_alive(job.pid, job.process):
            return _ended(store, job, _gone(store, job))
        if job.cancel_at is not None and now - job.cancel_at > GRACE_SECONDS:
            kill(job.pid, job.process)
            return _ended(store, job, "It did not stop when asked to and was killed")
    elif here and (store.url, job.id, job.attempt) in exit_codes:  # its number could not be noted
        return _ended(store, job, _gone(store, job))
    elif job.pid is None and now - job.queued_at > START_SECONDS:
        return _ended(store, job, "Its process was never started")
    if now - sign > SILENT_SECONDS:
        where = "" if here else f" on {job.host}"
        return _ended(store, job, f"Its process{where} has given no sign for two minutes")
    return job


def _gone(store: Store, job: Job) -> str:
    code = exit_codes.get((store.url, job.id, job.attempt))
    if code is not None and code < 0:
        killed = f"Its process was killed by signal {-code}"
        return f"{killed} (mostly because memory ran out)" if code == -9 else killed
    if job.state == JobState.QUEUED:
        words = last_words(job.id)
        return f"Its process ended before it began{f': {words}' if words else ''}"
    return "Its process is gone (it was killed, or the machine was restarted)"


def _ended(store: Store, job: Job, reason: str) -> Job:
    if job.cancel_at is not None:
        state, more = JobState.CANCELLED, "; what was written is kept."
    else:
        state, more = JobState.DEAD, "; what was written is kept, and it can be resumed."
    try:
        end_job(store, job, state, reason + more, said=False)
        return get_job(store, job.id)  # as it is: the process may have had its last word meanwhile
    except OutOfReach:  # a full disk may be why it ended: seen as it is, noted once there is room
        return replace(job, state=state, reason=reason + more, ended_at=time.time())

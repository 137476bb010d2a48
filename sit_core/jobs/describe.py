"""A job in words: its command for a shell, its progress for a person."""

import shlex
from collections.abc import Sequence

from sit_core.store.jobs import Job, JobState


def command_line(command: Sequence[str]) -> str:
    """What to type to do the same in a terminal.

    >>> command_line(["predict", "--instruction=First repeat, then answer."])
    "sit predict '--instruction=First repeat, then answer.'"
    """
    return f"sit {shlex.join(command)}"


def progress_words(job: Job) -> str:
    """How far it is, how fast, how long it will take; numbers only, so it may go anywhere."""
    parts = []
    if job.done is not None and job.total:
        parts.append(f"{job.done:,} of {job.total:,}")
    if (rate := job.rate) is not None:
        parts.append(f"{rate:,.1f} per second" if rate >= 1 else f"{1 / rate:,.1f} seconds each")
    if (left := job.seconds_left) is not None and left > 0:
        parts.append(f"{duration(left)} left")
    return " · ".join(parts) or ("waiting to begin" if job.state == JobState.QUEUED else "at work")


def duration(seconds: float) -> str:
    """A length of time, roughly.

    >>> duration(0.2), duration(75), duration(4000), duration(200000)
    ('1 s', '75 s', '67 min', '56 h')
    """
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    if seconds < 100 * 60:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"

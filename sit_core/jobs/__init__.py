"""Long actions in processes of their own: they survive a closed browser and a restarted app.

A job runs an ordinary ``sit …`` command with ``SIT_JOB=ID`` in its environment, in a session of its
own, writing to ``SIT_HOME/jobs/ID/log``. Its state is in the database and nowhere else.
"""

from sit_core.jobs.describe import command_line, duration, progress_words
from sit_core.jobs.log import log_path, log_size, log_tail
from sit_core.jobs.start import cancel_job, resume_job, start_job
from sit_core.jobs.watch import current_job, current_jobs
from sit_core.store.jobs import Job, JobState

__all__ = [
    "Job",
    "JobState",
    "cancel_job",
    "command_line",
    "current_job",
    "current_jobs",
    "duration",
    "log_path",
    "log_size",
    "log_tail",
    "progress_words",
    "resume_job",
    "start_job",
]

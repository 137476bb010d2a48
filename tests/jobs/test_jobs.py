"""Jobs are processes of their own: killed, cancelled, resumed, and never shown as they are not."""

import errno
import os
import time
from pathlib import Path
from typing import cast

import pytest

from sit_core.errors import OutOfReach, SitError
from sit_core.jobs import (
    JobState,
    cancel_job,
    current_job,
    current_jobs,
    log_tail,
    resume_job,
    start_job,
)
from sit_core.jobs import watch as watching
from sit_core.jobs.process import identity, is_alive, this_host
from sit_core.jobs.worker import joined
from sit_core.store import Store
from sit_core.store.jobs import add_job, beat, claim_job, end_job, get_job
from tests.jobs.conftest import ended, kill_nine, until


def steps(folder: Path) -> list[str]:
    record = folder / "steps"
    return [line.split()[0] for line in record.read_text().splitlines()] if record.exists() else []


def start(store: Store, folder: Path, *more: str):
    return start_job(store, ["pretend", str(folder), *more], title="pretending", run="r")


@pytest.mark.usefixtures("verbs")
def test_a_job_runs_the_command_and_says_how_it_ended(store: Store, tmp_path: Path) -> None:
    started = start(store, tmp_path)
    assert started.active
    job = ended(store, started)
    assert (job.state, job.reason) == (JobState.DONE, "3 steps done")
    assert (job.done, job.total, job.attempt) == (3, 3, 1)
    assert steps(tmp_path) == ["0", "1", "2"]
    assert log_tail(job.id) == "step 0 done\nstep 1 done\nstep 2 done\n"


@pytest.mark.usefixtures("verbs")
def test_its_process_leads_a_session_of_its_own(store: Store, tmp_path: Path) -> None:
    job = start(store, tmp_path, "--gate", "0")
    until(lambda: steps(tmp_path))
    job = current_job(store, job.id)
    assert job.pid is not None
    assert os.getsid(job.pid) == job.pid != os.getsid(0)
    (tmp_path / "open").touch()
    assert ended(store, job).state == JobState.DONE


@pytest.mark.usefixtures("verbs")
def test_a_killed_job_is_seen_as_dead_and_resumed_does_nothing_twice(
    store: Store, tmp_path: Path
) -> None:
    job = start(store, tmp_path, "--gate", "1")
    until(lambda: len(steps(tmp_path)) == 2)
    kill_nine(current_job(store, job.id))
    dead = current_job(store, job.id)
    assert dead.state == JobState.DEAD
    assert "resumed" in (dead.reason or "")
    (tmp_path / "open").touch()
    again = resume_job(store, job.id)
    assert again.id == job.id
    done = ended(store, again)
    assert (done.state, done.attempt) == (JobState.DONE, 2)
    assert steps(tmp_path) == ["0", "1", "2"]
    assert log_tail(job.id) == "step 0 done\nstep 1 done\nstep 2 done\n"


@pytest.mark.usefixtures("verbs")
def test_a_cancelled_job_keeps_what_it_did(store: Store, tmp_path: Path) -> None:
    job = start(store, tmp_path, "--gate", "1")
    until(lambda: len(steps(tmp_path)) == 2)
    job = cancel_job(store, job.id, wait=30)
    assert (job.state, job.reason) == (
        JobState.CANCELLED,
        "Cancelled; what was written is kept.",
    )
    until(lambda: not is_alive(job.pid, job.process))
    assert steps(tmp_path) == ["0", "1"]
    with pytest.raises(SitError, match="has ended"):
        cancel_job(store, job.id)


@pytest.mark.usefixtures("verbs")
def test_a_job_that_does_not_listen_is_killed_after_the_grace(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sit_core.jobs.watch.GRACE_SECONDS", 0.2)
    job = start(store, tmp_path, "--gate", "0", "--deaf")
    until(lambda: steps(tmp_path))
    job = cancel_job(store, job.id, wait=30)
    assert job.state == JobState.CANCELLED
    assert "killed" in (job.reason or "")
    until(lambda: not is_alive(job.pid, job.process))


@pytest.mark.usefixtures("verbs")
@pytest.mark.parametrize(
    ("option", "reason"),
    [
        (["--fail"], "The pretended work can't be done; try another."),
        (["--bug"], "It stopped by an unexpected error (TypeError: a slip of the pen); see its"),
        (["--exit", "3"], "It ended with exit code 3; see its log."),
        (["--nonsense"], "No such option"),
    ],
)
def test_the_reason_of_a_failure_is_one_sentence(
    store: Store, tmp_path: Path, option: list[str], reason: str
) -> None:
    job = ended(store, start(store, tmp_path, *option))
    assert job.state == JobState.FAILED
    assert (job.reason or "").startswith(reason)


@pytest.mark.usefixtures("verbs")
def test_two_jobs_run_at_once(store: Store, tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    jobs = [start(store, folder, "--gate", "0") for folder in folders]
    until(lambda: all(steps(folder) for folder in folders))
    assert [j.state for j in current_jobs(store)] == [JobState.RUNNING] * 2
    for folder in folders:
        (folder / "open").touch()
    assert {ended(store, job).state for job in jobs} == {JobState.DONE}


@pytest.mark.usefixtures("verbs")
def test_a_key_given_to_a_job_is_stored_nowhere(store: Store, tmp_path: Path) -> None:
    job = start_job(
        store, ["pretend", str(tmp_path)], title="pretending", environ={"MY_KEY": "hush-hush"}
    )
    job = ended(store, job)
    assert "hush-hush" not in repr(job)
    assert "hush-hush" not in log_tail(job.id)


def running(store: Store, *, pid: int, process: str | None, host: str | None = None):
    """A job in the table that some process is said to run."""
    host = host or this_host()
    job = add_job(store, ["x"], title="x", folder="/", host=host, run="r")
    assert claim_job(store, job, host=host, pid=pid, process=process)
    return get_job(store, job.id)


def test_another_process_with_the_same_pid_is_not_taken_for_the_job(store: Store) -> None:
    mine = identity(os.getpid())
    assert watching.looked_at(store, running(store, pid=os.getpid(), process=mine)).active
    recycled = running(store, pid=os.getpid(), process="an earlier one")
    assert current_job(store, recycled.id).state == JobState.DEAD
    with pytest.raises(SitError, match="has ended"):
        cancel_job(store, recycled.id)  # and so this process lives on


def test_a_job_that_gives_no_sign_is_dead_and_lives_again_when_it_does(store: Store) -> None:
    job = running(store, pid=4, process="far away", host="another machine")
    assert watching.looked_at(store, job).active
    late = time.time() + watching.SILENT_SECONDS + 1
    dead = watching.looked_at(store, job, late)
    assert dead.state == JobState.DEAD
    assert "another machine" in (dead.reason or "")
    assert beat(store, job, done=1, total=2, first_done=0, message="awake")
    assert get_job(store, job.id).state == JobState.RUNNING


def test_a_queued_job_whose_process_was_never_started_is_dead(store: Store) -> None:
    job = add_job(store, ["x"], title="x", folder="/", host=this_host())
    assert watching.looked_at(store, job).active
    late = time.time() + watching.START_SECONDS + 1
    assert watching.looked_at(store, job, late).state == JobState.DEAD


def test_a_job_is_taken_up_once_and_an_older_attempt_can_say_nothing_more(store: Store) -> None:
    job = running(store, pid=4, process="far away", host="another machine")
    assert not claim_job(store, job, host="h", pid=5, process=None)
    assert end_job(store, job, JobState.DEAD, "silent", said=False)
    from sit_core.store.jobs import requeue

    assert requeue(store, job, host=this_host())
    assert not requeue(store, job, host=this_host())
    assert not beat(store, job, done=1, total=2, first_done=0, message="I am still here")
    assert not end_job(store, job, JobState.DONE, "me first")
    assert get_job(store, job.id).state == JobState.QUEUED


def test_a_cancelled_job_on_another_machine_learns_it_by_its_next_beat(store: Store) -> None:
    job = running(store, pid=4, process="far away", host="another machine")
    cancel_job(store, job.id)
    assert not beat(store, job, done=1, total=2, first_done=0, message="")


def test_a_job_that_is_done_says_so_though_it_was_thought_dead(store: Store) -> None:
    job = running(store, pid=4, process="far away", host="another machine")
    end_job(store, job, JobState.DEAD, "silent", said=False)
    assert end_job(store, job, JobState.DONE, "3 written")
    assert not end_job(store, job, JobState.DEAD, "silent", said=False)
    assert get_job(store, job.id).reason == "3 written"


def test_rate_and_time_left_count_from_where_this_attempt_began(store: Store) -> None:
    job = running(store, pid=4, process="far away", host="another machine")
    beat(store, job, done=150, total=200, first_done=100, message="")
    job = get_job(store, job.id)
    seconds = (job.heartbeat_at or 0) - (job.started_at or 0)
    assert job.share == 0.75
    assert job.rate == pytest.approx(50 / seconds)
    assert job.seconds_left == pytest.approx(seconds)


@pytest.mark.parametrize("number", [7, 0, -1, 2**70])
def test_a_job_that_does_not_exist_is_one_sentence(sqlite_store: Store, number: int) -> None:
    with pytest.raises(SitError, match="no job"):
        current_job(sqlite_store, number)


def test_a_folder_that_is_gone_is_one_sentence_and_a_failed_job(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.setattr(Path, "cwd", lambda: gone)
    with pytest.raises(SitError, match="can't be started"):
        start_job(sqlite_store, ["runs"], title="x")
    assert [j.state for j in current_jobs(sqlite_store)] == [JobState.FAILED]


class Full:
    """A store that can be read and not written, as on a full disk."""

    def __init__(self, store: Store) -> None:
        self.whole = store
        self.url, self.is_sqlite, self.read = store.url, store.is_sqlite, store.read

    def write(self):
        raise OutOfReach("The database can't be written (database or disk is full).")


def test_a_dead_job_is_seen_as_dead_though_that_can_not_be_noted(store: Store) -> None:
    gone = running(store, pid=os.getpid(), process="an earlier one")
    full = cast(Store, Full(store))
    (seen,) = current_jobs(full)
    assert seen.state == current_job(full, gone.id).state == JobState.DEAD
    assert "can be resumed" in (seen.reason or "")
    with pytest.raises(OutOfReach):
        resume_job(full, gone.id)
    assert get_job(store, gone.id).state == JobState.RUNNING  # nothing could be noted
    assert [job.state for job in current_jobs(store)] == [JobState.DEAD]
    assert get_job(store, gone.id).state == JobState.DEAD


@pytest.mark.usefixtures("verbs")
def test_a_job_whose_number_could_not_be_noted_notes_it_itself(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OutOfReach("The database can't be written (database is locked).")

    monkeypatch.setattr("sit_core.jobs.start.set_process", full)
    job = ended(store, start(store, tmp_path))
    assert (job.state, job.reason) == (JobState.DONE, "3 steps done")
    assert job.pid is not None


@pytest.mark.usefixtures("verbs")
def test_a_job_that_could_not_even_begin_says_what_its_process_said_last(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OutOfReach("The database can't be written (database is locked).")

    monkeypatch.setattr("sit_core.jobs.start.set_process", full)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    (tmp_path / "site" / "sitecustomize.py").write_text("raise SystemExit('no room at all')")
    job = ended(store, start(store, tmp_path))
    assert job.state == JobState.DEAD
    assert (job.reason or "").startswith("Its process ended before it began")
    assert "no room at all" in (job.reason or "")


def test_a_full_disk_in_the_work_is_one_sentence(sqlite_store: Store) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/a/file")
    with pytest.raises(OSError, match="No space"), joined(sqlite_store, ["x"], title="x"):
        raise full
    (job,) = current_jobs(sqlite_store)
    assert (job.state, job.reason) == (
        JobState.FAILED,
        "There is no room on the disk for /a/file; make some, then try again. "
        "What was written is kept.",
    )


def test_a_machine_or_container_of_the_same_name_is_judged_by_its_signs_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = identity(os.getpid())
    assert mine is not None
    boot, namespace, ticks = mine.split(":")
    monkeypatch.setattr(watching, "before_this_boot", lambda sign: False)
    for other in (f"{boot}:1{namespace}:{ticks}", f"another-boot:{namespace}:{ticks}"):
        job = running(store, pid=2**22 + 1, process=other)  # no such pid here
        assert watching.looked_at(store, job).active
        late = time.time() + watching.SILENT_SECONDS + 1
        assert watching.looked_at(store, job, late).state == JobState.DEAD
    gone = running(store, pid=2**22 + 1, process=mine)
    assert watching.looked_at(store, gone).state == JobState.DEAD


def test_a_process_from_before_the_machine_was_restarted_is_dead_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = running(store, pid=os.getpid(), process="another-boot:1:1")
    monkeypatch.setattr(watching, "before_this_boot", lambda sign: True)
    assert watching.looked_at(store, job).state == JobState.DEAD


def test_a_process_noted_by_an_earlier_version_is_known_still(store: Store) -> None:
    boot, _, ticks = (identity(os.getpid()) or "").split(":")
    assert is_alive(os.getpid(), f"{boot}:{ticks}")
    assert not is_alive(os.getpid(), f"{boot}:1{ticks}")
    assert watching.looked_at(
        store, running(store, pid=os.getpid(), process=f"{boot}:{ticks}")
    ).active

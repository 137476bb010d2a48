"""A visitor of the app can name no variable but a key's, by whatever way the job is started."""

import pytest

from sit_core.cli import main
from sit_core.errors import UsageError
from sit_core.jobs import JobState, current_jobs, resume_job, start_job
from sit_core.jobs.process import this_host
from sit_core.store import Store
from sit_core.store.jobs import add_job, end_job, get_job

WORDS = [
    "predict",
    "--backend=openai",
    "--model=m",
    "--base-url=http://localhost:1/v1",
    "--run=r",
    "--examples=x.jsonl",
]


def test_such_a_job_is_not_started_and_not_resumed(sqlite_store: Store) -> None:
    named = [*WORDS, "--key-env=DATABASE_PASSWORD"]
    with pytest.raises(UsageError, match="'DATABASE_PASSWORD' may not be used as a key"):
        start_job(sqlite_store, named, title="t")
    assert current_jobs(sqlite_store) == []
    job = add_job(sqlite_store, named, title="t", folder="/", host=this_host())
    end_job(sqlite_store, job, JobState.FAILED, "gone")
    with pytest.raises(UsageError, match="may not be used as a key"):
        resume_job(sqlite_store, job.id)
    assert get_job(sqlite_store, job.id).state == JobState.FAILED


@pytest.mark.parametrize(
    "how", [["--key-env=DATABASE_PASSWORD"], ["--key-env", "DATABASE_PASSWORD"]]
)
def test_the_worker_looks_again(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, how: list[str], capsys
) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "hush-hush")
    words = [*WORDS, *how]
    job = add_job(sqlite_store, words, title="t", folder="/", host=this_host())
    monkeypatch.setenv("SIT_JOB", str(job.id))
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code
    done = get_job(sqlite_store, job.id)
    assert done.state == JobState.FAILED
    assert "'DATABASE_PASSWORD' may not be used as a key here" in (done.reason or "")
    out, err = capsys.readouterr()
    assert "hush-hush" not in out + err


def test_in_a_terminal_of_ones_own_any_variable_may_be_named(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "hush-hush")
    with pytest.raises(SystemExit):
        main([*WORDS, "--key-env=DATABASE_PASSWORD"])
    assert "there is no such file" in capsys.readouterr().err

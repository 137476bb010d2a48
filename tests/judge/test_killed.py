"""`sit judge` as a process, killed and gone on with: nothing that came is asked again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sit_core.jobs import JobState, current_job, resume_job, start_job
from sit_core.judge.action import ACTION
from sit_core.judge.config import JudgeConfig
from sit_core.judge.folder import load_judge
from sit_core.models.config import ModelConfig
from sit_core.results.judged import judged
from sit_core.store import Store
from sit_core.store.schema import judge_replies, judgments
from tests.factories import make_run
from tests.jobs.conftest import ended, kill_nine, until
from tests.judge.judge_process import JudgeEndpoint
from tests.predict.endpoint_process import of_its_own


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[JudgeEndpoint]:
    yield from of_its_own(JudgeEndpoint, tmp_path / "endpoint")


def count(store: Store, table) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


@pytest.mark.slow
@pytest.mark.usefixtures("no_job_left")
def test_a_killed_judging_goes_on_and_nothing_that_came_is_asked_again(
    store: Store, tmp_path: Path, endpoint: JudgeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not store.is_sqlite:
        monkeypatch.setenv("SIT_DATABASE_URL", store.url)
    texts = ["x" * i for i in range(12)]
    make_run(store, "a", texts)
    endpoint.start(hold=5)
    choice = ModelConfig("m", backend="openai", base_url=endpoint.url, in_flight=1)
    wanted = JudgeConfig(("a",), model=choice)
    job = start_job(store, ACTION.words(wanted), title=ACTION.title(wanted))
    until(lambda: endpoint.holding and count(store, judge_replies) == 5)
    assert count(store, judgments) == 5  # a verdict comes with its reply, not at the end
    kill_nine(current_job(store, job.id))
    assert current_job(store, job.id).state == JobState.DEAD
    endpoint.open()
    done = ended(store, resume_job(store, job.id))
    assert (done.state, done.done, done.total) == (JobState.DONE, 12, 12)
    assert done.reason == "12 outputs judged; 7 questions asked, 5 known"
    assert len(endpoint.answered()) == len(set(endpoint.answered())) == 12
    name = f"seqeval · m · {load_judge('seqeval').sha256[:6]}"
    (row,) = judged(store, judge=name).rows
    assert (row.n, row.followed, row.missing) == (12, 6, 0)
    assert row.quality == sum(1 + i % 5 for i in range(12)) / 12


@pytest.mark.slow
@pytest.mark.usefixtures("no_job_left")
def test_a_judge_that_is_gone_for_good_is_one_sentence_and_the_job_can_be_resumed(
    store: Store, endpoint: JudgeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not store.is_sqlite:
        monkeypatch.setenv("SIT_DATABASE_URL", store.url)
    make_run(store, "a", ["x" * i for i in range(8)])
    endpoint.start(hold=3)
    choice = ModelConfig("m", backend="openai", base_url=endpoint.url, in_flight=1)
    wanted = JudgeConfig(("a",), model=choice)
    job = start_job(store, ACTION.words(wanted), title=ACTION.title(wanted))
    until(lambda: endpoint.holding and count(store, judge_replies) == 3)
    endpoint.kill()
    failed = ended(store, job)
    assert failed.state == JobState.FAILED
    assert failed.reason == f"No endpoint answers at {endpoint.url}; see that it runs there."
    endpoint.start()
    done = ended(store, resume_job(store, job.id))
    assert (done.state, count(store, judgments)) == (JobState.DONE, 8)
    assert len(endpoint.answered()) == len(set(endpoint.answered())) == 8

"""`sit seqeval`: generate, judge, on the board; killed in either part it goes on where it was."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sit_core.actions import Context
from sit_core.errors import UsageError
from sit_core.jobs import JobState, current_job, current_jobs, resume_job, start_job
from sit_core.models.config import ModelConfig
from sit_core.models.usage import Prices
from sit_core.results.leaderboard.build import FOLLOWING, QUALITY, LeaderboardQuestion, leaderboard
from sit_core.seqeval.action import ACTION
from sit_core.seqeval.config import SeqevalConfig
from sit_core.seqeval.run import evaluate
from sit_core.store import Store
from sit_core.store.schema import judge_replies, judgments, predictions
from sit_core.store.systems import get_system
from tests.cli.test_import import Sit
from tests.jobs.conftest import ended, kill_nine, until
from tests.judge.conftest import JudgeServer
from tests.judge.judge_process import JudgeEndpoint
from tests.models.bad_server import BadServer
from tests.predict.endpoint_process import Endpoint, of_its_own

PROMPTS = 12


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The one database that matters here, without the made-up study."""
    monkeypatch.setenv("SIT_STARTER", "0")
    return sqlite_store


@pytest.fixture
def prompts(tmp_path: Path) -> str:
    """A file of SeqEval's shape; outputs in it are nobody's business."""
    path = tmp_path / "prompts.jsonl"
    rows = [
        {"instruction": f"Say {'x' * i}, then stop.", "iteration": 1 + i % 4, "output": "no"}
        for i in range(PROMPTS)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Endpoint]:
    yield from of_its_own(Endpoint, tmp_path / "writer")


@pytest.fixture
def judge(tmp_path: Path) -> Iterator[JudgeEndpoint]:
    yield from of_its_own(JudgeEndpoint, tmp_path / "judge")


def at(url: str, model: str) -> ModelConfig:
    return ModelConfig(model, backend="openai", base_url=url, in_flight=1)


def count(store: Store, table) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.slow
@pytest.mark.usefixtures("no_job_left")
def test_killed_while_generating_and_while_judging_nothing_that_came_is_asked_again(
    store: Store, prompts: str, writer: Endpoint, judge: JudgeEndpoint
) -> None:
    wanted = SeqevalConfig(
        "ours",
        at(writer.url, "w"),
        prompts=prompts,
        judge_model=at(judge.url, "j"),
        base_model="Llama",
        training_data="Alpaca",
    )
    writer.start(hold=5)
    judge.start(hold=4)
    job = start_job(store, ACTION.words(wanted), title=ACTION.title(wanted), run="ours")
    until(lambda: writer.holding and count(store, predictions) == 5)
    kill_nine(current_job(store, job.id))
    assert current_job(store, job.id).state == JobState.DEAD
    assert judge.answered() == []
    writer.open()
    job = resume_job(store, job.id)
    until(lambda: judge.holding and count(store, judge_replies) == 4)
    assert count(store, predictions) == PROMPTS
    kill_nine(current_job(store, job.id))
    judge.open()
    done = ended(store, resume_job(store, job.id))
    assert done.state == JobState.DONE, done.reason
    # What was held at the kill may have been answered to nobody; what came is asked once.
    for server, came in ((writer, 5), (judge, 4)):
        asked = server.answered()
        assert len(set(asked)) == PROMPTS
        assert all(asked.count(prompt) == 1 for prompt in asked[:came])
    board = leaderboard(store)
    row = board.row("ours")
    assert (row.base_model, row.training_data, row.outputs) == ("Llama", "Alpaca", PROMPTS)
    outputs = [f"Say {'x' * i}, then stop.".upper() for i in range(PROMPTS)]
    sizes = [len(text) for text in outputs]
    assert row.figures[FOLLOWING].value == sum(n % 2 == 0 for n in sizes) / PROMPTS
    assert row.figures[QUALITY].value == pytest.approx(sum(1 + n % 5 for n in sizes) / PROMPTS)
    assert {o.iteration: o.prompts for o in board.iterations} == {1: 3, 2: 3, 3: 3, 4: 3}


@pytest.mark.slow
def test_in_one_go_with_a_comparison(store: Store, prompts: str, tmp_path: Path) -> None:
    writer, server = BadServer(), JudgeServer()
    try:
        for name in ("first", "second"):
            wanted = SeqevalConfig(
                name,
                at(writer.url, "w"),
                prompts=prompts,
                judge_model=at(server.url, "j"),
                against="first" if name == "second" else None,
            )
            done = evaluate(wanted, Context(store, job=1, since=0.0))
            assert done.predicted.written == PROMPTS
        # The same model wrote both, so all comparisons are ties that nobody had to be asked.
        assert [one.settled for one in done.judged] == [0, 2 * PROMPTS]
        again = evaluate(wanted, Context(store, job=2, since=0.0))
        assert (again.predicted.known, again.judged[0].asked) == (PROMPTS, 0)
    finally:
        writer.end()
        server.end()
    board = leaderboard(store, LeaderboardQuestion(reference="first"))
    wins = board.row("second").figures["win_rate"]
    assert (wins.value, wins.n, wins.detail["ties"]) == (0.5, PROMPTS, PROMPTS)
    assert get_system(store, "second").provenance["prompts"] == prompts


def test_without_a_judge_only_outputs_are_made(store: Store, prompts: str) -> None:
    writer = BadServer()
    try:
        wanted = SeqevalConfig("quiet", at(writer.url, "w"), prompts=prompts, judge=None)
        done = evaluate(wanted, Context(store, job=1, since=0.0))
    finally:
        writer.end()
    assert done.judged == []
    assert count(store, judgments) == 0
    assert leaderboard(store).row("quiet").outputs == PROMPTS


def test_all_that_is_wrong_is_said_at_once(store: Store) -> None:
    wanted = SeqevalConfig(
        " ",
        ModelConfig("m", temperature=-1),
        judge="nobody",
        against="nothing",
        prices=Prices(budget=1.0),
    )
    with pytest.raises(UsageError) as said:
        wanted.check(store)
    for part in ("name", "--judge-model", "nobody", "'nothing'", "budget", "emperature"):
        assert part in str(said.value), part


def test_the_words_of_the_command_ask_for_the_same(
    store: Store, prompts: str, capsys: pytest.CaptureFixture[str]
) -> None:
    writer, server = BadServer(), JudgeServer()
    try:
        wanted = SeqevalConfig(
            "mine",
            at(writer.url, "w"),
            prompts=prompts,
            limit=3,
            judge_model=at(server.url, "j"),
            base_model="Llama",
            training_data="A, b",
        )
        done = Sit(capsys)(*ACTION.words(wanted), "--json")
        assert done.code == 0, done.err
        (job,) = current_jobs(store)
        assert list(job.command) == ACTION.words(wanted)
    finally:
        writer.end()
        server.end()
    said = json.loads(done.out)
    assert said["predicted"]["written"] == 3
    assert said["judged"][0]["asked"] == 3
    assert leaderboard(store).row("mine").training_data == "A, b"
    assert Sit(capsys)("seqeval", "--model", "m").code == 2
    assert Sit(capsys)("seqeval", "--help").code == 0

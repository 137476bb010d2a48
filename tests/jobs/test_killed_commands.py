"""A command that SIGKILL ended: the same words go on at once, whatever it was writing.

Each command is a real process in a terminal's stead that ends itself by its own pid while it works.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sit_core.jobs import JobState, current_jobs
from sit_core.jobs.process import identity, is_alive
from sit_core.names import name_of
from sit_core.store import Store
from sit_core.store.jobs import list_jobs
from sit_core.store.schema import predictions
from tests.augment.conftest import many, written
from tests.benchmark.pretend import pretend
from tests.factories import make_run
from tests.jobs.conftest import until
from tests.judge.judge_process import JudgeEndpoint
from tests.predict.endpoint_process import ROOT, Endpoint, of_its_own

SITE = """\
import os, signal, time
if os.environ.get("DIE_AT"):
    from sit_core.jobs import worker
    left = [int(os.environ["DIE_AT"])]
    before = worker.JobProcess.report
    def report(self, *args, **named):
        before(self, *args, **named)
        left[0] -= 1
        if left[0] <= 0:
            while not os.path.exists(os.environ.get("DIE_ONCE", "/")):
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)
    worker.JobProcess.report = report
"""


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    for made in of_its_own(Endpoint, tmp_path / "endpoint"):
        made.start()
        yield made


@pytest.fixture
def judge(tmp_path: Path) -> Iterator[JudgeEndpoint]:
    for made in of_its_own(JudgeEndpoint, tmp_path / "judge"):
        made.start()
        yield made


def words_of(
    verb: str, tmp_path: Path, store: Store, endpoint: Endpoint, judge: Endpoint
) -> list[str]:
    """The command, after what it needs was made."""
    prompts = tmp_path / "prompts.jsonl"
    rows = [{"instruction": f"Say {'x' * i}.", "iteration": 1 + i % 4} for i in range(8)]
    prompts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    model = ["--model=m", "--backend=openai", f"--base-url={endpoint.url}", "--in-flight=1"]
    judged = [f"--judge-{w[2:]}" for w in ("--model=m", "--backend=openai")]
    if verb in ("score", "judge"):
        make_run(store, "a", ["x" * i for i in range(8)], expected=True)
    return {
        "predict": ["predict", *model, f"--examples={prompts}", "--run=a", "--steps=answer"],
        "score": ["score", "--run=a"],
        "judge": ["judge", "--run=a", *model[:2], f"--base-url={judge.url}", "--in-flight=1"],
        "augment": [
            "augment",
            f"--source={written(tmp_path / 'd.json', many(30))}",
            "--chain=R+A",
            f"--out={tmp_path / 'out.jsonl'}",
        ],
        "seq-instruct": [
            "seq-instruct",
            "--name=set",
            f"--source={written(tmp_path / 'd.json', many(30))}",
            "--writer=rules",
        ],
        "seqeval": [
            "seqeval",
            "--name=a",
            *model,
            *judged,
            f"--judge-base-url={judge.url}",
            "--judge-in-flight=1",
            f"--prompts={prompts}",
        ],
        "train": [
            "train",
            "--config=microlab",
            "--set=name=x 1/2",
            f"--set=data.train={written(tmp_path / 'd.json', many(30))}",
            "--set=schedule.steps=2",
        ],
        "benchmark": [
            "benchmark",
            "--system=a",
            *model[:2],
            f"--base-url={endpoint.url}",
            "--tasks=gsm8k",
        ],
    }[verb]


def sit(words: list[str], site: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    path = os.pathsep.join([str(site), str(site / "lm"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "sit_core.cli", *words],
        env={**os.environ, "PYTHONPATH": path, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("verb", "at"),
    [
        ("predict", 4),
        ("score", 2),
        ("judge", 3),
        ("augment", 2),
        ("seq-instruct", 2),
        ("seqeval", 5),
        ("train", 3),
        ("benchmark", 2),
    ],
)
@pytest.mark.slow
def test_the_same_command_goes_on_at_once(
    verb: str,
    at: int,
    tmp_path: Path,
    sqlite_store: Store,
    endpoint: Endpoint,
    judge: JudgeEndpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIT_STARTER", "0")
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    pretend(site / "lm")
    told = {"PRETEND": "well", "PRETEND_SAW": str(tmp_path / "saw")}
    words = words_of(verb, tmp_path, sqlite_store, endpoint, judge)
    killed = sit(words, site, DIE_AT=str(at), **told)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    kept, asked = outputs(sqlite_store), len(endpoint.answered())
    (left,) = list_jobs(sqlite_store)
    assert left.state == JobState.RUNNING  # nobody has looked yet
    again = sit(words, site, **told)
    assert again.returncode == 0, again.stderr
    if verb == "train":
        (made,) = (tmp_path / "home" / "adapters").iterdir()
        assert name_of(made) == "x 1/2"
    states = {job.id: job.state for job in current_jobs(sqlite_store)}
    assert states.pop(left.id) == JobState.DEAD
    assert list(states.values()) == [JobState.DONE]
    if verb in ("predict", "seqeval"):  # what is stored is asked no more, all else is
        assert outputs(sqlite_store) == 8
        assert len(endpoint.answered()) - asked == 8 - kept


def outputs(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(predictions)) or 0


@pytest.mark.slow
def test_the_lm_eval_of_a_killed_benchmark_is_ended_before_another_begins(
    tmp_path: Path, sqlite_store: Store, endpoint: Endpoint, judge: JudgeEndpoint
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    pretend(site / "lm")
    words = words_of("benchmark", tmp_path, sqlite_store, endpoint, judge)
    saw = tmp_path / "saw"
    waiting = Path(f"{saw}.waiting")
    assert (
        sit(
            words, site, DIE_AT="3", DIE_ONCE=str(waiting), PRETEND="wait", PRETEND_SAW=str(saw)
        ).returncode
        == -9
    )
    until(waiting.read_text)
    pid = int(waiting.read_text())
    left = identity(pid)
    assert left is not None  # it goes on without its caller
    again = sit(words, site, PRETEND="well", PRETEND_SAW=str(saw))
    assert again.returncode == 0, again.stderr
    assert not is_alive(pid, left)


@pytest.mark.slow
def test_a_run_whose_writer_was_killed_can_be_deleted(
    tmp_path: Path, sqlite_store: Store, endpoint: Endpoint, judge: JudgeEndpoint
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    words = words_of("predict", tmp_path, sqlite_store, endpoint, judge)
    assert sit(words, site, DIE_AT="4").returncode == -signal.SIGKILL
    gone = sit(["runs", "delete", "a"], site)
    assert gone.returncode == 0, gone.stderr
    assert gone.stdout.startswith("The run 'a' is deleted")

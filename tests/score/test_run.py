"""Scoring: nothing is scored twice, what was saved before a kill stays, all faults at once."""

import os
import shlex
import time
from collections.abc import Sequence

import pytest

from sit_core.actions import Context
from sit_core.errors import SitError, UsageError
from sit_core.jobs import JobState, current_job, resume_job, start_job
from sit_core.metrics.registry import METRICS, Options, Score
from sit_core.records import Prediction
from sit_core.score import ScoreConfig
from sit_core.score import run as scoring
from sit_core.score.action import ACTION
from sit_core.score.run import score_runs
from sit_core.store import Store
from sit_core.store.scores import score_table
from tests.factories import make_run
from tests.jobs.conftest import ended, kill_nine, until

SITE = """\
import os
if os.environ.get("SIT_JOB"):
    import tests.score.gated
"""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the metrics *accuracy* and *bertscore* were asked for, output by output."""
    found: list[str] = []

    def metric(name: str):
        def of(predictions: Sequence[Prediction], _options: Options):
            for prediction in predictions:
                found.append(f"{name} {prediction.output}")
                yield Score(prediction.id, name, 1.0)

        return of

    for name in ("accuracy", "bertscore"):
        monkeypatch.setitem(METRICS._things, name, metric(name))
    return found


def test_what_was_scored_since_it_was_begun_is_not_scored_again(
    sqlite_store: Store, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(sqlite_store, "m", ["a", "b", "c", "d"])
    monkeypatch.setattr(scoring, "_AT_ONCE", 2)
    wanted = ScoreConfig(("m",), ("accuracy",))
    begun = time.time()
    told: list[tuple[int | None, int | None]] = []

    def stops(done: int | None, total: int | None = None, message: str = "") -> None:
        told.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_runs(wanted, Context(sqlite_store, since=begun, report=stops))
    assert told[-1] == (2, 4)
    assert score_table(sqlite_store, ["m"])[0].scored == 2
    report = score_runs(wanted, Context(sqlite_store, since=begun))
    assert (report.scored, report.known) == (2, 2)
    assert sorted(asked) == [f"accuracy {x}" for x in "abcd"]
    score_runs(wanted, Context(sqlite_store, since=time.time() + 1))
    assert len(asked) == 8  # a new scoring replaces what there is


def test_only_an_encoders_scores_are_kept_from_earlier_scorings(
    sqlite_store: Store, asked: list[str]
) -> None:
    make_run(sqlite_store, "m", ["a"])
    wanted = ScoreConfig(("m",), ("accuracy", "bertscore"))
    for _ in range(2):
        score_runs(wanted, Context(sqlite_store, since=time.time() + 1))
    assert asked == ["accuracy a", "bertscore a", "accuracy a"]
    again = ScoreConfig(("m",), ("bertscore",), again=True)
    score_runs(again, Context(sqlite_store, since=time.time() + 1))
    assert asked[-1] == "bertscore a"


def test_all_that_is_wrong_is_said_at_once(sqlite_store: Store) -> None:
    wanted = ScoreConfig(("gone",), ("acuracy", "bertscore"), "words", " ", 0)
    with pytest.raises(UsageError) as caught:
        score_runs(wanted, Context(sqlite_store, since=0))
    for part in ("'gone'", "'accuracy'", "tokenizer: Expected one of", "an encoder", "layers: "):
        assert part in str(caught.value)
    with pytest.raises(UsageError, match="at least one metric"):
        ACTION.check(ScoreConfig(("m",), ()), sqlite_store)


def test_its_words_ask_for_exactly_it() -> None:
    wanted = ScoreConfig(("a b", "-c"), ("bertscore", "x,y"), "rouge_score", "e", 5, again=True)
    assert shlex.join(ACTION.words(wanted)) == (
        "score '--run=a b' --run=-c '--metrics=bertscore,\"x,y\"' --tokenizer=rouge_score "
        "--encoder=e --layers=5 --again"
    )
    assert ACTION.words(ScoreConfig(("m",))) == ["score", "--run=m"]
    encoded = ScoreConfig(("m",), sentence_encoder="org/name")
    assert ACTION.words(encoded) == ["score", "--run=m", "--sentence-encoder=org/name"]


@pytest.mark.slow
def test_a_killed_scoring_keeps_what_it_saved_and_goes_on(
    sqlite_store: Store, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real job's process, killed at a gate in the second batch, then resumed."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("GATE_FOLDER", str(tmp_path))
    make_run(sqlite_store, "m", ["a", "b", "c", "d", "e"])
    job = start_job(sqlite_store, ["score", "--run=m", "--metrics=accuracy"], title="t")
    until(lambda: (tmp_path / "waiting").exists())
    kill_nine(current_job(sqlite_store, job.id))
    dead = current_job(sqlite_store, job.id)
    assert dead.state == JobState.DEAD
    (row,) = score_table(sqlite_store, ["m"])
    assert row.scored == 2
    (tmp_path / "open").touch()
    resume_job(sqlite_store, job.id)
    done = ended(sqlite_store, job)
    assert (done.state, done.done, done.total) == (JobState.DONE, 5, 5)
    (row,) = score_table(sqlite_store, ["m"])
    assert row.scored == 5
    record = (tmp_path / "asked").read_text().split()
    assert record == ["a", "b", "c", "c", "d", "e"]  # c was asked, but not saved
    assert not os.environ.get("SIT_JOB")


def test_a_missing_package_is_one_sentence_and_the_rest_is_kept(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "bert_score", None)
    make_run(sqlite_store, "m", ["Question 0? x"], inputs=["Question 0?"], expected=True)
    wanted = ScoreConfig(("m",), ("rouge-l", "bertscore"))
    with pytest.raises(SitError, match="BERTScore needs the package"):
        score_runs(wanted, Context(sqlite_store, since=time.time()))
    assert {row.metric for row in score_table(sqlite_store, ["m"])} == {"rouge-l"}

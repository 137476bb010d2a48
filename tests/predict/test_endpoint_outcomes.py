"""``sit predict`` and ``sit judge`` against an endpoint that misbehaves: nothing failed is kept."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from sit_core.actions import Context
from sit_core.errors import SitError
from sit_core.judge.config import JudgeConfig
from sit_core.judge.run import judge_runs
from sit_core.models.config import ModelConfig
from sit_core.predict.run import PredictReport, predict
from sit_core.store import Store
from sit_core.store.llm_judgments import verdicts_by_prediction
from sit_core.store.run_contents import error_reasons
from sit_core.store.runs import list_runs
from sit_core.store.schema import judge_replies, predictions
from tests.factories import make_run
from tests.models.fake_endpoint import fake_endpoint
from tests.predict.conftest import examples_file, predict_config

pytest.importorskip("aiohttp")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with fake_endpoint(tmp_path) as address:
        yield address


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sit_core.models.endpoint.retries.Retries.pause", lambda *_: 0.0)


def quiet(*_: object) -> None:
    """A report that nobody reads."""


def made(store: Store, url: str, mode: str, file: str, **more: object) -> PredictReport:
    options = predict_config(
        model="m", run="r", examples=file, template="repeat-answer", backend="openai",
        base_url=f"{url}/{mode}/v1", in_flight=64, **more,
    )  # fmt: skip
    return predict(options, Context(store, job=1))


def stored(store: Store) -> list[tuple[str, str | None, str | None]]:
    with store.read() as connection:
        rows = connection.execute(select(predictions).order_by(predictions.c.row))
        return [(row.output, row.outcome, row.thoughts) for row in rows]


@pytest.mark.parametrize("mode", ["flaky_abort", "flaky_choice"])
def test_what_failed_is_no_output_and_asked_again(
    sqlite_store: Store, tmp_path: Path, url: str, mode: str
) -> None:
    file = examples_file(tmp_path, "a", "b")
    with pytest.raises(SitError, match="None of the 2 examples got an output") as caught:
        made(sqlite_store, url, mode, file)
    said = {"flaky_abort": "ended the reply with 'abort'", "flaky_choice": "Upstream died"}[mode]
    assert said in str(caught.value)  # the server's own sentence is what one reads
    assert stored(sqlite_store) == []
    assert len(error_reasons(sqlite_store, "r")) == 2
    (tmp_path / "healthy").touch()
    report = made(sqlite_store, url, mode, file)
    assert (report.written, report.known, report.errors) == (2, 0, 0)
    assert stored(sqlite_store) == [("[[Yes, 5]]", "complete", None)] * 2


@pytest.mark.parametrize(
    ("mode", "counts", "output"),
    [
        ("MAX_TOKENS", {"cut": 2}, ("hel", "cut", None)),
        ("refusal", {"refused": 2}, ("I can't help.", "refused", None)),
        ("azure_filter", {"refused": 2}, ("", "refused", None)),
        (
            "think_inline",
            {"thoughts": 2},
            ("hello", "complete", "Let me see. The user wants hello."),
        ),
        ("reasoning_only", {"cut": 2, "thoughts": 2}, ("", "cut", "long thoughts")),
    ],
)
def test_outcomes_and_thoughts_are_stored_and_counted(
    sqlite_store: Store,
    tmp_path: Path,
    url: str,
    mode: str,
    counts: dict[str, int],
    output: tuple[str, str, str | None],
) -> None:
    report = made(sqlite_store, url, mode, examples_file(tmp_path, "a", "b"))
    assert (report.written, report.errors) == (2, 0)
    wanted = {"cut": 0, "refused": 0, "thoughts": 0} | counts
    assert {name: getattr(report, name) for name in wanted} == wanted
    assert stored(sqlite_store) == [output] * 2
    (summary,) = list_runs(sqlite_store)
    assert {name: getattr(summary, name) for name in wanted} == wanted


@pytest.mark.parametrize(("mode", "left_out"), [("o3", ("temperature",)), ("noseed", ("seed",))])
def test_what_was_left_out_stands_in_the_provenance_with_64_in_flight(
    sqlite_store: Store, tmp_path: Path, url: str, mode: str, left_out: tuple[str, ...]
) -> None:
    file = examples_file(tmp_path, *(f"q{i}" for i in range(130)))
    report = made(sqlite_store, url, mode, file)
    assert (report.written, report.errors, report.left_out) == (130, 0, left_out)
    (summary,) = list_runs(sqlite_store)
    (attempt,) = summary.provenance["attempts"]
    assert tuple(attempt["model"]["left_out"]) == left_out


def judged(store: Store, url: str, mode: str):
    choice = ModelConfig("m", backend="openai", base_url=f"{url}/{mode}/v1", in_flight=8)
    return judge_runs(store, JudgeConfig(("a",), model=choice), report=quiet)


@pytest.mark.parametrize(
    ("mode", "following", "quality"),
    [
        ("verdict_md", True, 4),
        ("verdict_space", True, 4),
        ("verdict_final", True, 4),
        ("verdict_code", True, 4),
        ("verdict_think", True, 5),
        ("verdict_think_lines", True, 5),
    ],
)
def test_verdicts_are_read_in_any_dress(
    sqlite_store: Store, url: str, mode: str, following: bool, quality: float
) -> None:
    (output,) = make_run(sqlite_store, "a", ["hello"])
    done = judged(sqlite_store, url, mode)
    assert (done.asked, done.unusable) == (1, 0)
    found = verdicts_by_prediction(sqlite_store, done.judge, ["a"])[output]
    assert (found.verdict == "yes", found.quality) == (following, quality)


@pytest.mark.parametrize("mode", ["verdict_slash", "verdict_two", "verdict_json"])
def test_other_dresses_stay_unusable(sqlite_store: Store, url: str, mode: str) -> None:
    make_run(sqlite_store, "a", ["hello"])
    assert judged(sqlite_store, url, mode).unusable == 1


@pytest.mark.parametrize("mode", ["flaky_abort", "flaky_choice"])
def test_a_failed_reply_is_never_kept_as_a_verdict(
    sqlite_store: Store, tmp_path: Path, url: str, mode: str
) -> None:
    make_run(sqlite_store, "a", ["hello"])
    done = judged(sqlite_store, url, mode)
    assert (done.asked, done.unusable) == (1, 1)
    (tmp_path / "healthy").touch()
    done = judged(sqlite_store, url, mode)
    assert (done.asked, done.known, done.unusable) == (1, 0, 0)


def test_a_judge_that_takes_no_temperature_judges_and_says_so(
    sqlite_store: Store, url: str
) -> None:
    make_run(sqlite_store, "a", ["hello"])
    done = judged(sqlite_store, url, "o3")
    assert (done.asked, done.left_out) == (1, ("temperature",))
    with sqlite_store.read() as connection:
        (provenance,) = connection.scalars(select(judge_replies.c.provenance))
    assert list(provenance["identity"]["left_out"]) == ["temperature"]
    assert provenance["identity"]["max_tokens_sent_as"] == "max_completion_tokens"
    assert json.dumps(provenance)

"""Following with a sentence encoder: kept apart from following without, and gone on with."""

import json
import time
from pathlib import Path

import pytest

from sit_core.actions import Context
from sit_core.cli import main
from sit_core.errors import SitError, UsageError
from sit_core.export.check_files import check
from sit_core.metrics.following import RULE_JUDGE
from sit_core.metrics.registry import Options
from sit_core.records import JudgeKind, Step, chain
from sit_core.results.following import following
from sit_core.results.leaderboard.build import LeaderboardQuestion
from sit_core.results.table_query import TableQuery
from sit_core.score import ScoreConfig
from sit_core.score import run as scoring
from sit_core.score.run import score_runs
from sit_core.store import Store, open_store
from sit_core.store.browse import Filter, count_hits
from sit_core.store.scores import count_outputs, score_table
from tests.factories import make_run
from tests.metrics.test_translation import ES
from tests.metrics.test_translation_encoder import FREE, FULL
from tests.metrics.toy_encoder import toy_encoder

STEPS = chain([Step("translate", "T"), Step("answer", "A")])
OUTPUTS = [FREE, f"{FULL}\nAnswer: in the reeds", FREE.replace("ever", "yet")]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(toy_encoder(tmp_path_factory.mktemp("encoders") / "toy"))


def fill(store: Store) -> None:
    ask = "First translate the input, then answer."
    texts = [f"{ES} {'¿' * n}" for n in range(3)]
    make_run(store, "m", OUTPUTS, steps=STEPS, instruction=ask, inputs=texts)


def test_figures_with_and_without_are_never_mixed(sqlite_store: Store, encoder: str) -> None:
    fill(sqlite_store)
    named = Options(sentence_encoder=encoder).how("following")
    for chosen in ("", encoder):
        wanted = ScoreConfig(("m",), ("following",), sentence_encoder=chosen)
        score_runs(wanted, Context(sqlite_store, since=time.time()))
    means = {(r.how, r.step): r.mean for r in score_table(sqlite_store, ["m"])}
    assert {how for how, _ in means} == {RULE_JUDGE, named}

    def table(judge: str | None) -> tuple[int, int, int]:
        asked = TableQuery(None, ("m",), by=JudgeKind.RULE, annotator=judge)
        row = next(r for r in following(sqlite_store, asked).rows if r.letter == "T")
        return row.followed, row.n, row.unsure

    asked = TableQuery(None, ("m",), by=JudgeKind.RULE)
    assert [j.name for j in following(sqlite_store, asked).annotators] == [RULE_JUDGE]
    assert table(None) == table(RULE_JUDGE) == (1, 1, 2)
    assert table(named) == (1, 3, 0)
    by_rules = Filter(runs=("m",), kind="rule", step="translate", verdict="no")
    assert count_hits(sqlite_store, by_rules) == 0
    named_ones = Filter(runs=("m",), kind="rule", step="translate", verdict="no", annotator=named)
    assert count_hits(sqlite_store, named_ones) == 2
    report = check(sqlite_store, LeaderboardQuestion(systems=("m",)))
    assert not report.differ
    assert not [why for why in report.not_checked if "verdicts of rules" in why]


def test_a_stopped_one_goes_on_and_encodes_nothing_twice(
    sqlite_store: Store, encoder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_store)
    monkeypatch.setattr(scoring, "AT_ONCE", {scoring.SLOW: 1})
    wanted = ScoreConfig(("m",), ("following",), sentence_encoder=encoder)
    since = time.time()

    def stops(done: int | None, total: int | None = None, message: str = "") -> None:
        if done == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        score_runs(wanted, Context(sqlite_store, since=since, report=stops))
    report = score_runs(wanted, Context(sqlite_store, since=since))
    assert (report.scored, report.known) == (1, 2)


def test_an_encoder_that_is_missing_is_told_before_anything_is_scored(
    sqlite_store: Store, tmp_path: Path
) -> None:
    fill(sqlite_store)
    wanted = ScoreConfig(("m",), sentence_encoder=str(tmp_path / "gone"))
    with pytest.raises((SitError, UsageError), match="no folder"):
        score_runs(wanted, Context(sqlite_store, since=0.0))
    assert not score_table(sqlite_store, ["m"])


def test_the_command_names_the_encoder_in_its_figures(
    encoder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store()
    fill(store)
    words = ["score", "--run", "m", "--metrics", "following", "--sentence-encoder", encoder]
    with pytest.raises(SystemExit) as caught:
        main([*words, "--json"])
    assert caught.value.code == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {row["how"] for row in rows} == {Options(sentence_encoder=encoder).how("following")}
    assert next(r["n"] for r in rows if r["step"] == "translate") == 3
    assert count_outputs(store, ["m"]) == 3
    store.close()

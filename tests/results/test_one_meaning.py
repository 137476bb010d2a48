"""The same figure has the same interval, method and n wherever it stands."""

import json

import pytest

from sit_core.cli import sit as command
from sit_core.export.leaderboard import leaderboard_bytes
from sit_core.metrics.registry import Score
from sit_core.records import JudgeKind, Unparsed
from sit_core.results.comparison import compare
from sit_core.results.following import following
from sit_core.results.judged import judged
from sit_core.results.leaderboard.build import (
    FOLLOWING,
    QUALITY,
    WINS,
    LeaderboardQuestion,
    leaderboard,
)
from sit_core.results.scores import scores
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from sit_core.store.sample_verdicts import summarise_all
from sit_core.store.schema import duels, judgments
from sit_core.store.scores import save_scores
from sit_core.tasks import steps_named
from tests.factories import judge, judge_id, make_run

JUDGE = "j"
FOLLOW = steps_named(["follow"])
ENDS = ("low", "high", "method")


def ends(of: object, *names: str) -> tuple[object, ...]:
    return tuple(getattr(of, name) for name in names or ENDS)


@pytest.fixture(params=[1, 3], ids=["one output a prompt", "prompts repeat"])
def board(request: pytest.FixtureRequest, store: Store) -> Store:
    """Two runs, judged, rated, compared and scored; with one output per prompt, or three."""
    made = {
        name: make_run(store, name, 24, steps=FOLLOW, per_example=request.param)
        for name in ("a", "b")
    }
    for name, ids in made.items():
        for i, one in enumerate(ids):
            verdict = "unsure" if i == 5 else "yes" if (i * 7 + len(name)) % 4 else "no"
            judge(store, None, one, JUDGE, {"follow": verdict}, kind="llm")
        accuracy = [float(i % 3 > 0) for i in range(20)]
        accuracy += [Unparsed("no answer"), Unparsed("no gold", counted=None)]
        values = dict(zip(ids, accuracy, strict=False))
        scored = [Score(p, "accuracy", v) for p, v in values.items()]
        scored += [
            Score(p, "rouge-l", Unparsed("gone") if i % 5 == 0 else 0.4 + i / 60)
            for i, p in enumerate(ids)
        ]
        save_scores(store, scored, {"accuracy": "", "rouge-l": "unicode"}, "rules")
    who = judge_id(store, JUDGE, "llm")
    with store.write() as connection:
        rated = judgments.update().where(judgments.c.judge_id == who)
        connection.execute(rated.values(score=2.0 + judgments.c.id % 4))
        summarise_all(connection)
        rows = [
            {
                "judge_id": who,
                "prediction_id": own,
                "against_id": other,
                "place": place,
                "preferred": (1.0, 0.0, 0.5)[i % 3],
                "reason": None,
                "reply": "",
                "provenance": {},
                "created_at": 0.0,
            }
            for i, (own, other) in enumerate(zip(made["a"], made["b"], strict=True))
            for place in (1, 2)
        ]
        connection.execute(duels.insert(), rows)
    return store


def test_results_judge_and_leaderboard(board: Store) -> None:
    shown = leaderboard(board, LeaderboardQuestion(judge=JUDGE, duels_by=JUDGE, reference="b"))
    of_board = shown.row("a").figures
    by_judge = judged(board, judge=JUDGE, runs=["a"])
    (rate,) = by_judge.rows
    asked = TableQuery(runs=("a",), by=JudgeKind.LLM, annotator=JUDGE)
    row = following(board, asked).rows[0]
    figure = of_board[FOLLOWING]
    assert (figure.n, figure.value) == (rate.n, rate.rate) == (row.n, row.rate)
    assert ends(row) == pytest.approx(ends(rate))
    assert ends(figure) == pytest.approx(ends(rate))
    quality = of_board[QUALITY]
    assert (quality.n, quality.value) == (rate.quality_n, pytest.approx(rate.quality))
    names = ("quality_low", "quality_high", "quality_method")
    assert ends(rate, *names) == pytest.approx(ends(quality))
    (duel,) = by_judge.duels
    wins = of_board[WINS]
    assert (wins.n, wins.value) == (duel.n, pytest.approx(duel.win_rate))
    assert ends(duel) == pytest.approx(ends(wins))


@pytest.mark.slow
def test_two_runs_compared_and_two_systems(board: Store) -> None:
    shown = leaderboard(board, LeaderboardQuestion(judge=JUDGE))
    test = next(pair for pair in shown.pairs if pair.column == FOLLOWING)
    asked = TableQuery(runs=(test.first, test.second), by=JudgeKind.LLM, annotator=JUDGE)
    row = compare(board, asked).rows[0]
    assert (test.n, test.method) == (row.n, row.method)
    assert (test.difference, test.p) == pytest.approx((row.difference, row.p))
    assert (test.low, test.high) == pytest.approx((row.low, row.high))
    assert test.p_mcnemar == pytest.approx(row.p_mcnemar)
    assert row.low < row.difference < row.high


def test_scores_and_leaderboard(board: Store) -> None:
    of_board = leaderboard(board, LeaderboardQuestion(judge=JUDGE)).row("a").figures
    for row in scores(board, ["a"]).rows:
        figure = of_board[f"score/{row.metric}/{row.how}/"]
        assert (figure.n, figure.value) == (row.n, pytest.approx(row.mean))
        assert ends(figure) == pytest.approx(ends(row))
        assert figure.detail["share_scored"] == pytest.approx(row.share_scored)
        assert figure.detail["mean_scored"] == pytest.approx(row.mean_scored)


def test_the_terminal_and_the_exports(
    board: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not board.is_sqlite:
        monkeypatch.setenv("SIT_DATABASE_URL", board.url)
    shown = leaderboard(board, LeaderboardQuestion(judge=JUDGE))
    figure = shown.row("a").figures[FOLLOWING]
    with pytest.raises(SystemExit):
        command(["results", "following", "--runs", "a", "--by", "llm", "--json"])
    said = json.loads(capsys.readouterr().out)
    row = said["rows"][0]
    assert (row["low"], row["high"], row["method"]) == pytest.approx(ends(figure))
    assert said["level"] == 0.95
    kept = json.loads(leaderboard_bytes(shown, "json"))
    assert kept["level"] == 0.95
    assert kept["judge"] == JUDGE
    (mine,) = (r["figures"][FOLLOWING] for r in kept["rows"] if r["system"] == "a")
    assert (mine["method"], mine["letters"]) == (figure.method, figure.letters)
    header, first, *_ = leaderboard_bytes(shown, "csv").decode("utf-8-sig").splitlines()
    for name in ("level", "seed", "judge", f"{FOLLOWING}.method", f"{FOLLOWING}.letters"):
        assert name in header.split(",")
    assert str(figure.method).split(",")[0] in first
    assert str(figure.method) in leaderboard_bytes(shown, "html").decode()

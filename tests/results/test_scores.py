"""The table of scores: means over all outputs, what is lacking as 0, what is left out beside."""

import random

import pytest
from sqlalchemy import insert, update

from sit_core.export.scores import score_bytes
from sit_core.metrics.registry import Score
from sit_core.records import Unparsed
from sit_core.results.leaderboard.build import leaderboard
from sit_core.results.scores import NOT_SCORED, scores
from sit_core.statistics import share_clusters, wilson_open
from sit_core.statistics.interval import CLUSTERS, MEAN, MEAN_SCALE
from sit_core.store import Store
from sit_core.store.schema import predictions, run_errors, runs
from sit_core.store.schema import scores as scores_table
from sit_core.store.scores import save_scores
from sit_core.store.systems import set_system
from tests.factories import make_run

HOW = {"accuracy": "", "rouge-l": "unicode"}


def keep(store: Store, metric: str, ids: list[str], values: list, how: str | None = None) -> None:
    made = [Score(i, metric, v) for i, v in zip(ids, values, strict=True)]
    save_scores(store, made, HOW if how is None else {metric: how}, "rules-1")


NO_GOLD = Unparsed("no gold answer", counted=None)


def test_what_lacks_an_answer_is_wrong_and_what_has_no_gold_is_left_out(store: Store) -> None:
    ids = make_run(store, "m", 7)
    said = [1.0, 1.0, 0.0, 1.0, Unparsed("no answer"), Unparsed("empty"), NO_GOLD]
    keep(store, "accuracy", ids, said)
    (row,) = scores(store, ["m"]).rows
    assert (row.n, row.scored, row.unparsed, row.left_out) == (6, 4, 3, 1)
    assert (row.mean, row.ones, row.share_scored) == (0.5, 3, pytest.approx(4 / 6))
    assert (row.low, row.high) == wilson_open(3, 6).ends
    assert (row.method, row.scored_method) == ("wilson-open", "wilson-open")
    assert (row.name_scored, row.mean_scored) == ("accuracy of answered", 0.75)
    assert (row.scored_low, row.scored_high) == wilson_open(3, 4).ends
    assert (row.share_low, row.share_high) == wilson_open(4, 6).ends
    assert row.reasons == {"empty": 1, "no answer": 1, "no gold answer": 1}
    assert row.shown.startswith("50.0 [")
    assert row.shown.endswith("n=6, 4 answered, 1 left out")


def test_a_step_that_is_not_there_counts_as_0_and_its_part_of_the_whole(store: Store) -> None:
    ids = make_run(store, "m", 2)
    gone = Unparsed("gone")
    made = [
        Score(ids[0], "rouge-l", 0.8, {"p": 0.6, "r": 1.0}),
        Score(ids[1], "rouge-l", Unparsed("gone", counted=0.25), {"p": gone, "r": 0.5}),
    ]
    save_scores(store, made, HOW, "rules-1")
    rows = {row.step: row for row in scores(store, ["m"]).rows}
    assert rows["p"].mean == pytest.approx(0.3)
    assert (rows["p"].n, rows["p"].scored, rows["p"].mean_scored) == (2, 1, pytest.approx(0.6))
    assert rows["p"].name_scored == "rouge-l of present"
    assert rows["r"].mean == pytest.approx(0.75)
    assert rows[""].mean == pytest.approx((rows["p"].mean + rows["r"].mean) / 2)


def test_scores_of_before_are_read_by_what_their_reason_meant(store: Store) -> None:
    """A scoring replaces what was counted too, so nothing is left of an older reading."""
    ids = make_run(store, "m", 1)
    keep(store, "accuracy", ids, [Unparsed("no answer")])
    assert scores(store, ["m"]).rows[0].mean == 0
    keep(store, "accuracy", ids, [NO_GOLD])
    assert scores(store, ["m"]).rows[0].mean is None
    keep(store, "accuracy", ids, [1.0])
    assert scores(store, ["m"]).rows[0].mean == 1


def test_a_mean_has_students_interval(store: Store) -> None:
    rng = random.Random(1)
    ids = make_run(store, "m", 60)
    values = [rng.random() for _ in ids]
    keep(store, "rouge-l", ids, values)
    (row,) = scores(store, ["m"]).rows
    assert row.mean == pytest.approx(sum(values) / 60)
    assert (row.method, row.ones) == (MEAN, None)
    spread = 1.96 * (1 / 12) ** 0.5 / 60**0.5
    assert row.mean - row.low == pytest.approx(spread, rel=0.2)
    assert scores(store, ["m"]).rows == (row,)


def test_several_outputs_of_one_prompt_count_together(store: Store) -> None:
    """Four copies of each output say no more than one does: the interval must not shrink."""
    ids = make_run(store, "m", 40)
    with store.write() as connection:
        (example,) = connection.execute(
            predictions.select().where(predictions.c.id == ids[0])
        ).all()
        for i, one in enumerate(ids[1:20], start=1):
            connection.execute(
                update(predictions)
                .where(predictions.c.id == one)
                .values(example_id=example.example_id, ordinal=i)
            )
    keep(store, "accuracy", ids, [1.0] * 20 + [0.0] * 20)
    (row,) = scores(store, ["m"]).rows
    assert (row.mean, row.method) == (0.5, CLUSTERS)
    assert (row.low, row.high) == share_clusters([20] + [0] * 20, [20] + [1] * 20).ends
    low, high = wilson_open(20, 40).ends
    assert row.high - row.low > 1.5 * (high - low)


def test_one_prompt_twice_never_makes_an_interval_without_width(store: Store) -> None:
    ids = make_run(store, "m", 20, per_example=2)
    keep(store, "accuracy", ids, [0.0] * 20)
    (row,) = scores(store, ["m"]).rows
    assert (row.mean, row.low) == (0, 0)
    assert row.high == pytest.approx(wilson_open(0, 10).high)


def test_a_run_without_scores_says_so_and_so_does_what_was_not_scored_yet(store: Store) -> None:
    a = make_run(store, "a", 4)
    make_run(store, "b", 3)
    keep(store, "accuracy", a[:3], [1.0, 0.0, 1.0])
    table = scores(store, ["a", "b"])
    assert [row["run"] for row in table.wide()] == ["a", "b"]
    assert table.wide()[0]["accuracy"].endswith("n=3, 1 not scored")
    assert table.wide()[1]["accuracy"] == NOT_SCORED
    assert table.to_dict()[NOT_SCORED] == ["b"]
    assert scores(store, ["b"]).wide() == [{"run": "b", "scores": NOT_SCORED}]


def test_failed_calls_are_no_outputs_and_stand_apart(store: Store) -> None:
    ids = make_run(store, "m", 2)
    keep(store, "accuracy", ids, [1.0, 1.0])
    with store.write() as connection:
        (run,) = connection.scalars(runs.select().with_only_columns(runs.c.id))
        (example,) = connection.scalars(
            predictions.select().with_only_columns(predictions.c.example_id).limit(1)
        )
        row = {"run_id": run, "example_id": example, "ordinal": 1, "row": 2, "reason": "HTTP 500."}
        connection.execute(insert(run_errors), [{**row, "created_at": 0.0}])
    table = scores(store, ["m"])
    assert table.failed == {"m": 1}
    assert (table.rows[0].n, table.rows[0].mean) == (2, 1)
    assert table.wide()[0]["failed"] == "1"


def test_exports_say_method_and_level(store: Store) -> None:
    ids = make_run(store, "m", 3)
    keep(store, "accuracy", ids, [1.0, 0.0, Unparsed("gone")])
    header, line = score_bytes(scores(store, ["m"]), "csv").decode("utf-8-sig").splitlines()
    said = dict(zip(header.split(","), line.split(","), strict=False))
    assert (said["n"], said["scored"], said["method"], said["level"]) == (
        *("3", "2", "wilson-open", "0.95"),
    )
    assert said["name_scored"] == "accuracy of answered"


def test_runs_keep_their_order_and_settings_are_named_where_there_are_several(store: Store) -> None:
    a, b = make_run(store, "a", 2), make_run(store, "b", 2)
    keep(store, "rouge-l", a, [0.5, 1.0])
    keep(store, "rouge-l", a, [0.5, 0.5], "rouge_score")
    keep(store, "accuracy", b, [1.0, 1.0])
    table = scores(store, ["b", "a", "b"])
    assert table.runs == ("b", "a")
    assert list(table.columns().values()) == [
        "accuracy",
        "rouge-l (rouge_score)",
        "rouge-l (unicode)",
    ]
    assert [row["run"] for row in table.wide()] == ["b", "a"]
    assert table.wide()[0]["rouge-l (unicode)"] == NOT_SCORED
    assert table.wide()[1]["rouge-l (unicode)"] == "75.0 [0.0–100.0] n=2"
    assert next(r for r in table.rows if r.how == "unicode").method == MEAN_SCALE
    assert [r.metric for r in scores(store, ["a", "b"], ["accuracy"]).rows] == ["accuracy"]
    assert scores(store, []).rows == ()


def test_scores_by_an_earlier_version_of_their_metric_are_named_until_they_are_made_anew(
    store: Store,
) -> None:
    ids = make_run(store, "m", 3)
    keep(store, "accuracy", ids, [1.0, 0.0, 1.0])
    keep(store, "following", ids, [1.0, 1.0, 1.0], "rules-1")  # its rules are in its name
    assert scores(store, ["m"]).said_of_runs == []
    with store.write() as connection:
        connection.execute(update(scores_table).values(version="0.1.0"))
    table = scores(store, ["m"])
    (said,) = table.said_of_runs
    assert said.startswith("Scores of m by an earlier version of the metric: accuracy of 3 outputs")
    assert table.to_dict()["earlier_version"] == {"m": said}
    assert scores(store, ["m"], ["rouge-l"]).earlier == {}
    keep(store, "accuracy", ids[:1], [1.0])
    assert "accuracy of 2 outputs" in scores(store, ["m"]).said_of_runs[0]
    set_system(store, "m")
    assert any("earlier version" in note for note in leaderboard(store).notes)
    keep(store, "accuracy", ids, [1.0, 0.0, 1.0])
    assert scores(store, ["m"]).earlier == {}

"""The table of scores: means over what has a value, Wilson for shares, a seeded bootstrap else."""

import random

import numpy as np
import pytest
from sqlalchemy import update

from sit_core.records import Unparsed
from sit_core.results.intervals import bootstrap_counts, bootstrap_mean, wilson
from sit_core.results.scores import scores
from sit_core.scoring.metrics import Score
from sit_core.store import Store
from sit_core.store.schema import predictions
from sit_core.store.scores import save_scores
from tests.factories import make_run

HOW = {"accuracy": "", "rouge-l": "unicode"}


def keep(store: Store, metric: str, ids: list[str], values: list, how: str | None = None) -> None:
    made = [Score(i, metric, v) for i, v in zip(ids, values, strict=True)]
    save_scores(store, made, HOW if how is None else {metric: how}, "rules-1")


def test_a_share_has_wilson_s_interval_and_what_has_no_value_is_apart(store: Store) -> None:
    ids = make_run(store, "m", 6)
    keep(store, "accuracy", ids, [1.0, 1.0, 0.0, 1.0, Unparsed("no answer"), Unparsed("empty")])
    (row,) = scores(store, ["m"]).rows
    assert (row.scored, row.unparsed, row.mean, row.ones) == (4, 2, 0.75, 3)
    assert (row.low, row.high) == wilson(3, 4)
    assert row.interval == "wilson"
    assert row.reasons == {"empty": 1, "no answer": 1}
    assert row.shown == "75.0 [30.1–95.4] n=4, 2 without"


def test_a_mean_has_the_same_interval_for_the_same_seed(store: Store) -> None:
    rng = random.Random(1)
    ids = make_run(store, "m", 60)
    values = [rng.random() for _ in ids]
    keep(store, "rouge-l", ids, values)
    (row,) = scores(store, ["m"]).rows
    assert row.mean == pytest.approx(sum(values) / 60)
    assert row.interval == "bootstrap"
    assert row.ones is None
    spread = 1.96 * (1 / 12) ** 0.5 / 60**0.5
    assert row.mean - row.low == pytest.approx(spread, rel=0.35)
    assert row.high - row.mean == pytest.approx(spread, rel=0.35)
    assert scores(store, ["m"]).rows == (row,)
    assert scores(store, ["m"], seed=1).rows[0].low != row.low


def test_several_outputs_of_one_example_are_drawn_together(store: Store) -> None:
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
    assert (row.mean, row.interval) == (0.5, "bootstrap")
    low, high = wilson(20, 40) or (0, 1)
    assert row.high - row.low > 1.5 * (high - low)


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
    assert table.wide()[0]["rouge-l (unicode)"] == ""
    assert table.wide()[1]["rouge-l (unicode)"] == "75.0 [50.0–100.0] n=2"
    assert [r.metric for r in scores(store, ["a", "b"], ["accuracy"]).rows] == ["accuracy"]
    assert scores(store, []).rows == ()


def test_too_few_examples_have_no_interval() -> None:
    assert bootstrap_mean([], []) is None
    assert bootstrap_mean([3.0], [4]) is None
    assert bootstrap_counts({"a": 1}, lambda _, counts: counts[:, 0]) is None


def test_the_bootstrap_of_counts_is_that_of_the_things_counted() -> None:
    def share(kinds, counts):
        return counts[:, kinds.index("yes")] / counts.sum(axis=1)

    low, high = bootstrap_counts({"yes": 30, "no": 70}, share, resamples=4000) or (0, 0)
    assert low == pytest.approx(0.3 - 1.96 * (0.21 / 100) ** 0.5, abs=0.015)
    assert high == pytest.approx(0.3 + 1.96 * (0.21 / 100) ** 0.5, abs=0.015)
    assert bootstrap_counts({"no": 70, "yes": 30}, share, resamples=4000) == (low, high)
    few = {"yes": 301, "no": 699}
    assert bootstrap_counts(few, share, seed=1) != bootstrap_counts(few, share, seed=2)


def test_a_figure_that_mostly_does_not_exist_has_no_interval() -> None:
    def one(kinds, counts):
        of_b = counts[:, kinds.index("b")]
        return np.where(of_b == 1, 1.0, np.nan)  # so in about 37 % of the resamples

    assert bootstrap_counts({"a": 999, "b": 1}, one) is None
    assert bootstrap_counts({"a": 999, "b": 2}, one) is None
    assert bootstrap_counts({"a": 9, "b": 1}, lambda _, counts: counts[:, 0] * 0) == (0, 0)

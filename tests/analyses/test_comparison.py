"""Runs in pairs: figures equal those of two runs compared, counts open just their samples."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import insert

from sit_core.analyses.comparison import ComparisonConfig, comparison, comparison_figure
from sit_core.errors import SitError
from sit_core.records import JudgeKind
from sit_core.results.analyses import ANALYSES
from sit_core.results.comparison import compare
from sit_core.results.table_query import TableQuery
from sit_core.results.verdict_settings import VerdictSettings
from sit_core.store import Store
from sit_core.store.schema import scores
from tests.factories import judge, make_run, make_study

CONFIG = ComparisonConfig(metric=("following", "following:answer"))


def judged(store: Store, *done: str) -> list[list[str]]:
    """A run for each text, whose characters say of each sample: y both steps, r repeat only, n."""
    ids = [make_run(store, f"run {i}", len(text)) for i, text in enumerate(done)]
    make_study(store, "s", [f"run {i}" for i in range(len(done))])
    for of_run, text in zip(ids, done, strict=True):
        for name, said in zip(of_run, text, strict=True):
            verdicts = {
                "repeat": "yes" if said in "yr" else "no",
                "answer": "yes" if said == "y" else "no",
            }
            if said != "-":
                judge(store, "s", name, "ann", verdicts)
    return ids


def test_a_row_is_that_of_two_runs_compared(store: Store) -> None:
    judged(store, "yyyrnyn-", "yrnrnnyy")
    config = replace(CONFIG, runs=("run 0", "run 1"))
    table = comparison(store, config)
    old = {row.step: row for row in compare(store, TableQuery("s", config.runs)).rows}
    for row, key in zip(table.rows, ("chain", "answer"), strict=True):
        found, of = row["difference"], old[key]
        counts = [row[name] for name in ("both", "only first", "only second", "neither")]
        assert counts == [of.both, of.only_first, of.only_second, of.neither]
        assert [found.value, found.low, found.high, found.n, found.p, found.method] == [
            *(of.difference, of.low, of.high, of.n, of.p, of.method)
        ]
        assert row["mean of first"].value == of.first_rate
        assert row["p (Holm)"] == found.p  # of one pair nothing is corrected
    assert table.left_out == {
        "run 0 – run 1: following: not judged": 1,
        "run 0 – run 1: following:answer: not judged": 1,
    }


def test_counts_and_flips_open_just_their_samples(store: Store) -> None:
    first, second = judged(store, "yyyn", "ynyn")
    table = comparison(store, ComparisonConfig(runs=("run 0", "run 1"), flips=5))
    assert set(table.samples_of(0, "only first")) == {first[1], second[1]}
    assert set(table.samples_of(0, "both")) == {first[0], second[0], first[2], second[2]}
    assert set(table.samples_of(0, "neither")) == {first[3], second[3]}
    assert set(table.samples_of(0, "difference")) == {*first, *second}
    (flips,) = table.further
    assert [(row["question"], row["of first"], row["of second"]) for row in flips.rows] == [
        ("Question 1?", "yes", "no")
    ]
    assert set(flips.samples_of(0, "question")) == {first[1], second[1]}


def test_flips_beyond_those_listed_are_counted(store: Store) -> None:
    judged(store, "yyyy", "nnny")
    table = comparison(store, ComparisonConfig(runs=("run 0", "run 1"), flips=2))
    assert len(table.further[0].rows) == 2
    assert "1 more differ" in table.further[0].note


def test_p_is_corrected_over_all_pairs_of_a_measure(store: Store) -> None:
    judged(store, "y" * 12, "y" * 8 + "n" * 4, "n" * 12)
    every = comparison(store, CONFIG)
    names = [(row["first"], row["second"]) for row in every.rows[:3]]
    assert names == [("run 0", "run 1"), ("run 0", "run 2"), ("run 1", "run 2")]
    raw = sorted(row["difference"].p for row in every.rows[:3])
    corrected = sorted(row["p (Holm)"] for row in every.rows[:3])
    assert corrected == pytest.approx([3 * raw[0], 2 * raw[1], raw[2]])
    against = comparison(store, replace(CONFIG, baseline="run 2", metric=("following",)))
    assert [(row["first"], row["second"]) for row in against.rows] == [
        ("run 0", "run 2"),
        ("run 1", "run 2"),
    ]


def test_means_have_an_interval_a_p_and_no_share_s_counts(store: Store) -> None:
    first, second = make_run(store, "a", 4), make_run(store, "b", 5)
    values = zip([*first, *second], [0.5, 0.75, 1.0, 0.25, 0.25, 0.5, 1.0, 0.5, 1.0], strict=True)
    with store.write() as connection:
        for name, value in values:
            row = {"prediction_id": name, "metric": "f1", "how": "", "step": "", "version": "1"}
            row |= {"value": value, "counted": value, "created_at": 0.0}
            connection.execute(insert(scores).values(row))
    table = comparison(store, ComparisonConfig(metric=("f1",)))
    (row,) = table.rows
    assert row["difference"].value == pytest.approx((0.25 + 0.25 + 0 - 0.25) / 4)
    assert row["difference"].low < row["difference"].value < row["difference"].high
    # Of the eight sign patterns of three equal gaps, six sum to at least one gap: all of them.
    assert row["difference"].p == pytest.approx(1)
    assert [row[name] for name in ("both", "only first", "only second", "neither")] == [
        *(None, 2, 1, None)
    ]
    assert table.left_out == {"a – b: questions that only one of them has": 1}


@pytest.mark.parametrize(
    ("runs", "baseline", "said"),
    [
        (("run 0",), None, "at least two runs"),
        (("run 0", "run 1"), "run 9", "no run 'run 9'"),
        (("run 0",), "run 0", "at least two runs"),
    ],
)
def test_what_can_t_be_compared_is_said(
    store: Store, runs: tuple[str, ...], baseline: str | None, said: str
) -> None:
    judged(store, "y", "n")
    with pytest.raises(SitError, match=said):
        comparison(store, ComparisonConfig(runs=runs, baseline=baseline))


def test_too_many_pairs_ask_for_a_baseline(store: Store) -> None:
    for i in range(26):
        make_run(store, f"r{i}", 1)
    with pytest.raises(SitError, match="325 pairs"):
        comparison(store, ComparisonConfig())
    assert len(comparison(store, ComparisonConfig(baseline="r0")).rows) == 25


def test_the_figure_has_a_point_per_difference_with_both_ends(store: Store) -> None:
    judged(store, "yyyn", "ynnn", "----")
    figure = comparison_figure(comparison(store, ComparisonConfig()))
    (points,) = figure.data
    assert list(points.x) == [50]  # pairs without any verdict have no point
    assert [tuple(place) for place in points.customdata] == [(0, "difference")]
    assert points.error_x.array[0] > 0 < points.error_x.arrayminus[0]
    assert json.loads(figure.to_json())


def test_repeated_questions_pair_as_two_runs_compared_do(store: Store) -> None:
    first = make_run(store, "a", 6, per_example=2)
    second = make_run(store, "b", 6, per_example=2)
    for name, said in zip([*first, *second], "yynyynnynyyy", strict=True):
        verdict = "yes" if said == "y" else "no"
        judge(store, None, name, "rules", {"repeat": "yes", "answer": verdict}, kind="rule")
    query = TableQuery(runs=("a", "b"), by=JudgeKind.RULE)
    old = next(row for row in compare(store, query).rows if row.step == "chain")
    assert old.method == "bonett-price, prompts repeat"
    config = ComparisonConfig(runs=("a", "b"), verdicts=VerdictSettings(by="rule"))
    found = ANALYSES.get("comparison").table(store, config).rows[0]["difference"]
    assert (found.value, found.low, found.high, found.p) == (
        old.difference,
        old.low,
        old.high,
        old.p,
    )
    assert found.method == old.method

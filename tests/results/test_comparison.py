"""Two runs paired: counts, p, and the list of examples on which they differ."""

import pytest

from sit_core.errors import UsageError
from sit_core.records import Step
from sit_core.results.comparison import compare, differing
from sit_core.results.table_query import TableQuery
from sit_core.store import Store
from tests.factories import judge, make_run, make_study

PAIRS = [("yes", "yes"), ("yes", "no"), ("partly", "no"), ("no", "yes"), ("no", "no")]
LEFT_OUT = [("unsure", "yes"), ("yes", None)]


@pytest.fixture
def two_runs(store: Store) -> tuple[Store, list[str], list[str]]:
    """Runs a and b over seven examples, with the verdicts above on repeat."""
    a, b = make_run(store, "a", 7), make_run(store, "b", 7)
    make_study(store, "s", ["a", "b"])
    for one, other, verdicts in zip(a, b, PAIRS + LEFT_OUT, strict=True):
        for prediction, verdict in zip((one, other), verdicts, strict=True):
            if verdict:
                judge(store, "s", prediction, "ann", {"repeat": verdict, "answer": "yes"})
    return store, a, b


def test_the_pairs_are_counted(two_runs: tuple[Store, list[str], list[str]]) -> None:
    row = compare(two_runs[0], TableQuery("s", ("a", "b"))).rows[0]
    assert (row.both, row.only_first, row.only_second, row.neither) == (1, 2, 1, 1)
    assert (row.n, row.left_out, row.letter) == (5, 2, "R")
    assert row.difference == pytest.approx(0.2)
    assert (row.first_rate, row.second_rate) == (pytest.approx(0.6), pytest.approx(0.4))
    # Bonett and Price by hand: b = 3/7, c = 2/7 of the five pairs and two more.
    error = ((5 / 7 - (1 / 7) ** 2) / 7) ** 0.5
    assert (row.low, row.high) == pytest.approx((1 / 7 - 1.96 * error, 1 / 7 + 1.96 * error), 1e-4)
    assert row.p == pytest.approx(0.65, abs=1e-3)
    assert row.p_mcnemar == pytest.approx(1.0)


def test_the_differing_examples_lead_to_both_outputs(
    two_runs: tuple[Store, list[str], list[str]],
) -> None:
    store, a, b = two_runs
    found = {
        (d.first, d.second): d.first_done
        for d in differing(store, TableQuery("s", ("a", "b")), "repeat")
    }
    assert found == {(a[1], b[1]): True, (a[2], b[2]): True, (a[3], b[3]): False}
    strict = differing(store, TableQuery("s", ("a", "b"), partly="not-done"), "chain")
    assert {d.first for d in strict} == {a[1], a[3]}
    assert strict[0].input.startswith("Question ")


def test_the_other_way_round_is_the_mirror_image(
    two_runs: tuple[Store, list[str], list[str]],
) -> None:
    there = compare(two_runs[0], TableQuery("s", ("a", "b"))).rows
    back = compare(two_runs[0], TableQuery("s", ("b", "a"))).rows
    for one, other in zip(there, back, strict=True):
        assert (one.only_first, one.only_second) == (other.only_second, other.only_first)
        assert one.p == other.p


def test_what_cannot_be_compared_is_said(two_runs: tuple[Store, list[str], list[str]]) -> None:
    store, *_ = two_runs
    with pytest.raises(UsageError, match="exactly two runs; found 1"):
        compare(store, TableQuery("s", ("a",)))
    with pytest.raises(UsageError, match="one verdict per sample"):
        compare(store, TableQuery("s", ("a", "b"), combine="each"))
    make_run(store, "c", 1, instruction="Repeat.", steps=[Step("repeat", "R", "repeat")])
    with pytest.raises(UsageError, match="different chains"):
        compare(store, TableQuery(None, ("a", "c")))
    with pytest.raises(UsageError, match="did you mean 'repeat'"):
        differing(store, TableQuery("s", ("a", "b")), "repaet")

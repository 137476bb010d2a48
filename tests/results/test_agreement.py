"""Agreement figures equal independent implementations and say nothing where there is nothing."""

import random
from collections import Counter

import pytest

from sit_core.results.agreement import (
    agreement,
    agreement_rows,
    cohen_kappa,
    percent,
)
from sit_core.results.table_query import TableQuery
from sit_core.statistics import alpha
from sit_core.store import Store
from tests.factories import judge, make_run, make_study


def test_kappa_equals_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = random.Random(3)
    a = [rng.choice([1, 1, 0, -1]) for _ in range(200)]
    b = [x if rng.random() < 0.7 else rng.choice([1, 0, -1]) for x in a]
    expected = metrics.cohen_kappa_score(a, b)
    assert cohen_kappa(Counter(zip(a, b, strict=True))) == pytest.approx(expected)


def test_alpha_equals_the_definition_by_pairs_of_values() -> None:
    """α = 1 − D_o/D_e with every pair of values within units, and of all values, one by one."""
    rng = random.Random(4)
    units = [[rng.choice("yyyn?") for _ in range(rng.randint(1, 4))] for _ in range(60)]
    paired = [u for u in units if len(u) > 1]
    n = sum(map(len, paired))
    seen = sum(
        sum(a != b for i, a in enumerate(u) for j, b in enumerate(u) if i != j) / (len(u) - 1)
        for u in paired
    )
    pool = [v for u in paired for v in u]
    chance = sum(a != b for i, a in enumerate(pool) for j, b in enumerate(pool) if i != j)
    expected = 1 - (seen / n) / (chance / (n * (n - 1)))
    patterns = Counter(tuple(u.count(c) for c in "yn?") for u in units)
    assert alpha(patterns) == pytest.approx(expected)


def test_krippendorff_s_own_example() -> None:
    """Nominal data of four observers, twelve units, from his "Computing Krippendorff's alpha"."""
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    patterns = Counter(
        tuple(sum(o[u] == c for o in observers) for c in range(1, 6)) for u in range(12)
    )
    assert alpha(patterns) == pytest.approx(0.743, abs=5e-4)


def test_kappa_and_alpha_have_intervals_that_hold_them_and_shrink_with_n() -> None:
    def row(times: int):
        cells = [((1, 1), 10), ((1, 0), 2), ((0, 1), 3), ((0, 0), 9)]
        samples = [({"ann": a, "bob": b}, times * n) for (a, b), n in cells]
        (found,) = agreement_rows("repeat", "R", samples)
        return found

    few, many = row(1), row(20)
    for one in (few, many):
        assert one.kappa_low < one.kappa < one.kappa_high
        assert one.alpha_low < one.alpha < one.alpha_high
    ratio = (few.kappa_high - few.kappa_low) / (many.kappa_high - many.kappa_low)
    assert ratio == pytest.approx(20**0.5, rel=0.25)
    # The asymptotic standard error of κ (Fleiss, Cohen and Everitt, 1969) for this table: 0.037.
    assert (many.kappa_high - many.kappa_low) / 2 / 1.96 == pytest.approx(0.037, abs=0.004)
    assert row(1) == few


def test_undefined_figures_are_none() -> None:
    assert cohen_kappa({}) is None
    assert cohen_kappa({(1, 1): 9}) is None
    assert alpha({(2, 0): 9}) is None
    assert percent({(1, 0): 9}) is None


def test_two_annotators_have_one_row_per_step_with_kappa(store: Store) -> None:
    ids = make_run(store, "m", 4)
    make_study(store, "s", ["m"], annotators=2)
    for prediction, a, b in zip(
        ids, ("yes", "no", "yes", "no"), ("yes", "no", "no", "no"), strict=True
    ):
        judge(store, "s", prediction, "ann", {"repeat": a, "answer": "yes"})
        judge(store, "s", prediction, "bob", {"repeat": b, "answer": "yes"})
    rows = {r.letter: r for r in agreement(store, TableQuery("s")).rows}
    assert list(rows) == ["R", "A", "R+A"]
    assert (rows["R"].annotators, rows["R"].samples) == ("ann – bob", 4)
    assert (rows["R"].percent, rows["R"].kappa) == (0.75, pytest.approx(0.5))
    assert rows["R"].alpha == pytest.approx(1 - 7 * 2 / 30)
    assert (rows["A"].percent, rows["A"].kappa, rows["A"].alpha) == (1.0, None, None)
    assert rows["A"].undefined == ("not defined: everybody said yes; agreed on 4 of 4 (51–100 %)")
    assert (rows["R"].equal, rows["R"].samples, rows["R"].undefined) == (3, 4, "")
    assert rows["R"].equal_low < 0.75 < rows["R"].equal_high


def test_perfect_agreement_has_an_interval_with_width() -> None:
    both = [({"ann": 1, "bob": 1}, 15), ({"ann": 0, "bob": 0}, 5)]
    (row,) = agreement_rows("repeat", "R", both)
    assert (row.kappa, row.alpha) == (1, 1)
    assert (row.kappa_low, row.kappa_high) == pytest.approx((0.532, 1), abs=5e-4)
    assert 0.4 < row.alpha_low < row.alpha_high == 1


def test_more_annotators_have_alpha_for_all_and_kappa_for_each_two(store: Store) -> None:
    ids = make_run(store, "m", 3)
    make_study(store, "s", ["m"], annotators=3)
    for prediction in ids:
        for who, verdict in (("ann", "yes"), ("bob", "no"), ("cem", "unsure")):
            judge(store, "s", prediction, who, {"repeat": verdict})
    rows = [r for r in agreement(store, TableQuery("s")).rows if r.step == "repeat"]
    assert [r.annotators for r in rows] == ["all", "ann – bob", "ann – cem", "bob – cem"]
    assert {r.percent for r in rows} == {0.0}
    assert rows[0].kappa is None
    assert rows[0].alpha < 0


def test_one_annotator_has_no_agreement(store: Store) -> None:
    ids = make_run(store, "m", 1)
    make_study(store, "s", ["m"])
    judge(store, "s", ids[0], "ann", {"repeat": "yes", "answer": "yes"})
    assert agreement(store, TableQuery("s")).rows == ()

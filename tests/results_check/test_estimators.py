"""The second set of estimators against the first, and both against packages of others."""

import math
import random
from collections import Counter
from itertools import product

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as packaged_mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from sit_core import statistics
from sit_core.results import significance
from sit_core.results_check import agreement, shares
from sit_core.results_check import pairs as several
from tests.reference import holm_of_statsmodels

quick = settings(max_examples=40, deadline=None)
CLOSE = {"rel": 1e-7, "abs": 1e-9}
zero_or_one = st.lists(st.lists(st.integers(0, 1), max_size=4), max_size=25)
outcomes = st.lists(st.lists(st.integers(-1, 1), max_size=3), max_size=25)


@quick
@given(st.integers(4, 60), st.integers(4, 60))
def test_wilson_is_the_package_s(k: int, rest: int) -> None:
    theirs = proportion_confint(k, k + rest, method="wilson")
    assert shares.wilson(k, k + rest)[:2] == pytest.approx(theirs, **CLOSE)


@quick
@given(st.floats(0, 50), st.floats(0.01, 50))
def test_wilson_of_fractions(k: float, rest: float) -> None:
    theirs = statistics.wilson_open(k, k + rest)
    assert theirs is not None
    assert shares.wilson(k, k + rest)[:2] == pytest.approx(theirs.ends, **CLOSE)


@quick
@given(zero_or_one)
def test_shares(values: list[list[int]]) -> None:
    ours = statistics.share_clusters([sum(of) for of in values], [len(of) for of in values])
    theirs = shares.share(values)
    assert (ours is None) == (theirs is None)
    if ours is not None:
        assert theirs is not None
        assert theirs[:2] == pytest.approx(ours.ends, **CLOSE)
        assert theirs.method == ours.method


@quick
@given(outcomes)
def test_wins_and_differences(values: list[list[int]]) -> None:
    won = [of.count(1) for of in values]
    lost = [of.count(-1) for of in values]
    n = [len(of) for of in values]
    ours, theirs = statistics.win_rate_clusters(won, lost, n), shares.wins(values)
    assert (ours is None) == (theirs is None)
    pair, other = statistics.paired_clusters(won, lost, n), shares.paired(values)
    if ours is not None and pair is not None and other is not None:
        assert theirs is not None
        assert theirs[:2] == pytest.approx(ours.ends, **CLOSE)
        assert theirs.method == ours.method
        assert other.difference == pytest.approx(pair.difference, **CLOSE)
        assert other.span[:2] == pytest.approx(pair.interval.ends, **CLOSE)
        assert other.span.method == pair.interval.method
        assert other.p == pytest.approx(pair.p, **CLOSE)


@quick
@given(
    st.lists(st.lists(st.sampled_from([0.0, 0.25, 0.3, 0.9, 1.0]), max_size=3), max_size=20),
    st.sampled_from([None, (0.0, 1.0)]),
)
def test_means(values: list[list[float]], scale: tuple[float, float] | None) -> None:
    sums, counts = [sum(of) for of in values], [len(of) for of in values]
    ours = statistics.mean_interval(sums, counts, scale=scale) if values else None
    theirs = shares.average(values, scale)
    assert (ours is None) == (theirs is None)
    if ours is not None:
        assert theirs is not None
        assert theirs[:2] == pytest.approx(ours.ends, **CLOSE)
        assert theirs.method == ours.method


@quick
@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar(one: int, other: int) -> None:
    found = shares.mcnemar(one, other)
    if one + other == 0:
        assert found is None
    else:
        theirs = packaged_mcnemar([[0, one], [other, 0]], exact=True).pvalue
        assert found == pytest.approx(theirs)


@quick
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=60))
def test_kappa_of_two_categories_is_the_package_s(pairs: list[tuple[int, int]]) -> None:
    found = agreement.kappa_span(pairs)
    table = np.array([[pairs.count((a, b)) for b in (0, 1)] for a in (0, 1)])
    if found is None:
        assert len({c for pair in pairs for c in pair}) == 1
        return
    theirs = cohens_kappa(table + 1)
    half = shares.z_of() * theirs.std_kappa
    assert found[:2] == pytest.approx(
        (max(theirs.kappa - half, -1), min(theirs.kappa + half, 1)), **CLOSE
    )
    assert agreement.kappa(pairs) == pytest.approx(cohens_kappa(table).kappa, **CLOSE)


@quick
@given(st.lists(st.lists(st.integers(0, 2), max_size=4), min_size=1, max_size=40))
def test_agreement_of_three_categories_and_gaps(units: list[list[int]]) -> None:
    patterns = Counter(tuple(unit.count(c) for c in range(3)) for unit in units)
    ours, theirs = statistics.alpha(patterns), agreement.alpha([tuple(u) for u in units])
    assert (ours is None) == (theirs is None)
    if ours is not None:
        assert theirs == pytest.approx(ours, **CLOSE)
        span = statistics.alpha_interval(patterns)
        assert span is not None
        found = agreement.alpha_span([tuple(u) for u in units])
        assert found is not None
        assert found[:2] == pytest.approx(span.ends, **CLOSE)
        assert found.method == span.method
        rows = [[u[i] if i < len(u) else math.nan for u in units] for i in range(4)]
        packaged = krippendorff.alpha(reliability_data=rows, level_of_measurement="nominal")
        assert theirs == pytest.approx(packaged)
    two = [tuple(u[:2]) for u in units if len(u) > 1]
    table = statistics.table_of(Counter(two))
    if two and (span := statistics.kappa_interval(table)) is not None:
        assert agreement.kappa(two) == pytest.approx(statistics.kappa(table), **CLOSE)
        found = agreement.kappa_span(two)
        assert found is not None
        assert found[:2] == pytest.approx(span.ends, **CLOSE)
        assert found.method == span.method


@quick
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=10))
def test_sign_flips_try_all_signs(differences: list[int]) -> None:
    sums = [
        abs(sum(sign * d for sign, d in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=len(differences))
    ]
    found = sum(total >= abs(sum(differences)) for total in sums) / len(sums)
    assert several.sign_flips(differences) == pytest.approx(found)


@pytest.mark.slow
@quick
@given(st.lists(st.integers(100, 500), min_size=2, max_size=30), st.randoms())
def test_sign_flips_of_ratings(ratings: list[int], rng: random.Random) -> None:
    others = [rng.randint(100, 500) for _ in ratings]
    p, _, _ = significance.sign_flip_pairs(np.array([ratings, others]) / 100)
    found = several.sign_flips([a - b for a, b in zip(ratings, others, strict=True)])
    assert found == pytest.approx(float(p[0]), rel=1e-6, abs=1e-9)


@quick
@given(st.lists(st.floats(1e-9, 1), min_size=1, max_size=40))
def test_holm(p: list[float]) -> None:
    assert several.holm(p) == pytest.approx(holm_of_statsmodels(p))


@quick
@given(st.integers(2, 7), st.data())
def test_letters_mean_what_they_say(systems: int, data: st.DataObject) -> None:
    pairs = [(a, b) for a in range(systems) for b in range(a)]
    differ = {pair for pair in pairs if data.draw(st.booleans())}
    letters = significance.letters(list(range(systems)), differ)
    assert letters is not None
    named = {str(i): text for i, text in letters.items()}
    apart = {frozenset(map(str, pair)) for pair in differ}
    assert several.same_groups(named, apart) is None
    for pair in pairs:
        turned = apart ^ {frozenset(map(str, pair))}
        assert several.same_groups(named, turned) is not None

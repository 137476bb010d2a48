"""Paired tests of many systems, their correction and the letters, against brute force."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sit_core.results.significance import (
    LEAST_P,
    flipped,
    holm,
    letters,
    mean_pairs,
    pairs_of,
    share_pairs,
    sign_flip_pairs,
)
from sit_core.statistics import mcnemar, paired
from tests.reference import holm_of_statsmodels

RATING = st.sampled_from([1.0, 2.0, 2.5, 3.0, 4.0, 5.0, None])
TABLE = st.integers(2, 4).flatmap(
    lambda systems: st.lists(
        st.lists(RATING, min_size=systems, max_size=systems), min_size=1, max_size=9
    )
)


def as_array(rows: list[list[float | None]]) -> np.ndarray:
    """Systems × prompts."""
    return np.array([[np.nan if v is None else v for v in row] for row in rows]).T


def by_all_signs(differences: list[float]) -> float:
    """The share of all patterns of signs whose sum is as far from 0."""
    found = abs(sum(differences))
    patterns = list(product((1, -1), repeat=len(differences)))
    sums = [abs(sum(s * d for s, d in zip(p, differences, strict=True))) for p in patterns]
    return sum(one >= found - 1e-9 for one in sums) / len(patterns)


@settings(max_examples=60, deadline=None)
@given(TABLE)
def test_the_sign_flip_test_counts_all_patterns_of_signs(rows: list[list[float | None]]) -> None:
    p, n, difference = sign_flip_pairs(as_array(rows))
    for place, (a, b) in enumerate(combinations(range(len(rows[0])), 2)):
        both = [(r[a], r[b]) for r in rows if r[a] is not None and r[b] is not None]
        apart = [x - y for x, y in both]
        assert n[place] == len(both)
        if both:
            assert difference[place] == pytest.approx(sum(apart) / len(both))
            assert p[place] == pytest.approx(by_all_signs(apart), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, None]), min_size=3, max_size=3), max_size=30))
def test_the_tests_of_all_pairs_are_those_of_each(rows: list[list[float | None]]) -> None:
    if not rows:
        return
    found = share_pairs(as_array(rows))
    also = sign_flip_pairs(as_array(rows))[0]
    for place, (a, b) in enumerate(combinations(range(3), 2)):
        both = [(r[a], r[b]) for r in rows if r[a] is not None and r[b] is not None]
        only = sum(x > y for x, y in both), sum(x < y for x, y in both)
        assert found.n[place] == len(both)
        exact = mcnemar(*only)
        assert np.isnan(found.p_mcnemar[place]) == (exact is None)
        assert also[place] == pytest.approx(exact or 1.0, abs=1e-9)
        if exact is not None:
            assert found.p_mcnemar[place] == pytest.approx(exact)
        alone = paired(*only, len(both))
        if alone is not None:
            assert found.difference[place] == pytest.approx(alone.difference)
            assert (found.low[place], found.high[place]) == pytest.approx(alone.interval.ends)
            assert found.p[place] == pytest.approx(alone.p)


def test_the_interval_of_a_difference_of_means_is_students_t() -> None:
    from scipy.stats import ttest_rel

    rows = [[4.0, 5.0], [3.0, 3.0], [5.0, 2.0], [1.0, None], [2.5, 4.0]]
    found = mean_pairs(as_array(rows))
    theirs = ttest_rel([4, 3, 5, 2.5], [5, 3, 2, 4]).confidence_interval(0.95)
    assert (found.low[0], found.high[0]) == pytest.approx((theirs.low, theirs.high))
    assert found.n[0] == 4
    alike = mean_pairs(as_array([[2.0, 1.0], [3.0, 2.0]]))
    assert np.isnan(alike.low[0]), "no interval where all differ by the same"


def test_pairs_come_in_the_order_of_combinations() -> None:
    first, second = pairs_of(4)
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == list(
        combinations(range(4), 2)
    )


def test_many_prompts_give_small_p_and_never_zero() -> None:
    values = np.vstack([np.full(805, 5.0), np.full(805, 1.0)])
    assert sign_flip_pairs(values)[0].tolist() == [LEAST_P]


@pytest.mark.slow
def test_ratings_of_any_fineness_come_near_to_the_exact_value() -> None:
    draw = np.random.default_rng(3)
    values = np.round(draw.uniform(1, 5, (2, 400)), 2)
    values[0] += 0.1
    fine = sign_flip_pairs(values)[0][0]
    apart = values[0] - values[1]
    signs = draw.choice((-1, 1), (20_000, 400))
    chance = (np.abs(signs @ apart) >= abs(apart.sum())).mean()
    assert fine == pytest.approx(chance, abs=0.01)


def test_beyond_what_can_be_tabled_it_is_the_normal_limit() -> None:
    counts = np.zeros((1, 200_000))
    counts[0, -1] = 400  # 400 differences of 200,000 units: a sign test
    exact = flipped(np.array([[400.0]]), np.array([50.0]))[0]
    assert flipped(counts, np.array([50.0 * 200_000]))[0] == pytest.approx(exact, rel=0.15)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_holm_is_that_of_statsmodels(p: list[float]) -> None:
    assert holm(np.array(p)).tolist() == pytest.approx(holm_of_statsmodels(p))


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 8), st.data())
def test_systems_share_a_letter_exactly_where_they_do_not_differ(
    systems: int, data: st.DataObject
) -> None:
    pairs = list(combinations(range(systems), 2))
    differ = set(data.draw(st.lists(st.sampled_from(pairs), unique=True) if pairs else st.just([])))
    ranked = data.draw(st.permutations(range(systems)))
    found = letters(ranked, differ)
    assert found is not None
    assert all(found.values())
    for a, b in pairs:
        assert bool(set(found[a]) & set(found[b])) == ((a, b) not in differ)
    assert "a" in found[ranked[0]]
    # None of the letters is idle: each one is why some systems share one.
    used = sorted({letter for of in found.values() for letter in of})
    assert used == [chr(ord("a") + i) for i in range(len(used))]
    groups = [{s for s in found if letter in found[s]} for letter in used]
    assert not any(one < other for one in groups for other in groups)


def test_more_groups_than_letters_have_two() -> None:
    found = letters(list(range(30)), set(combinations(range(30), 2)))
    assert found is not None
    assert (found[0], found[25], found[26]) == ("a", "z", "aa")

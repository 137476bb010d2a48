"""Intervals over seeds and questions together: by hand, and how often they hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.errors import UsageError
from sit_core.statistics.over_seeds import (
    correlation_over_seeds,
    difference_over_seeds,
    mean_over_seeds,
)

SEEDS = st.lists(
    st.lists(st.sampled_from([0.0, 0.25, 1.0]), min_size=1, max_size=30), min_size=1, max_size=6
)


def test_a_share_by_hand() -> None:
    # Means .6 and .8: V = .02/2 = .01, n_e = .21/.01 = 21, t_1 = 12.706.
    found = mean_over_seeds([[1.0] * 60 + [0.0] * 40, [1.0] * 80 + [0.0] * 20])
    assert found is not None
    assert found.value == pytest.approx(0.7)
    z2 = 12.7062**2
    middle = (0.7 + z2 / 42) / (1 + z2 / 21)
    half = 12.7062 / (1 + z2 / 21) * (0.21 / 21 + z2 / (4 * 21**2)) ** 0.5
    assert found.interval.ends == pytest.approx((middle - half, middle + half), abs=1e-4)


def test_a_difference_by_hand() -> None:
    # Means .5 and .3: V = .02/2 = .01, t_1 = 12.706; clipped.
    first, second = ([1.0] * 5 + [0.0] * 5) * 20, ([1.0] * 3 + [0.0] * 7) * 20
    found = difference_over_seeds([first, second])
    assert found is not None
    assert (found.value, found.interval.ends) == (
        pytest.approx(0.4),
        (pytest.approx(-0.8706, abs=1e-4), 1),
    )


def test_seeds_alike_leave_the_width_of_the_questions() -> None:
    alike = mean_over_seeds([[1.0, 0.0] * 50] * 5)
    one = mean_over_seeds([[1.0, 0.0] * 250])
    assert alike is not None
    assert one is not None
    width = lambda found: found.interval.high - found.interval.low  # noqa: E731
    # The same questions' variance; t_4 in place of the normal quantile.
    assert width(alike) / width(one) == pytest.approx(2.776 / 1.96, rel=0.02)
    # A spread smaller than chance makes of questions says nothing better than the questions do.
    nearly = mean_over_seeds([[1.0] * k + [0.0] * (100 - k) for k in (50, 50, 51, 50, 50)])
    assert nearly is not None
    assert width(nearly) == pytest.approx(width(alike), rel=0.01)
    all_right = mean_over_seeds([[1.0] * 100] * 5)
    assert all_right is not None
    assert 0.9 < all_right.interval.low < 1


@given(SEEDS)
def test_ends_enclose_the_figure_and_stay_on_the_scale(values) -> None:
    for found, least in (
        (mean_over_seeds(values), 0),
        (difference_over_seeds([[1 - 2 * v for v in x] for x in values]), -1),
    ):
        assert found is not None
        assert least <= found.interval.low <= found.value <= found.interval.high <= 1
        assert found.interval.low < found.interval.high
        assert len(found.seeds) == len(values)
        assert found.n == sum(map(len, values))


def test_what_cannot_be_is_refused_and_nothing_is_none() -> None:
    assert mean_over_seeds([]) is None
    assert difference_over_seeds([[]]) is None
    assert correlation_over_seeds([]) is None
    with pytest.raises(UsageError):
        mean_over_seeds([[1.2]])


def test_correlations_of_seeds_that_differ_are_wide() -> None:
    narrow = correlation_over_seeds([(-0.3, 200)] * 5)
    wide = correlation_over_seeds([(-0.8, 200), (0.2, 200), (-0.3, 200), (-0.5, 200), (-0.1, 200)])
    assert narrow is not None
    assert wide is not None
    assert narrow.interval.high < 0 < wide.interval.high


@pytest.mark.long
@pytest.mark.parametrize(("alike", "least"), [(0.0, 0.97), (0.01, 0.94), (0.05, 0.86)])
@pytest.mark.parametrize("p", [0.05, 0.3, 0.5, 0.9, 0.98])
def test_shares_hold_as_often_as_is_said(alike: float, least: float, p: float) -> None:
    draw = np.random.default_rng(11)
    held, draws = 0, 400
    for _ in range(draws):
        of_seed = (
            np.full(5, p)
            if not alike
            else draw.beta(p * (1 / alike - 1), (1 - p) * (1 / alike - 1), size=5)
        )
        found = mean_over_seeds(
            [[1.0] * k + [0.0] * (200 - k) for k in draw.binomial(200, of_seed)]
        )
        assert found is not None
        held += found.interval.low <= p <= found.interval.high
    assert held / draws > least - 0.02

"""The logistic curve: Firth's estimate elsewhere, separation, predictions, a small simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import binom

from sit_core.errors import UsageError
from sit_core.statistics import logistic


def firth(x, y, m):
    """The penalised maximum by another road: a general minimiser."""
    x, y, m = (np.array(one, dtype=float) for one in (x, y, m))

    def loss(theta):
        eta = theta[0] + theta[1] * x
        p = 1 / (1 + np.exp(-eta))
        w = m * p * (1 - p)
        design = np.stack([np.ones_like(x), x])
        _, root = np.linalg.slogdet((design * w) @ design.T)
        return -(y * eta - m * np.logaddexp(0, eta)).sum() - 0.5 * root

    return minimize(
        loss,
        [0.0, 0.0],
        method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 5000},
    ).x


@pytest.mark.parametrize(
    ("x", "done", "counts"),
    [
        ([1, 2, 3], [97, 80, 51], [100, 100, 100]),
        ([1, 2], [20, 20], [20, 20]),
        ([1, 2, 3], [10, 10, 0], [10, 10, 10]),
        ([2, 4, 7, 9], [1, 4, 0, 3], [12, 8, 3, 5]),
    ],
)
def test_the_estimate_is_firths(x, done, counts) -> None:
    found = logistic(x, done, counts)
    assert found is not None
    assert [found.intercept, found.slope] == pytest.approx(firth(x, done, counts), abs=2e-4)
    assert np.isfinite([*found.interval.ends, found.rate(5)]).all()


@given(
    done=st.lists(st.integers(0, 12), min_size=3, max_size=3),
    shift=st.integers(-5, 5),
)
def test_success_and_failure_are_told_alike_and_x_may_be_moved(done: list[int], shift: int) -> None:
    one = logistic([1, 2, 3], done, [12] * 3)
    other = logistic([1, 2, 3], [12 - k for k in done], [12] * 3)
    moved = logistic([1 + shift, 2 + shift, 3 + shift], done, [12] * 3)
    assert one is not None
    assert other is not None
    assert moved is not None
    assert one.slope == pytest.approx(-other.slope, abs=1e-6)
    assert one.rate(5) == pytest.approx(1 - other.rate(5), abs=1e-6)
    assert moved.rate(5 + shift) == pytest.approx(one.rate(5), abs=1e-6)
    assert one.interval.low <= one.slope <= one.interval.high


def test_a_prediction_is_wider_than_the_curve_and_narrows_with_outputs() -> None:
    found = logistic([1, 2, 3], [970, 800, 510], [1000] * 3)
    assert found is not None
    curve, few, many = found.rate_interval(3), found.predicted(3, 20), found.predicted(3, 20_000)
    assert few.low <= curve.low < curve.high <= few.high
    assert many.high - many.low < few.high - few.low
    exact = binom.ppf([0.025, 0.975], 20, found.rate(3)) / 20
    assert few.ends == pytest.approx(tuple(exact), abs=0.051)


def test_what_can_not_be_fitted() -> None:
    assert logistic([2, 2], [1, 0], [1, 1]) is None
    assert logistic([1, 2], [1, 0], [1, 0]) is None
    with pytest.raises(UsageError, match="done"):
        logistic([1, 2], [3, 0], [2, 2])


@pytest.mark.long
@pytest.mark.parametrize(("a", "b", "n"), [(3, -1, 50), (6, -1, 50), (4, 0, 30), (-1, -0.5, 100)])
def test_intervals_and_predictions_hold_about_as_often_as_the_docs_say(a, b, n) -> None:
    draw = np.random.default_rng(5)
    held = new = 0
    for _ in range(300):
        y = {x: draw.binomial(n, 1 / (1 + np.exp(-(a + b * x)))) for x in (1, 2, 3, 5)}
        found = logistic([1, 2, 3], [y[1], y[2], y[3]], [n] * 3)
        assert found is not None
        held += found.interval.low <= b <= found.interval.high
        ends = found.predicted(5, n)
        new += ends.low - 1e-9 <= y[5] / n <= ends.high + 1e-9
    assert held / 300 > 0.95 - 0.04
    assert new / 300 > 0.95 - 0.04

"""Spearman's ρ, the logistic slope and the band: fixed values, invariances, what is not defined."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.errors import UsageError
from sit_core.statistics import bootstrap_band, logistic_trend, spearman, window_starts
from sit_core.statistics.interval import TREND, TREND_ROBUST
from sit_core.statistics.spearman import influence_of

LENGTHS = st.integers(1, 30)
PAIRS = st.lists(st.tuples(LENGTHS, st.sampled_from([0.0, 1.0])), min_size=8, max_size=40)


@given(PAIRS)
def test_rho_is_scipy_s(pairs: list[tuple[int, float]]) -> None:
    from scipy.stats import spearmanr

    x, y = zip(*pairs, strict=True)
    found = spearman(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert found.rho is None
        assert "are the same" in found.why
        return
    assert found.rho == pytest.approx(spearmanr(x, y).statistic)
    if found.interval is not None:
        assert found.interval.low < found.rho < found.interval.high


def test_rho_s_interval_is_at_least_bonett_and_wright_s() -> None:
    draw = np.random.default_rng(1)
    x = draw.normal(size=80)
    y = x + draw.normal(size=80)
    found = spearman(x.tolist(), y.tolist())
    usual = 1.96 * math.sqrt((1 + found.rho**2 / 2) / 77)
    low, high = np.tanh(np.arctanh(found.rho) + np.array([-usual, usual]))
    assert found.interval.low < low
    assert found.interval.high > high
    assert found.interval.high - found.interval.low < 1.3 * (high - low)


@given(st.integers(0, 1000), st.sampled_from([2, 6, 1000]))
def test_rho_s_influence_is_what_leaving_one_out_changes(seed: int, different: int) -> None:
    draw = np.random.default_rng(seed)
    x = draw.integers(0, 8 * different, 60).astype(float)
    y = np.floor((x / 8 + different * draw.random(60)) / 2)
    if np.ptp(y) == 0:
        return
    rho, influence = influence_of(x, y)
    without = [influence_of(np.delete(x, i), np.delete(y, i))[0] for i in range(60)]
    left_out = 59 * (rho - np.array(without))
    assert np.abs(influence.mean()) < 1e-9
    assert np.corrcoef(left_out, influence)[0, 1] > 0.99
    assert influence.std() == pytest.approx(left_out.std(), rel=0.15)


def test_outputs_of_one_question_are_not_taken_for_independent() -> None:
    draw = np.random.default_rng(2)
    x = np.repeat(draw.integers(1, 100, 30), 4).tolist()
    y = np.repeat(draw.random(30) < 0.5, 4).astype(float).tolist()
    whose = np.repeat(np.arange(30), 4).tolist()
    alone, together = spearman(x, y), spearman(x, y, prompts=whose)
    assert together.rho == alone.rho

    def width(found) -> float:
        return found.interval.high - found.interval.low

    assert width(together) > 1.7 * width(alone)
    alone, together = logistic_trend(x, y), logistic_trend(x, y, prompts=whose)
    assert together.slope == pytest.approx(alone.slope)
    assert (alone.interval.method, together.interval.method) == (TREND, TREND_ROBUST)
    assert width(together) > 1.7 * width(alone)


def test_slope_and_profile_are_those_of_logistf() -> None:
    """A separated sample: the penalised score is 0 at the slope, 3.84/2 below it at the ends."""
    from scipy.optimize import minimize_scalar

    x, y = np.arange(8.0) - 3.5, np.array([0, 0, 0, 0, 1, 1, 1, 1.0])

    def height(a: float, b: float) -> float:
        p = 1 / (1 + np.exp(-(a + b * x)))
        w = p * (1 - p)
        information = np.array([[w.sum(), (w * x).sum()], [(w * x).sum(), (w * x * x).sum()]])
        line = a + b * x
        told = (y * line - np.logaddexp(0, line)).sum()
        return float(told + np.linalg.slogdet(information)[1] / 2)

    def profile(b: float) -> float:
        found = minimize_scalar(lambda a: -height(a, b), bounds=(-8, 8), method="bounded")
        return -float(found.fun)

    found = logistic_trend(x.tolist(), y.tolist())
    top = height(found.intercepts[0], found.slope)
    for nudge in (1e-3, -1e-3):
        assert height(found.intercepts[0] + nudge, found.slope) < top
        assert height(found.intercepts[0], found.slope + nudge) < top
    from scipy.stats import t

    wanted = top - t.ppf(0.975, 6) ** 2 / 2
    for end in found.interval.ends:
        assert profile(end) == pytest.approx(wanted, abs=1e-3)


@given(PAIRS)
def test_turning_the_values_turns_the_slope(pairs: list[tuple[int, float]]) -> None:
    x = [math.log2(n) for n, _ in pairs]
    y = [value for _, value in pairs]
    found, other = logistic_trend(x, y), logistic_trend(x, [1 - value for value in y])
    if found.slope is None:
        assert other.slope is None
        assert found.why == other.why
        return
    assert other.slope == pytest.approx(-found.slope, abs=1e-5)
    assert other.interval.low == pytest.approx(-found.interval.high, rel=1e-4, abs=1e-4)
    assert found.interval.low < found.slope < found.interval.high
    doubled = logistic_trend([2 * one for one in x], y)
    assert doubled.slope == pytest.approx(found.slope / 2, abs=1e-5)


def test_within_strata_only_outputs_of_one_are_compared() -> None:
    draw = np.random.default_rng(3)
    stratum = np.repeat([0, 1], 150)
    x = draw.normal(size=300) + 3 * stratum
    y = (draw.random(300) < np.where(stratum, 0.2, 0.8)).astype(float)
    pooled = logistic_trend(x.tolist(), y.tolist())
    within = logistic_trend(x.tolist(), y.tolist(), strata=stratum.tolist())
    assert pooled.interval.high < 0
    assert within.interval.low < 0 < within.interval.high
    assert len(within.intercepts) == 2
    # a stratum of equal values says nothing
    more = logistic_trend(
        [*x.tolist(), 1.0, 9.0], [*y.tolist(), 1.0, 1.0], strata=[*stratum.tolist(), 2, 2]
    )
    assert more.slope == pytest.approx(within.slope)
    assert more.n == 300


def test_values_between_have_the_robust_interval() -> None:
    draw = np.random.default_rng(4)
    x = draw.normal(size=200)
    y = np.clip(0.3 - 0.05 * x + 0.02 * draw.normal(size=200), 0, 1)
    found = logistic_trend(x.tolist(), y.tolist())
    assert found.interval.method == TREND_ROBUST
    assert found.interval.high < 0
    ones = logistic_trend(x.tolist(), (draw.random(200) < y).astype(float).tolist())
    assert found.interval.high - found.interval.low < 0.3 * (ones.interval.high - ones.interval.low)


def test_what_is_not_defined_says_why() -> None:
    assert logistic_trend([1, 2, 3], [0, 1, 0]).why == "fewer than 4 values"
    assert logistic_trend([2] * 5, [0, 1, 0, 1, 0]).why == "all lengths are the same"
    assert logistic_trend(range(5), [0] * 5).why == "all values are the same"
    assert logistic_trend(range(4), [0, 0, 1, 1], strata=[0, 0, 1, 1]).why == (
        "all values are the same within each stratum"
    )
    assert spearman([1, 2], [0, 1]).why == "fewer than 5 values"
    assert spearman(range(6), range(6)).interval is None
    with pytest.raises(UsageError, match="one length"):
        spearman([1], [1, 2])
    with pytest.raises(UsageError, match="0 and 1"):
        logistic_trend(range(5), [0, 1, 2, 0, 1])


@given(st.integers(0, 300), st.integers(1, 60), st.integers(2, 40))
def test_windows_lie_within_and_reach_both_ends(n: int, size: int, most: int) -> None:
    starts = window_starts(n, size, most)
    assert len(starts) == min(max(n - size + 1, 0), most)
    assert starts == sorted(set(starts))
    if starts:
        assert starts[0] == 0
        assert starts[-1] + size == n or len(starts) == 1


def test_a_band_is_seeded_has_width_and_keeps_questions_together() -> None:
    y = [1.0] * 30
    first = bootstrap_band(y, range(30), [0, 20], 10, seed=1)
    assert first == bootstrap_band(y, range(30), [0, 20], 10, seed=1)
    assert first != bootstrap_band([1.0, 0.0] * 15, range(30), [0, 20], 10, seed=2)
    assert all(0.6 < one.low < 0.9 and one.high == 1 for one in first)
    mixed = np.repeat(np.random.default_rng(5).random(30) < 0.5, 3).astype(float).tolist()
    alone = bootstrap_band(mixed, range(90), [0], 90, seed=1)[0]
    together = bootstrap_band(mixed, [i // 3 for i in range(90)], [0], 90, seed=1)[0]
    assert together.high - together.low > 1.4 * (alone.high - alone.low)
    with pytest.raises(UsageError, match="within the values"):
        bootstrap_band(y, range(30), [25], 10, seed=1)
    assert bootstrap_band(y, range(30), [], 10, seed=1) == []

"""Means over wordings × questions: by hand, bounds, and small simulations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.errors import UsageError
from sit_core.statistics import crossed_mean, share_clusters

MATRICES = st.integers(2, 5).flatmap(
    lambda n: st.lists(
        st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n), min_size=2, max_size=5
    )
)


def test_the_mean_squares_by_hand() -> None:
    # Wordings 1 and 2 on four questions: means .75 and .25; SS_A = 4·2·.25² = .5, MS_A = .5;
    # questions' means 1, .5, .5, 0: SS_B = 2·(.25+0+0+.25) = 1, MS_B = 1/3; the rest: total
    # SS 8·.25 = 2 less 1.5 = .5, MS_E = .5/3. σ_A² = (.5 - 1/6)/4 = 1/12.
    found = crossed_mean([[1, 1, 1, 0], [1, 0, 0, 0]])
    assert found is not None
    assert found.value == 0.5
    assert found.each == (0.75, 0.25)
    assert found.sd == pytest.approx((1 / 12) ** 0.5)
    assert found.questions == 4


@given(values=MATRICES)
def test_bounds_and_never_narrower_than_these_wordings(values: list[list[float]]) -> None:
    found = crossed_mean(values)
    assert found is not None
    assert 0 <= found.interval.low <= found.value <= found.interval.high <= 1
    assert 0 <= found.sd_interval.low <= found.sd <= found.sd_interval.high + 1e-9 <= 0.5 + 1e-9
    fixed = share_clusters(
        [sum(column) for column in zip(*values, strict=True)], [len(values)] * len(values[0])
    )
    assert fixed is not None
    assert found.interval.low <= fixed.low
    assert found.interval.high >= fixed.high
    again = crossed_mean([row[::-1] for row in values[::-1]])
    assert again is not None
    assert again.interval.ends == pytest.approx(found.interval.ends)
    assert again.sd_interval.ends == pytest.approx(found.sd_interval.ends)


def test_wordings_that_came_out_alike_have_an_interval_all_the_same() -> None:
    found = crossed_mean([[1.0] * 20] * 3)
    assert found is not None
    assert found.sd == 0
    assert 0 < found.sd_interval.high < 0.5
    assert found.interval.low < 1


def test_what_can_not_be_said_is_not_said() -> None:
    assert crossed_mean([[1, 0, 1]]) is None
    assert crossed_mean([[1], [0]]) is None
    with pytest.raises(UsageError, match="every question"):
        crossed_mean([[1, 0], [1]])
    with pytest.raises(UsageError, match="between 0 and 1"):
        crossed_mean([[1, 2], [1, 0]])


@pytest.mark.long
@pytest.mark.parametrize(("unlike", "least"), [(0.0, 0.93), (0.3, 0.93), (1.0, 0.87)])
def test_coverage_is_about_what_the_docs_say(unlike: float, least: float) -> None:
    draw = np.random.default_rng(3)

    def rate(logit):
        return 1 / (1 + np.exp(-logit))

    true = rate(2 + draw.normal(0, np.hypot(unlike, 1.5), 200_000)).mean()
    held = 0
    for _ in range(800):
        p = rate(2 + draw.normal(0, unlike, 3)[:, None] + draw.normal(0, 1.5, 100)[None, :])
        found = crossed_mean((draw.random(p.shape) < p).astype(float).tolist())
        assert found is not None
        held += found.interval.low <= true <= found.interval.high
    assert held / 800 > least - 0.025

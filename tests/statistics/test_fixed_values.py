"""The estimators give the values fixed when they were chosen, and what reference packages give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.errors import UsageError
from sit_core.statistics import (
    METHODS,
    alpha,
    alpha_interval,
    kappa,
    kappa_interval,
    mcnemar,
    mean_interval,
    paired,
    paired_clusters,
    share_clusters,
    table_of,
    wilson_open,
    win_rate,
    win_rate_clusters,
)
from sit_core.statistics.interval import CLUSTERS, WILSON, figure_text
from sit_core.statistics.share_clusters import share_clusters_rows

proportion = pytest.importorskip("statsmodels.stats.proportion")
inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
contingency = pytest.importorskip("statsmodels.stats.contingency_tables")
krippendorff = pytest.importorskip("krippendorff")

NEAR = 5e-4


@given(st.integers(8, 2000).flatmap(lambda n: st.tuples(st.integers(4, n - 4), st.just(n))))
def test_away_from_both_ends_it_is_wilsons(counts: tuple[int, int]) -> None:
    k, n = counts
    found = wilson_open(k, n)
    assert found is not None
    assert found.method == WILSON
    assert found.ends == pytest.approx(proportion.proportion_confint(k, n, method="wilson"))


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("n", [10, 20, 200])
def test_three_or_fewer_on_one_side_open_that_end(k: int, n: int) -> None:
    from scipy.stats import gamma

    low, high = proportion.proportion_confint(k, n, method="wilson")
    found = wilson_open(k, n)
    assert found.low == pytest.approx(min(low, gamma.ppf(0.05, k) / n))
    assert found.low < low
    if n > 6:
        assert found.high == pytest.approx(high)
    other = wilson_open(n - k, n)
    assert other.ends == pytest.approx((1 - found.high, 1 - found.low))


def test_none_and_all_still_have_width() -> None:
    assert wilson_open(0, 20).low == 0
    assert wilson_open(0, 20).high == pytest.approx(0.1611, abs=NEAR)
    assert wilson_open(20, 20).ends == (pytest.approx(0.8389, abs=NEAR), 1.0)
    assert wilson_open(0, 0) is None
    assert wilson_open(6.5, 10.354).low < 0.65 < wilson_open(6.5, 10.354).high
    with pytest.raises(UsageError, match="11 of 10"):
        wilson_open(11, 10)


def test_repeated_prompts() -> None:
    x = [3, 3, 3, 2, 3, 0, 3, 3, 3, 3]
    found = share_clusters(x, [3] * 10)
    assert found.ends == pytest.approx((0.5647, 0.9864), abs=NEAR)
    assert found.method == CLUSTERS
    assert share_clusters_rows(np.array([x]), np.full((1, 10), 3))[2][0] == pytest.approx(
        10.354, abs=1e-3
    )
    assert share_clusters([3] * 20, [3] * 20).ends == pytest.approx((0.8389, 1), abs=NEAR)
    assert share_clusters([], []) is None
    with pytest.raises(UsageError, match="0 ≤ yes ≤ outputs"):
        share_clusters([2], [1])


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_prompts_with_one_output_each_are_wilsons(yes: list[bool]) -> None:
    found = share_clusters([float(y) for y in yes], [1.0] * len(yes))
    assert found == wilson_open(sum(yes), len(yes))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_one_prompt_twice_never_makes_an_interval_narrower_nor_without_width(
    counts: list[tuple[int, int]],
) -> None:
    yes, outputs = [float(a) for a, _ in counts], [float(a + b) for a, b in counts]
    found = share_clusters(yes, outputs)
    if found is None:
        assert not sum(outputs)
        return
    alone = wilson_open(sum(yes), sum(outputs))
    assert 0 <= found.low <= sum(yes) / sum(outputs) <= found.high <= 1
    assert found.high - found.low > 0
    assert found.high - found.low >= 0.98 * (alone.high - alone.low)


def test_a_paired_difference_is_bonett_and_prices() -> None:
    b, c, n = 30, 15, 100
    first, second = (b + 1) / (n + 2), (c + 1) / (n + 2)
    error = ((first + second - (first - second) ** 2) / (n + 2)) ** 0.5
    found = paired(b, c, n)
    assert found.difference == 0.15
    ends = (first - second - 1.959964 * error, first - second + 1.959964 * error)
    assert found.interval.ends == pytest.approx(ends, abs=1e-6)
    assert paired(0, 0, 10).p == 1
    assert paired(0, 0, 10).interval.high > 0
    assert paired(0, 0, 0) is None
    with pytest.raises(UsageError, match="can't differ"):
        paired(6, 5, 10)


@given(st.integers(1, 300), st.integers(0, 300), st.integers(0, 300))
def test_the_test_says_what_the_interval_says(n: int, b: int, c: int) -> None:
    if b + c > n:
        return
    found, other = paired(b, c, n), paired(c, b, n)
    assert (found.p < 0.05) == (not found.interval.low <= 0 <= found.interval.high)
    assert other.interval.ends == pytest.approx((-found.interval.high, -found.interval.low))
    assert other.p == pytest.approx(found.p)


def test_pairs_of_repeated_prompts_are_worth_less() -> None:
    alone = paired(60, 20, 200)
    one_each = paired_clusters([1] * 60 + [0] * 140, [0] * 60 + [1] * 20 + [0] * 120, [1] * 200)
    assert one_each.interval == alone.interval
    assert one_each.difference == pytest.approx(alone.difference)
    alike = paired_clusters([4] * 15 + [0] * 35, [0] * 15 + [4] * 5 + [0] * 30, [4] * 50)
    fewer = paired(15, 5, 50)
    width = alike.interval.high - alike.interval.low
    assert width > 1.5 * (alone.interval.high - alone.interval.low)
    assert width == pytest.approx(fewer.interval.high - fewer.interval.low, rel=0.05)
    assert paired_clusters([2, 2], [0, 0], [2, 2]).interval.low < 1


@pytest.mark.parametrize(("b", "c"), [(1, 9), (0, 5), (12, 12), (30, 11), (1, 0)])
def test_mcnemar_is_the_exact_test(b: int, c: int) -> None:
    assert mcnemar(b, c) == pytest.approx(contingency.mcnemar([[7, b], [c, 3]], exact=True).pvalue)
    assert mcnemar(0, 0) is None


def test_kappa_has_the_fixed_intervals() -> None:
    assert kappa_interval([[13, 2], [1, 4]]).ends == pytest.approx((0.148, 0.884), abs=NEAR)
    assert kappa_interval([[15, 0], [0, 5]]).ends == pytest.approx((0.532, 1), abs=NEAR)
    assert kappa_interval([[20, 0], [0, 0]]) is None
    assert kappa([[20, 0], [0, 0]]) is None
    assert kappa([[0, 20], [0, 0]]) == 0
    assert kappa_interval([[0, 20], [0, 0]]) is not None
    with pytest.raises(UsageError, match="square"):
        kappa([[1, 2]])


SQUARE = st.integers(2, 4).flatmap(
    lambda q: st.lists(st.lists(st.integers(0, 40), min_size=q, max_size=q), min_size=q, max_size=q)
)


@given(SQUARE)
def test_kappa_and_its_error_are_statsmodels_on_the_table_with_pseudo_items(
    table: list[list[int]],
) -> None:
    found = kappa_interval(table)
    if found is None:
        return
    q = len(table)
    added = np.array(table, dtype=float) + 2 / (q * (q - 1))
    np.fill_diagonal(added, np.diag(np.array(table)) + 2 / q)
    there = inter_rater.cohens_kappa(added)
    half = 1.959964 * np.nan_to_num(there.std_kappa)  # a variance just below 0 is rounding
    ends = max(there.kappa - half, -1), min(there.kappa + half, 1)
    assert found.ends == pytest.approx(ends, abs=1e-6)
    assert kappa(table) == pytest.approx(inter_rater.cohens_kappa(np.array(table)).kappa)


def test_a_table_has_the_categories_in_use() -> None:
    assert table_of({(1, 1): 3, (0, 2): 1, (2, 2): 0}) == [[0, 0, 1], [0, 3, 0], [0, 0, 0]]
    assert table_of({(1, 1): 3}) == [[3, 0], [0, 0]]
    assert kappa(table_of({})) is None


PATTERNS = st.integers(2, 3).flatmap(
    lambda q: st.dictionaries(
        st.tuples(*[st.integers(0, 3)] * q), st.integers(1, 15), min_size=1, max_size=6
    )
)


def _matrix(patterns: dict[tuple[int, ...], int]) -> list[list[int]]:
    """Items × categories, as the krippendorff package counts."""
    return [list(pattern) for pattern, n in patterns.items() for _ in range(n)]


@given(PATTERNS)
def test_alpha_is_the_packages(patterns: dict[tuple[int, ...], int]) -> None:
    found = alpha(patterns)
    if found is None:
        assert alpha_interval(patterns) is None
        return
    q = len(next(iter(patterns)))
    there = krippendorff.alpha(
        value_counts=np.array(_matrix(patterns)),
        level_of_measurement="nominal",
        value_domain=list(range(q)),
    )
    assert found == pytest.approx(there)


@given(
    st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 3)), st.integers(1, 15), max_size=6)
)
def test_the_interval_of_alpha_is_the_jackknife_of_the_package(
    patterns: dict[tuple[int, int], int],
) -> None:
    found = alpha_interval(patterns)
    if found is None:
        return
    rows = [row for row in _matrix(patterns) if sum(row) > 1]
    rows += [[2, 0], [0, 2], [1, 1], [1, 1]]

    def package(of: list[list[int]]) -> float:
        return krippendorff.alpha(
            value_counts=np.array(of), level_of_measurement="nominal", value_domain=[0, 1]
        )

    middle = package(rows)
    d = np.array([package(rows[:i] + rows[i + 1 :]) - middle for i in range(len(rows))])
    m = len(rows)
    half = 1.959964 * ((m - 1) / m * ((d**2).sum() - d.sum() ** 2 / m)) ** 0.5
    assert found.ends == pytest.approx((max(middle - half, -1), min(middle + half, 1)), abs=1e-6)


def test_a_mean_without_a_scale_is_students_t() -> None:
    from scipy.stats import sem, t

    values = [3.0, 8.0, 1.0, 4.0, 4.5]
    found = mean_interval(values, [1] * 5)
    assert found.ends == pytest.approx(t.interval(0.95, 4, np.mean(values), sem(values)))
    twice = mean_interval([2 * v for v in values], [2] * 5)
    assert twice.ends == pytest.approx(found.ends)
    assert mean_interval([2.0], [1]) is None
    assert mean_interval([2.0, 2.0], [1, 1]) is None


def test_a_mean_on_a_scale_is_students_t_with_a_prompt_at_each_end() -> None:
    from scipy.stats import sem, t

    values = [4.0, 5.0, 5.0, 3.0, 4.0, 5.0]
    more = [*values, 1, 5]
    found = mean_interval(values, [1] * 6, scale=(1, 5))
    low, high = t.interval(0.95, 7, np.mean(more), sem(more))
    assert found.ends == pytest.approx((low, min(high, 5)))
    same = mean_interval([1.0] * 20, [1] * 20, scale=(0, 1))
    assert same.high == 1
    assert 0.7 < same.low < 0.95
    assert mean_interval([], [], scale=(0, 1)) is None
    inside = [0.4, 0.5, 0.6]
    assert (
        mean_interval(inside, [1] * 3, scale=(0, 1)).method == mean_interval(inside, [1] * 3).method
    )
    assert mean_interval([1, 8, 9], [1] * 3, scale=(1, 5)) == mean_interval([1, 8, 9], [1] * 3)
    with pytest.raises(UsageError, match="at least 0"):
        mean_interval([3.0], [-1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_an_interval_of_a_mean_on_a_scale_holds_the_mean(values: list[float]) -> None:
    found = mean_interval(values, [1] * len(values), scale=(0, 1))
    assert found.low - 1e-9 <= sum(values) / len(values) <= found.high + 1e-9
    assert found.low < found.high


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_win_rate_without_ties_is_a_share(counts: tuple[int, int]) -> None:
    won, n = counts
    assert win_rate(won, n - won, n).ends == pytest.approx(wilson_open(won, n).ends)


def test_ties_make_a_win_rate_surer() -> None:
    few, many = win_rate(45, 45, 100), win_rate(10, 10, 100)
    assert many.high - many.low < 0.6 * (few.high - few.low)
    assert few.low + few.high == pytest.approx(1)
    assert win_rate(0, 0, 30).low < 0.5 < win_rate(0, 0, 30).high
    assert win_rate(0, 0, 0) is None
    assert win_rate_clusters([1, 0, 0], [0, 1, 0], [1, 1, 1]) == win_rate(1, 1, 3)
    repeated = win_rate_clusters([2] * 10 + [0] * 10, [0] * 10 + [2] * 10, [2] * 20)
    assert repeated.high - repeated.low > 1.3 * (
        win_rate(20, 20, 40).high - win_rate(20, 20, 40).low
    )
    with pytest.raises(UsageError, match="can't be"):
        win_rate(3, 3, 5)


def test_every_method_is_explained() -> None:
    assert all(text.endswith(".") and len(text) < 130 for text in METHODS.values())


def test_a_sum_of_scores_that_rounding_put_beyond_the_scale_is_on_it() -> None:
    exact = mean_interval([1.0, 3.0, 0.5], [1, 3, 1], scale=(0, 1))
    rounded = mean_interval([1.0000000000000002, 3.0000000000000004, 0.5], [1, 3, 1], scale=(0, 1))
    assert exact is not None
    assert rounded is not None
    assert rounded.method == exact.method
    assert rounded.ends == pytest.approx(exact.ends)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (figure_text(0.9, 0.596, 0.982, n=10), "90.0 [59.6–98.2] n=10"),
        (figure_text(0.9, 0.596, 0.982, n=10, digits=0, unit=" %"), "90 % [60–98] n=10"),
        (figure_text(0.0, 0.0, 0.1, n=1), "0.0 [0.0–10.0] n=1"),
        (figure_text(0.5, None, None, n=0), "50.0"),
        (figure_text(0.5, 0.2, None), "50.0"),
        (figure_text(1234.5, 1, 2, digits=".4g", scale=1, beside=" ab", n=3), "1234 [1–2] ab n=3"),
    ],
)
def test_a_figure_is_shown_with_its_interval_and_n(made: str, text: str) -> None:
    assert made == text

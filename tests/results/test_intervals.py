"""Wilson and McNemar agree with an independent implementation."""

import pytest

from sit_core.errors import UsageError
from sit_core.results.intervals import mcnemar, wilson


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (0, 20), (17, 20), (91, 100), (500, 1221)])
def test_wilson_equals_statsmodels(k: int, n: int) -> None:
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    assert wilson(k, n) == pytest.approx(proportion.proportion_confint(k, n, method="wilson"))


@pytest.mark.parametrize(("b", "c"), [(1, 9), (0, 5), (12, 12), (30, 11), (1, 0)])
def test_mcnemar_equals_statsmodels(b: int, c: int) -> None:
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    assert mcnemar(b, c) == pytest.approx(tables.mcnemar([[7, b], [c, 3]], exact=True).pvalue)


def test_ties_as_halves_are_within_what_the_counts_around_them_give() -> None:
    below, found, above = wilson(4, 10), wilson(4.5, 10), wilson(5, 10)
    assert None not in (below, found, above)
    assert below[0] < found[0] < above[0] < 0.5 < below[1] < found[1] < above[1]
    assert wilson(0, 3) == (0.0, pytest.approx(0.5615, abs=1e-4))
    assert wilson(3, 3) == (pytest.approx(0.4385, abs=1e-4), 1.0)


def test_nothing_judged_and_nothing_different_have_no_figure() -> None:
    assert wilson(0, 0) is None
    assert mcnemar(0, 0) is None


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(UsageError, match="11 of 10"):
        wilson(11, 10)

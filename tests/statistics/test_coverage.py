"""Small simulations: intervals hold the true value about as often as docs/statistics.md says."""

from collections import Counter

import numpy as np
import pytest

from sit_core.statistics import alpha_interval, bootstrap_band, kappa_interval, spearman
from sit_core.statistics.logistic_trend import trend_rows
from sit_core.statistics.mean import mean_rows
from sit_core.statistics.paired import effective_pairs, paired_rows
from sit_core.statistics.share_clusters import share_clusters_rows
from sit_core.statistics.wilson_open import wilson_open_rows
from sit_core.statistics.win_rate import win_rate_rows

pytestmark = pytest.mark.long
NOISE = 0.012
"""About three standard errors of a share of 4,000 draws near .95."""
DRAWS = 4000


def held(low, high, true) -> float:
    return float(np.mean((low <= true + 1e-12) & (high >= true - 1e-12)))


@pytest.mark.parametrize("n", [20, 30, 50, 100, 200])
def test_shares(n: int) -> None:
    from scipy.stats import binom

    k = np.arange(n + 1.0)
    low, high = wilson_open_rows(k, np.full(n + 1, float(n)))
    worst = min(
        binom.pmf(k, n, p)[(low <= p) & (p <= high)].sum() for p in np.arange(0.001, 1, 0.001)
    )
    assert worst > 0.92


@pytest.mark.parametrize("prompts", [10, 30, 100])
@pytest.mark.parametrize("alike", [0.05, 0.5, 0.8])
@pytest.mark.parametrize("p", [0.5, 0.85, 0.97])
def test_shares_with_repeated_prompts(prompts: int, alike: float, p: float) -> None:
    draw = np.random.default_rng(7)
    m = np.tile(np.arange(prompts) % 4 + 1.0, (DRAWS, 1))
    of_prompt = draw.beta(p * (1 / alike - 1), (1 - p) * (1 / alike - 1), size=m.shape)
    yes = draw.binomial(m.astype(int), of_prompt).astype(float)
    assert held(*share_clusters_rows(yes, m)[:2], p) > 0.926 - NOISE


@pytest.mark.parametrize("n", [20, 50, 200])
@pytest.mark.parametrize("b", [0.02, 0.1, 0.4])
@pytest.mark.parametrize("c", [0.02, 0.1, 0.4])
def test_paired_differences(n: int, b: float, c: float) -> None:
    drawn = np.random.default_rng(8).multinomial(n, [b, c, 1 - b - c], size=DRAWS) / n
    low, high, p = paired_rows(drawn[:, 0], drawn[:, 1], np.full(DRAWS, float(n)))
    assert held(low, high, b - c) > 0.939 - NOISE
    if b == c:
        assert (p < 0.05).mean() < 0.057 + NOISE


@pytest.mark.parametrize("alike", [0.1, 0.6])
def test_paired_differences_of_repeated_prompts(alike: float) -> None:
    draw = np.random.default_rng(9)
    shape, m, shares = (DRAWS, 40), 3, np.array([0.25, 0.1, 0.65])
    of_prompt = draw.dirichlet(shares * (1 / alike - 1), size=shape)
    cells = draw.multinomial(m, of_prompt).astype(float)
    b, c, n = cells[..., 0], cells[..., 1], np.full(shape, float(m))
    ends = paired_rows(b.sum(axis=1) / 120, c.sum(axis=1) / 120, effective_pairs(b, c, n))
    assert held(*ends[:2], 0.15) > 0.93 - NOISE


@pytest.mark.parametrize("n", [10, 20, 50, 200])
@pytest.mark.parametrize("ties", [0, 0.2, 0.8])
@pytest.mark.parametrize("wins", [0.1, 0.5, 0.97])
def test_win_rates(n: int, ties: float, wins: float) -> None:
    b, c = (1 - ties) * wins, (1 - ties) * (1 - wins)
    drawn = np.random.default_rng(10).multinomial(n, [b, c, ties], size=DRAWS) / n
    low, high = win_rate_rows(drawn[:, 0], drawn[:, 1], np.full(DRAWS, float(n)))
    assert held(low, high, b + ties / 2) > 0.93 - NOISE


@pytest.mark.parametrize("n", [20, 50, 200])
@pytest.mark.parametrize("ones", [0, 0.5, 0.97, 1])
def test_means_of_scores(n: int, ones: float) -> None:
    draw = np.random.default_rng(11)
    values = np.where(draw.random((DRAWS, n)) < ones, 1, draw.beta(2, 3, (DRAWS, n)))
    ends = mean_rows(values, np.ones_like(values), scale=(0, 1))[:2]
    assert held(*ends, ones + (1 - ones) * 0.4) > 0.945 - NOISE


@pytest.mark.parametrize("n", [20, 50])
@pytest.mark.parametrize("true", [0, 0.5, 0.9])
@pytest.mark.parametrize("yes", [0.5, 0.9])
def test_agreement(n: int, true: float, yes: float) -> None:
    """Two judges say the same with probability κ, else each what it would say alone."""
    draw = np.random.default_rng(12)
    draws, kappas, alphas = 500, 0, 0
    for _ in range(draws):
        first, alone = draw.random(n) < yes, draw.random(n) < yes
        second = np.where(draw.random(n) < true, first, alone)
        cells = Counter(zip(first.tolist(), second.tolist(), strict=True))
        table = [[cells[a, b] for b in (True, False)] for a in (True, False)]
        of_kappa = kappa_interval(table)
        patterns = Counter((int(a) + int(b), 2 - int(a) - int(b)) for a, b in cells.elements())
        of_alpha = alpha_interval(patterns)
        kappas += of_kappa is None or of_kappa.low <= true <= of_kappa.high
        alphas += of_alpha is None or of_alpha.low <= true <= of_alpha.high
    assert kappas / draws > 0.91
    assert alphas / draws > 0.91


@pytest.mark.parametrize("n", [20, 50, 100])
@pytest.mark.parametrize(("level", "slope"), [(0, 0), (0, -1), (3, -1)])
def test_rank_correlation_of_lengths_and_right_or_wrong(n: int, level: int, slope: int) -> None:
    draw = np.random.default_rng(13)

    def sample(many: int) -> tuple[np.ndarray, np.ndarray]:
        x = np.exp(draw.normal(4.8, 0.5, many)).round()
        return x, draw.random(many) < 1 / (1 + np.exp(-level - slope * np.log2(x / 120)))

    from scipy.stats import spearmanr

    true = spearmanr(*sample(300_000)).statistic
    found = [spearman(x.tolist(), y.tolist()).interval for x, y in (sample(n) for _ in range(600))]
    assert np.mean([i is None or i.low <= true <= i.high for i in found]) > 0.94 - 2 * NOISE


@pytest.mark.parametrize("n", [20, 50, 100])
@pytest.mark.parametrize(("level", "slope"), [(0, 0), (0, -1), (3, -1)])
def test_logistic_slopes(n: int, level: int, slope: int) -> None:
    draw = np.random.default_rng(14)
    x = draw.normal(0, 0.7, (600, n))
    y = (draw.random(x.shape) < 1 / (1 + np.exp(-level - slope * x))).astype(float)
    told = np.ptp(y, axis=1) > 0
    design = np.stack([np.ones_like(x), x], axis=2)[told]
    assert held(*trend_rows(design, y[told])[1:], slope) > 0.95 - 2 * NOISE


@pytest.mark.parametrize("rate", [0.5, 0.9, 0.98])
def test_bands(rate: float) -> None:
    draw = np.random.default_rng(15)
    inside = []
    for _ in range(150):
        y = (draw.random(100) < rate).astype(float)
        band = bootstrap_band(y.tolist(), range(100), [0, 45, 90], 10, seed=1, draws=400)
        inside += [one.low <= rate <= one.high for one in band]
    assert np.mean(inside) > 0.95 - 2 * NOISE


@pytest.mark.parametrize("n", [20, 100])
@pytest.mark.parametrize("level", [-3, 0])
@pytest.mark.parametrize("zeros", [0, 0.5])
def test_logistic_slopes_of_scores_between(n: int, level: int, zeros: float) -> None:
    draw = np.random.default_rng(16)
    x = draw.normal(0, 0.7, (400, n))
    m = 1 / (1 + np.exp(-level + x))
    y = np.where(draw.random(x.shape) < zeros, 0, draw.beta(3 * m, 3 * (1 - m)))
    many = np.random.default_rng(17).normal(0, 0.7, (1, 100_000))
    means = (1 - zeros) / (1 + np.exp(-level + many))
    whole = np.stack([np.ones_like(many), many], axis=2)
    true = trend_rows(whole, means, np.arange(100_000), False)[0][0, -1]
    design = np.stack([np.ones_like(x), x], axis=2)
    assert held(*trend_rows(design, y, np.arange(n), False)[1:], true) > 0.94 - 2 * NOISE

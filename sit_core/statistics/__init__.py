"""The estimators: one a file, its formula, source and coverage in its docstring. Pure.

Each takes counts and returns an `Interval` with the name of its method, so that the same figure has
the same interval wherever it stands: pages, terminal, JSON, exports. All are of the *general*
target: the rate on prompts like these. docs/statistics.md lists which figure has which.
"""

from sit_core.statistics.alpha import alpha, alpha_interval
from sit_core.statistics.bootstrap_band import bootstrap_band, window_starts
from sit_core.statistics.crossed import CrossedMean, crossed_mean
from sit_core.statistics.interval import LEVEL, METHODS, Interval, methods_said
from sit_core.statistics.kappa import kappa, kappa_interval, table_of
from sit_core.statistics.logistic import LogisticFit, logistic
from sit_core.statistics.logistic_trend import Trend, logistic_trend
from sit_core.statistics.mcnemar import mcnemar
from sit_core.statistics.mean import mean_interval
from sit_core.statistics.paired import PairedDifference, paired, paired_clusters
from sit_core.statistics.share_clusters import share_clusters, share_interval
from sit_core.statistics.spearman import RankCorrelation, spearman
from sit_core.statistics.wilson_open import wilson_open
from sit_core.statistics.win_rate import win_rate, win_rate_clusters

__all__ = [
    "LEVEL",
    "METHODS",
    "CrossedMean",
    "Interval",
    "LogisticFit",
    "PairedDifference",
    "RankCorrelation",
    "Trend",
    "alpha",
    "alpha_interval",
    "bootstrap_band",
    "crossed_mean",
    "kappa",
    "kappa_interval",
    "logistic",
    "logistic_trend",
    "mcnemar",
    "mean_interval",
    "methods_said",
    "paired",
    "paired_clusters",
    "share_clusters",
    "share_interval",
    "spearman",
    "table_of",
    "wilson_open",
    "win_rate",
    "win_rate_clusters",
    "window_starts",
]

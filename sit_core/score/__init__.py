"""Metrics put to the outputs of runs: the scores that are missing are made and kept as they come.

``score_runs(store, ScoreOptions(runs=("mine",)), since=…, report=…)``
"""

from sit_core.score.config import ScoreConfig, title_of, words_of
from sit_core.score.run import ScoreReport, score_runs

__all__ = ["ScoreConfig", "ScoreReport", "score_runs", "title_of", "words_of"]

"""Metrics put to the outputs of runs: the scores that are missing are made and kept as they come.

``score_runs(ScoreConfig(("mine",)), Context(store))``
"""

from sit_core.score.config import ScoreConfig

__all__ = ["ScoreConfig"]

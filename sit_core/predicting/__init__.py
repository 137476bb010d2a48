"""A run: model × adapter × instruction × examples → predictions, written as they come."""

from sit_core.predicting.options import PredictOptions, words_of
from sit_core.predicting.run import PredictReport, predict

__all__ = ["PredictOptions", "PredictReport", "predict", "words_of"]

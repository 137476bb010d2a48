"""A run: model × adapter × instruction × examples → predictions, written as they come."""

from sit_core.predicting.examples import first_examples
from sit_core.predicting.options import PredictOptions, words_of
from sit_core.predicting.run import PredictReport, predict

__all__ = ["PredictOptions", "PredictReport", "first_examples", "predict", "words_of"]

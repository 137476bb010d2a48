"""A run: model × adapter × instruction × examples → predictions, written as they come."""

from sit_core.predict.config import PredictConfig, words_of
from sit_core.predict.examples import first_examples
from sit_core.predict.run import PredictReport, predict

__all__ = ["PredictConfig", "PredictReport", "first_examples", "predict", "words_of"]

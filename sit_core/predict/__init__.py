"""A run: model × adapter × instruction × examples → predictions, written as they come.

``predict(PredictConfig(model=PredictModel("microlab"), run="mine", examples="microlab"), context)``
"""

from sit_core.predict.config import PredictConfig, PredictModel

__all__ = ["PredictConfig", "PredictModel"]

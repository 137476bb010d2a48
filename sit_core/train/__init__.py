"""Training: one configuration, one YAML; rows → tokens → adapter, killed and resumed at will."""

from sit_core.train.config import (
    TrainingConfig,
    as_yaml,
    changed,
    config_from,
    load_config,
)
from sit_core.train.data import look
from sit_core.train.hardware import rank
from sit_core.train.run import TrainReport, find_base, train

__all__ = [
    "TrainReport",
    "TrainingConfig",
    "as_yaml",
    "changed",
    "config_from",
    "find_base",
    "load_config",
    "look",
    "rank",
    "train",
]

"""Training: one configuration, one YAML; rows → tokens → adapter, killed and resumed at will.

``train(load_config(path), report=print)`` of `sit_core.train.run`.
"""

from sit_core.train.config import TrainingConfig, as_yaml, config_from, load_config

__all__ = ["TrainingConfig", "as_yaml", "config_from", "load_config"]

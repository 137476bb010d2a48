"""Models by one small interface: local ones by transformers, others by an endpoint."""

from sit_core.models.interface import (
    Generated,
    GenerationSettings,
    Model,
    ModelSpec,
    Prefilled,
    Prompt,
    Stop,
    load_model,
)

__all__ = [
    "Generated",
    "GenerationSettings",
    "Model",
    "ModelSpec",
    "Prefilled",
    "Prompt",
    "Stop",
    "load_model",
]

"""From a `ModelSpec` to a `Model`, by the registry of backends."""

import importlib

from sit_core.models.interface import BACKENDS, Model, ModelSpec


def load_model(spec: ModelSpec) -> Model:
    """Load it, or connect to it; a base that is in memory already is used again.

    Raises:
        SitError: a package, a file or memory is missing; the sentence says what to do.
    """
    module, name = BACKENDS.get(spec.backend).split(":")
    load = getattr(importlib.import_module(module), name)
    model: Model = load(spec)
    return model

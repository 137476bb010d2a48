"""What a model's texts depend on, so that kept ones are found again and never taken for others'."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from sit_core.config.fields import default_of
from sit_core.models.config import WITHOUT_EFFECT, ModelConfig
from sit_core.models.interface import ModelSpec
from sit_core.models.local.weights import fingerprint, weights_in
from sit_core.models.resolve import find_place

ALWAYS = (
    *("model", "adapter", "backend", "revision", "dtype", "prompt_format", "max_new_tokens"),
    *("temperature", "top_p", "top_k", "seed", "stop"),
)
"""Settings that are in every key; one that came later is only where it is not as usual."""


def identity_of(choice: ModelConfig) -> dict[str, Any]:
    """All that a text depends on besides its prompt, as JSON; nothing is loaded.

    Raises:
        SitError: the model is not there.
    """
    how = {k: v for k, v in asdict(choice).items() if k not in WITHOUT_EFFECT}
    for field in fields(choice):  # as for all that was kept before there was such a setting
        if field.name not in ALWAYS and how.get(field.name) == default_of(field):
            how.pop(field.name, None)
    return {
        **how,
        "stop": list(choice.stop),
        "model": shown_model(choice.model),
        "adapter": choice.adapter and shown_model(choice.adapter),
        "weights": weights_of(choice.spec()),
        **format_hash(choice.prompt_format),
    }


def weights_of(spec: ModelSpec) -> list[str]:
    """Which state of the model (and adapter) it is, as far as that can be known.

    Raises:
        SitError: there is no such model on this machine.
    """
    if spec.backend != "transformers":
        return [str(spec.base_url)]
    found = []
    for name, revision, what in (
        (spec.model, spec.revision, "model"),
        (spec.adapter, None, "adapter"),
    ):
        if name is not None:
            place = find_place(name, revision, what)
            pattern = "*.safetensors" if what == "model" else "adapter_model.safetensors"
            found.append(place.commit or fingerprint(weights_in(place.folder, pattern).files))
    return found


def format_hash(name: str) -> dict[str, str]:
    """Of a prompt format in a file, which may be changed."""
    from sit_core.prompts import prompt_format

    if name == "auto":
        return {}
    return {"prompt_format_sha256": prompt_format(name).sha256}


def shown_model(model: str) -> str:
    """A folder by its name alone: what is in it is told by its weights."""
    path = Path(model).expanduser()
    return path.name if path.is_dir() else model

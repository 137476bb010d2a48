"""The models that lie at hand: the embedded one, and adapters that are found in their folders.

An adapter that is trained later appears by itself: its folder holds an ``adapter_config.json``.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sit_core import names
from sit_core.embedded import shipped
from sit_core.models import ModelSpec
from sit_core.settings import settings

CONFIG = "adapter_config.json"
FOLDER = "adapters"
_DEEPEST = 3
"""Folders below ``adapters`` in which adapters are looked for."""
_MOST = 200


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model that can be picked by name."""

    token: str
    """As a link names it: ``microlab``, ``microlab+sit``, ``home+mine``."""
    name: str
    """As the page names it."""
    spec: ModelSpec
    embedded: bool
    """Whether it is the project's own demonstration model, with an adapter or without."""


def choices() -> list[NamedModel]:
    """What is at hand now: the embedded base first, then its adapters, then those in SIT_HOME."""
    found = []
    if (shipped.BASE / "model.safetensors").is_file():
        found.append(NamedModel("microlab", shipped.NAME, ModelSpec(str(shipped.BASE)), True))
        for name, folder in _adapters(shipped.FOLDER / FOLDER):
            spec = ModelSpec(str(shipped.BASE), adapter=str(folder))
            found.append(NamedModel(f"microlab+{name}", f"micro lab + {name}", spec, True))
    for name, folder in _adapters(settings().home / FOLDER):
        base, embedded = _base_of(folder)
        if base is not None:
            spec = ModelSpec(base, adapter=str(folder))
            called = names.name_of(folder) if folder.name == name else name
            found.append(NamedModel(f"home+{name}", f"{called} (adapter)", spec, embedded))
    return found


def name_of(spec: ModelSpec, known: Sequence[NamedModel]) -> str:
    """What a model is called on the page and in the store; plain text."""
    for choice in known:
        if choice.spec == spec:
            return choice.name
    if spec.backend == "openai":
        return f"{spec.model} at {urlsplit(spec.base_url or '').netloc}"
    name = "/".join(Path(spec.model).parts[-2:]) or spec.model
    return f"{name} + {Path(spec.adapter).name}" if spec.adapter else name


def _adapters(root: Path) -> Iterator[tuple[str, Path]]:
    """(name, folder) of what lies below, nothing that a link leads out to."""
    found: list[Path] = []
    for depth in range(1, _DEEPEST + 1):
        found += root.glob("/".join(["*"] * depth + [CONFIG]))
    inside = (path.parent for path in sorted(found)[:_MOST])
    for folder in inside:
        if folder.resolve().is_relative_to(root.resolve()):
            yield folder.relative_to(root).as_posix(), folder


def _base_of(folder: Path) -> tuple[str | None, bool]:
    """What the adapter says it was made for; the embedded base where that is what it names."""
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        named = str(config["base_model_name_or_path"] or "").strip()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, False
    if not named:
        return None, False
    ours = Path(named).parts[-2:] == shipped.BASE.parts[-2:]  # built on another machine
    if shipped.is_embedded(named) or (ours and not Path(named).is_dir()):
        return str(shipped.BASE), True
    return named, False

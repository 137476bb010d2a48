"""The recipes that ship as YAML files in ``data/training``: to copy, or to start from."""

from pathlib import Path

from sit_core.registry import Registry

FOLDER = Path(__file__).parents[2] / "data" / "training"
PRESETS: Registry[str] = Registry("preset")
"""Name → what it is, in a line."""
PRESETS.add("it", "The paper's LoRA recipe on instructions as they are: the baseline.")
PRESETS.add("sit", "The same recipe on a mixture with sequences.")
PRESETS.add("paper-v3", "The recipe of the paper's third version: all weights, 3 epochs.")
PRESETS.add("microlab", "The embedded model on two cores, in about two minutes.")


def preset_path(name: str) -> Path | None:
    """The file of a preset; None if nothing is called so."""
    return FOLDER / f"{name}.yaml" if name in PRESETS else None

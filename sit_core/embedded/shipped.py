"""Where the embedded model lies that comes with the program, and what it must be called on screen.

It is loaded through the same code as any other model: `BASE` is a folder as ``save_pretrained``
leaves it.
"""

import os
from pathlib import Path

from sit_core.errors import SitError
from sit_core.settings import DATA

FOLDER = DATA / "microlab"
BASE = FOLDER / "base"
"""Model and tokenizer."""
HELD_OUT = FOLDER / "heldout"
"""One JSONL per skill: instruction, input, reference, sort; never seen in training."""
MICROLAB = "microlab"
"""Stands for the embedded model where a model is named."""
NAME = "micro lab base"
NOTE = (
    "A very small model of the project's own, for demonstration and tests: it knows a world of "
    "about 150 things and nothing else. For real work name another model."
)


def is_embedded(model: str | None) -> bool:
    """Whether a run's model is the embedded one, by its short name or by its folder.

    >>> is_embedded("microlab"), is_embedded(str(BASE)), is_embedded("org/microlab")
    (True, True, False)
    """
    if model is None:
        return False
    return model == MICROLAB or model == str(FOLDER) or model.startswith(f"{FOLDER}{os.sep}")


def portable(place: str | None) -> str | None:
    """A model or adapter as it is stored and shown: what ships is named as on any machine.

    >>> portable(str(BASE)), portable(str(FOLDER / "adapters" / "it")), portable("org/model")
    ('microlab', 'data/microlab/adapters/it', 'org/model')
    """
    if place == str(BASE):
        return MICROLAB
    if place is None or not place.startswith(f"{FOLDER}{os.sep}"):
        return place
    return Path(place).relative_to(FOLDER.parents[1]).as_posix()


def shipped_adapter(named: str | None) -> str | None:
    """An adapter of the embedded model, found wherever the program is called from.

    What ships is called by its path in the program's folder, see `portable`; other names stay.

    >>> shipped_adapter("org/adapter"), shipped_adapter(None)
    ('org/adapter', None)
    """
    if named is None or Path(named).is_dir():
        return named
    place = FOLDER.parents[1] / named
    return str(place) if place.is_relative_to(FOLDER) and place.is_dir() else named


def shipped_base() -> Path:
    """The folder of the embedded base model.

    Raises:
        SitError: the program was installed without its data folder.
    """
    if not (BASE / "model.safetensors").is_file():
        raise SitError(
            "The embedded model is not here; install the whole program again, or build it "
            "with: sit microlab build."
        )
    return BASE

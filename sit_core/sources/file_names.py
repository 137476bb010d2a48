"""What a file's name says: the run that its outputs are of, and the language they are in."""

from functools import lru_cache
from pathlib import PurePath

from sit_core.names import name_fault
from sit_core.sources.file_formats import suffixes

MAX_RUN_NAME = 200
_CODES = "ar bg bn cs da de el en es et fa fi fr he hi hu id ja ko nl no pl pt ro ru sv sw ta te th"
LANGUAGES = frozenset([*_CODES.split(" "), "tr", "uk", "ur", "vi", "zh"])
"""Codes that may stand before a file's ending (``x.es.jsonl``). Not ``it``: in this field that
means instruction tuning."""


def run_name_of(file_name: str) -> str:
    """The run's name when nobody gave one: the file's, without its ending.

    >>> run_name_of("llama-7b-seq-it.es.jsonl"), run_name_of("v1.5.json"), run_name_of(".jsonl")
    ('llama-7b-seq-it.es', 'v1.5', 'outputs')
    """
    path = PurePath(PurePath(file_name).name)
    stem = path.name.removesuffix(path.suffix) if path.suffix.lower() in suffixes() else path.name
    return "outputs" if stem.lower() in ("", *suffixes()) else stem[:MAX_RUN_NAME]


@lru_cache(maxsize=64)  # asked for each row
def language_of(file_name: str) -> str | None:
    """The language that a file's name ends in, if it does.

    >>> language_of("outputs.es.jsonl"), language_of("llama.it.jsonl"), language_of("es.jsonl")
    ('es', None, None)
    """
    parts = file_name.lower().rsplit(".", 2)
    return parts[1] if len(parts) == 3 and parts[1] in LANGUAGES else None


@lru_cache(maxsize=1024)  # asked for each row
def run_name_fault(name: str) -> str | None:
    """What is wrong with a run's name, or None."""
    fault = name_fault(name, "run", MAX_RUN_NAME)
    return f"{fault[0].lower()}{fault[1:-1]}" if fault else None

"""How long texts are, in one unit, and which part of an output is its intermediate text.

Words are those of the metrics (`sit_core.metrics.alignment.words`): in scripts without blanks each
character is one. Tokens are those of one named tokenizer, which lies on this machine.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sit_core.errors import SitError
from sit_core.records import Example, Unparsed

TOKENS, WORDS, CHARACTERS = "tokens", "words", "characters"
NO_TOKENIZER = (
    "Lengths in tokens need the name of a tokenizer (--tokenizer): a folder, the hub id of a model "
    "that is on this machine, or microlab for the embedded model's."
)
_KEPT = 100_000
"""Outputs whose parts are remembered: finding them takes some milliseconds each."""
_found: dict[str, tuple[tuple[int, int], ...] | str] = {}


def counter(unit: str, tokenizer: str | None = None) -> Callable[[str], int]:
    """Text → its length.

    Args:
        unit: tokens, words or characters.
        tokenizer: for tokens; see `load_tokenizer`. Tokens that begin or end a text are not
            counted.

    Raises:
        SitError: no tokenizer is named, or it is not on this machine.

    >>> counter("words")("It's 東京"), counter("characters")("東京")
    (4, 2)
    """
    from sit_core.metrics.alignment import words

    if unit == CHARACTERS:
        return len
    if unit == WORDS:
        return lambda text: len(words(text))
    if not tokenizer:
        raise SitError(NO_TOKENIZER)
    loaded = load_tokenizer(tokenizer)
    return lambda text: len(loaded.encode(text, add_special_tokens=False, verbose=False))


@lru_cache(maxsize=8)
def load_tokenizer(name: str) -> Any:
    """A model's tokenizer, from this machine alone: nothing is fetched, no code of it is run.

    Args:
        name: a folder, the hub id of a model that was fetched before, or ``microlab``.

    Raises:
        SitError: there is none of that name here.
    """
    from sit_core.embedded.shipped import MICROLAB, shipped_base
    from sit_core.models.require import need
    from sit_core.settings import user_path

    transformers = need("transformers", "-r requirements-models.txt")
    folder = user_path(name)
    place = str(shipped_base()) if name == MICROLAB else str(folder) if folder.is_dir() else name
    try:
        return transformers.AutoTokenizer.from_pretrained(
            place, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:
        raise SitError(
            f"There is no tokenizer {name} on this machine: name a folder with its files, the hub "
            "id of a model that was fetched before (hf download ID), or microlab for the embedded "
            "model's."
        ) from error


def intermediate_text(output: str, example: Example) -> str | Unparsed:
    r"""What the output holds for all steps but the last, as metrics find it; total.

    Args:
        output: the whole of it.
        example: with its steps.

    Returns:
        The parts that are there, joined; or why there are none.

    >>> from sit_core.records import Step, chain
    >>> steps = chain([Step("repeat", "R"), Step("answer", "A")])
    >>> asked = Example("", "Why do bees hum?", steps=steps)
    >>> intermediate_text("Why do bees hum?\nTo be warm.", asked)
    'Why do bees hum?'
    >>> intermediate_text("To be warm.", asked).reason
    'the input is not repeated'
    """
    from sit_core.metrics.segment import split_output

    if len(example.steps) < 2:
        return Unparsed("what was asked is one step")
    key = _key(output, example)
    found = _found.get(key)
    if found is None:
        parts = split_output(output, example)
        before = [parts[step.key] for step in example.steps[:-1]]
        spans = [(p.start, p.end) for p in before if not isinstance(p, Unparsed)]
        missing = [p.reason for p in before if isinstance(p, Unparsed)]
        found = tuple(spans) if spans else missing[0]
        if len(_found) >= _KEPT:
            _found.clear()
        _found[key] = found
    if isinstance(found, str):
        return Unparsed(found)
    return "\n".join(output[start:end] for start, end in found)


def _key(output: str, example: Example) -> str:
    known = (example.instruction, example.input, example.language, example.reference, output)
    text = repr((known, [(s.task, s.key, s.expected) for s in example.steps]))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

"""The prompt of a question: a judge's text with the case's texts between fences.

What is judged was written by a model, and may say anything: that it is over, that it is perfect,
that the judge has other orders. So each such text stands between two lines that hold a word made
from the texts themselves, which none of them contains; and all places are filled in one pass, so
that a place inside a text stays what it is.
"""

import hashlib
import re
from collections.abc import Mapping

from sit_core.judge.judge_types import JudgeQuestion

_PLACE = re.compile(r"\{([a-z_]+)\}")
LENGTH = 16
"""Of the word, in characters."""
GIVEN_FIRST = (
    "given to the assistant as a beginning, not written by it: judge what comes after, which need "
    "not do again what is done here"
)
"""Above the beginning of an output that was given."""
FENCE = "fence"
"""The place that stands for the word in the fences."""


def places_in(prompt: str) -> frozenset[str]:
    """The places that a prompt's text has."""
    return frozenset(_PLACE.findall(prompt))


def fence_of(texts: Mapping[str, str]) -> str:
    """A word that is in none of the texts; the same for the same texts.

    >>> word = fence_of({"output": "a"})
    >>> len(word), word == fence_of({"output": "a"}), word == fence_of({"output": word})
    (16, True, False)
    """
    digest = hashlib.sha256()
    for name, text in sorted(texts.items()):
        packed = text.encode("utf-8", "surrogatepass")
        digest.update(f"{name} {len(packed)} ".encode() + packed)
    while any(digest.hexdigest()[:LENGTH] in text for text in texts.values()):
        digest.update(b"again")
    return digest.hexdigest()[:LENGTH]


def _marked(text: str, given: str, word: str) -> str:
    """A text with the beginning that its writer was given between two lines with the word."""
    if not given or not text.startswith(given):
        return text
    begun = given if given.endswith("\n") else f"{given}\n"
    return f"[{GIVEN_FIRST} {word}]\n{begun}[end of what was given {word}]\n{text[len(given) :]}"


def prompt_of(prompt: str, ask: JudgeQuestion) -> str:
    r"""What is sent for a question.

    A block (what lies between blank lines) with ``{input}`` is left out where there is no input.

    >>> ask = JudgeQuestion("follow", {"output": "{rule} done", "input": ""}, {"rule": "Be fair."})
    >>> print(prompt_of("{rule}\n\nWith:\n{input}\n\nOf this:\n{output}", ask))
    Be fair.
    <BLANKLINE>
    Of this:
    [output 6ad9e3ddbdbe92a0]
    {rule} done
    [end of output 6ad9e3ddbdbe92a0]
    """
    word = fence_of(ask.texts)
    blocks = prompt.strip().split("\n\n")
    if not ask.texts.get("input"):
        blocks = [block for block in blocks if "{input}" not in block]
    fenced = {
        name: f"[{name} {word}]\n{_marked(text, ask.given.get(name, ''), word)}\n"
        f"[end of {name} {word}]"
        for name, text in ask.texts.items()
    }
    values = {**fenced, **ask.words, FENCE: word}
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), "\n\n".join(blocks))

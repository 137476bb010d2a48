r"""Which choice an output names, read only where there is nothing to interpret.

Nothing here is taken from `sit_core.metrics`. An output is read where, after the input was repeated
word by word (or not at all), all that is left is a letter, a choice in its own words, or both,
with or without "the answer is". Of everything else nothing is said.
"""

import re
from collections.abc import Mapping, Sequence

from sit_core.results_check.texts import words

_LIST = re.compile(r"\b(?:choices|options)\s*:", re.IGNORECASE)
_LABEL = re.compile(r"(?:^|(?<=[\s,;|]))\(?([A-Z])[:.)]\s*")
_SAYS = re.compile(
    r"^(?:(?:the |so |my )?(?:final |correct |right )?answer(?: is)?\s*:?\s*|)(.+)$", re.IGNORECASE
)
_ONE = re.compile(r"^\(?([A-Z])\)?[.:)]?$")
_BOTH = re.compile(r"^\(?([A-Z])[:.)]+\s*(.+)$")


def choices(text: str) -> dict[str, str]:
    """Letter → choice, of labels that run A, B, C, … in an input; empty without at least two.

    >>> choices("Where? Choices: A:bank, B:rome, italy, C:mall")
    {'A': 'bank', 'B': 'rome, italy', 'C': 'mall'}
    """
    starts = [match.end() for match in _LIST.finditer(text)]
    listed = text[starts[-1] :] if starts else text
    labels: list[re.Match[str]] = []
    for match in _LABEL.finditer(listed):
        if match.group(1) == chr(ord("A") + len(labels)):
            labels.append(match)
    if len(labels) < 2:
        return {}
    ends = [match.start() for match in labels[1:]] + [len(listed)]
    return {
        match.group(1): listed[match.end() : end].strip().rstrip(",;").strip()
        for match, end in zip(labels, ends, strict=True)
    }


def plain_letter(output: str, asked: str) -> str | None:
    r"""The letter that an output plainly names; None where it would have to be interpreted.

    >>> q = "Where?\nChoices: A:bank, B:mall"
    >>> plain_letter("B", q), plain_letter(q + "\n\nThe answer is B: mall.", q)
    ('B', 'B')
    >>> plain_letter("mall", q), plain_letter("B, or perhaps A", q), plain_letter("A: mall", q)
    ('B', None, None)
    """
    known = choices(asked)
    rest = output.strip()
    if rest.startswith(asked.strip()):
        rest = rest[len(asked.strip()) :].strip()
    if not known or not rest or "\n" in rest or len(rest) > 300:
        return None
    said = _SAYS.match(rest)
    return _named(said.group(1).strip(' "*'), known) if said else None


def _named(text: str, known: Mapping[str, str]) -> str | None:
    by_words: dict[tuple[str, ...], list[str]] = {}
    for letter, choice in known.items():
        by_words.setdefault(tuple(words(choice)), []).append(letter)
    if found := _ONE.match(text):
        return found.group(1) if found.group(1) in known else None
    if found := _BOTH.match(text):
        letters = by_words.get(tuple(words(found.group(2))), [])
        return found.group(1) if found.group(1) in letters else None
    letters = by_words.get(tuple(words(text)), [])
    return letters[0] if len(letters) == 1 else None


def gold_letters(golds: Sequence[str], asked: str) -> set[str] | None:
    """The letters of golds given as letters or in the choices' words; None where one is neither."""
    known = choices(asked)
    found = set()
    for gold in golds:
        bare = gold.strip()
        letter = bare.upper() if bare.upper() in known else _named(bare, known)
        if letter is None:
            return None
        found.add(letter)
    return found

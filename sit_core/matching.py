"""When two questions are the same: a key of their texts without what programs change on the way.

A spreadsheet writes other line ends, an editor drops blanks at the end of a line, a keyboard makes
``é`` of one character or of two. The same question then has another `sit_core.records.Example.id`,
because ids are of the exact texts. Runs are matched by `match_key` instead, which such changes
leave as it is; the texts themselves are never changed.
"""

import re
import unicodedata
from functools import lru_cache

from sit_core.records import Example, stable_id

_RUN_OF_MARKS = re.compile(r"[^\w\s]{31,}")
"""Where more than 30 combining marks may follow each other (no mark is a letter or a blank)."""
_MARKS = 30
_KEPT_LENGTH = 4096
_JOINER = "\N{COMBINING GRAPHEME JOINER}"


def match_key(instruction: str, input: str = "", image: str | None = None, variant: int = 0) -> str:
    r"""24 hex digits that are the same for the same question, however its text was written down.

    What makes no difference: line ends (CRLF, CR, LF), blanks at the ends of lines and around a
    text, and whether a character is one code point or several (Unicode's form NFC). All else does,
    upper case and blanks within a line among it.

    Args:
        instruction: as read.
        input: as read.
        image: its path or address; None and empty are the same.
        variant: `sit_core.records.Example.variant`; 0 where golds are not told apart.

    >>> match_key("Repeat.", "a \r\nb") == match_key("Repeat.\n", "a\nb")
    True
    >>> match_key("Repeat.", "a b") == match_key("Repeat.", "a  b")
    False
    """
    if len(instruction) + len(input) > _KEPT_LENGTH:
        return _key(instruction, input, image, variant)
    return _kept_key(instruction, input, image, variant)


def _key(instruction: str, input: str, image: str | None, variant: int) -> str:
    return stable_id("match", match_text(instruction), match_text(input), image or "", str(variant))


_kept_key = lru_cache(maxsize=1024)(_key)  # an import asks four times for each of its rows


def example_key(example: Example) -> str:
    """The `match_key` of an example, its variant included."""
    return match_key(example.instruction, example.input, example.image, example.variant)


def content_key(example: Example) -> str:
    """The key of what is asked about, whatever the wording: its id in the data set, else its input.

    Where there is neither, the instruction says what is asked: the `example_key`.

    >>> of = [Example(words, "Which?") for words in ("Answer.", "First repeat, then answer.")]
    >>> content_key(of[0]) == content_key(of[1])
    True
    >>> content_key(Example("Name a fruit.")) == content_key(Example("Name a colour."))
    False
    """
    known = example.meta.get("id")
    if isinstance(known, str | int) and known != "":
        return stable_id("id", str(known), str(example.variant))
    if not example.input and not example.image:
        return example_key(example)
    return match_key("", example.input, example.image, example.variant)


def match_text(text: str) -> str:
    r"""The text as `match_key` compares it.

    Linear in time: Unicode's normal forms sort the marks on a letter in quadratic time, so more
    than 30 in a row are parted, as Unicode's own stream-safe format does (UAX 15, section 13).

    >>> match_text(" Which one?  \r\nA \rB\n\n")
    'Which one?\nA\nB'
    """
    if "\n" not in text and "\r" not in text and text.isascii():
        return text.strip()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = unicodedata.normalize("NFC", _RUN_OF_MARKS.sub(_parted, text))
    return "\n".join([line.rstrip() for line in text.split("\n")]).strip()


def _parted(found: re.Match[str]) -> str:
    """The same characters with a joiner after each 30 combining marks in a row."""
    parted, marks = [], 0
    for character in found.group():
        first = unicodedata.normalize("NFD", character)[0]
        marks = marks + 1 if unicodedata.combining(first) else 0
        if marks > _MARKS:
            parted.append(_JOINER)
            marks = 1
        parted.append(character)
    return "".join(parted)

"""JSON parsed so that a number still knows how it was written: ``1.50`` is no ``1.5`` as a text.

``json.loads(line, **AS_WRITTEN)``
"""

import math
from typing import Any


class WrittenFloat(float):
    """A float with the text that it was written as; to all else it is a float."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> "WrittenFloat":
        """The number of a JSON literal (``1e5``, ``3.10``, ``-Infinity``)."""
        made = super().__new__(cls, text)
        made.text = text
        return made


def _whole(text: str) -> int | WrittenFloat:
    return WrittenFloat(text) if text == "-0" else int(text)


def _constant(text: str) -> float:
    return math.nan if text == "NaN" else WrittenFloat(text)


AS_WRITTEN: dict[str, Any] = {
    "parse_float": WrittenFloat,
    "parse_int": _whole,
    "parse_constant": _constant,
}
"""Arguments of `json.loads` and `json.JSONDecoder`."""


def is_absent(value: Any) -> bool:
    """Whether a value stands for nothing: null, or "not a number".

    >>> is_absent(None), is_absent(float("nan")), is_absent(""), is_absent("null")
    (True, True, False, False)
    """
    return value is None or (isinstance(value, float) and math.isnan(value))


def number_text(value: float) -> str:
    """A number as text: as it was written in the file, else without a ``.0`` that says nothing.

    A typed column (Parquet) has no spelling of its own: there 42.0 is what became of a column of
    whole numbers with a gap in it.

    >>> number_text(WrittenFloat("42.0")), number_text(42.0), number_text(0.5), number_text(7)
    ('42.0', '42', '0.5', '7')
    """
    if isinstance(value, WrittenFloat):
        return value.text
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return str(value)


def json_kind(value: Any) -> str:
    """What JSON calls a value.

    >>> [json_kind(v) for v in ("", 1.5, True, None, [], {})]
    ['text', 'a number', 'true or false', 'null', 'a list', 'an object']
    """
    if is_absent(value):
        return "null"
    kinds = {str: "text", bool: "true or false", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number" if isinstance(value, int | float) else "no text")

"""What an imported value must be to be stored and shown: plain text of a bearable size."""

import math
from typing import Any

from sit_core.sources.rows import Limits, megabytes

MAX_DEPTH = 50


def fault_of(value: Any, limits: Limits) -> str | None:
    r"""What is wrong with the value of a field, or None.

    Lone surrogates can't be stored or sent, PostgreSQL refuses NUL; both are looked for in nested
    values and their keys as well. The size is that of all texts in it, in UTF-8 bytes.

    >>> fault_of("a\ud800", Limits())
    'holds half of a surrogate pair (\\ud800), which is no character'
    >>> fault_of({"a": ["b\0"]}, Limits())
    'holds a NUL character (\\u0000)'
    >>> fault_of("plain", Limits()) is None
    True
    """
    if isinstance(value, str) and value.isascii() and len(value) <= limits.field_bytes:
        return "holds a NUL character (\\u0000)" if "\x00" in value else None  # nearly always
    size = 0
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str):
            try:
                size += len(item.encode("utf-8"))
            except UnicodeEncodeError as error:
                code = ord(item[error.start])
                return f"holds half of a surrogate pair (\\u{code:04x}), which is no character"
            if "\x00" in item:
                return "holds a NUL character (\\u0000)"
            if size > limits.field_bytes:
                return f"is larger than {megabytes(limits.field_bytes)}"
        elif isinstance(item, list | dict):
            if depth >= MAX_DEPTH:
                return "is nested too deeply"
            inner = [*item.keys(), *item.values()] if isinstance(item, dict) else item
            waiting.extend((x, depth + 1) for x in inner)
    return None


def storable(value: Any) -> Any:
    """A checked value as strict JSON: "not a number" is no value, infinity is the word for it.

    >>> storable({"score": float("nan"), "most": [float("inf"), 1.5]})
    {'score': None, 'most': ['inf', 1.5]}
    """
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if isinstance(value, float):
        return float(value)  # and not the number as it was written
    if isinstance(value, list):
        return [storable(v) for v in value]
    if isinstance(value, dict):
        return {k: storable(v) for k, v in value.items()}
    return value

"""A column, or a path into one: ``choices.0.turns.0``. A column that is called so comes first."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

MISSING = object()
"""There is no such place in a row."""
MAX_DEPTH = 12
_MOST_PATHS = 200
_LIST_ITEMS = 3


def value_at(fields: Mapping[str, Any], path: str) -> Any:
    """The value of a column, or at a path of names and numbers with dots between.

    A name that holds dots itself is taken as it stands, the longest first. Numbers count from 0 in
    lists; ``-1`` is the last item.

    >>> value_at({"choices": [{"turns": ["a", "b"]}]}, "choices.0.turns.-1")
    'b'
    >>> value_at({"a.b": 1, "a": {"b": 2}}, "a.b"), value_at({"a.b": {"c": 3}}, "a.b.c")
    (1, 3)
    >>> value_at({"a": [1]}, "a.1") is MISSING
    True
    """
    if path in fields:
        return fields[path]
    parts = path.split(".")
    return MISSING if len(parts) > MAX_DEPTH else _inside(fields, parts)


def _inside(value: Any, parts: list[str]) -> Any:
    if not parts:
        return value
    if isinstance(value, Mapping):
        for n in range(len(parts), 0, -1):
            name = ".".join(parts[:n])
            if name in value:
                return _inside(value[name], parts[n:])
        return MISSING
    if isinstance(value, list):
        digits = parts[0].removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) < 7:
            place = int(parts[0])
            if -len(value) <= place < len(value):
                return _inside(value[place], parts[1:])
    return MISSING


def column_of(fields: Mapping[str, Any], path: str) -> str:
    """The column that a path begins in; the path itself where it is a column, or leads nowhere.

    >>> column_of({"choices": []}, "choices.0.turns"), column_of({}, "a.b")
    ('choices', 'a.b')
    """
    parts = path.split(".")
    for n in range(len(parts), 0, -1):
        if (name := ".".join(parts[:n])) in fields:
            return name
    return path


def nested_paths(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The paths to texts and numbers inside the columns of these rows, for a list to choose from.

    At most 200, of lists the first three items.

    >>> nested_paths([{"id": 1, "choices": [{"turns": ["a", "b"]}]}])
    ['choices.0.turns.0', 'choices.0.turns.1']
    """
    found: dict[str, None] = {}
    for row in rows:
        for name, value in row.items():
            if isinstance(value, Mapping | list):
                _collect(found, name, value)
    return list(found)


def _collect(found: dict[str, None], column: str, value: Any) -> None:
    """Add the paths inside a column; a stack, so that depth and width are bounded."""
    waiting: list[tuple[str, Any, int]] = [(column, value, 1)]
    while waiting and len(found) < _MOST_PATHS:
        path, value, depth = waiting.pop()
        if isinstance(value, Mapping | list):
            if depth < MAX_DEPTH:
                waiting += reversed([(f"{path}.{k}", v, depth + 1) for k, v in _first(value)])
        elif value is not None:
            found[path] = None


def _first(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return islice(value.items(), _MOST_PATHS)
    return enumerate(value[:_LIST_ITEMS])

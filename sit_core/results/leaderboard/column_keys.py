"""The keys of columns that have several parts: ``score/accuracy//``, ``benchmark/…``. Pure."""

from urllib.parse import quote, unquote


def key_of(kind: str, *parts: str) -> str:
    """The column's key.

    >>> key_of("score", "rouge-l", "a/b", "")
    'score/rouge-l/a%2Fb/'
    """
    return "/".join([kind, *(quote(part, safe=" ") for part in parts)])


def parts_of(key: str) -> tuple[str, str, str]:
    """The three parts behind the kind.

    >>> parts_of("score/rouge-l/a%2Fb/")
    ('rouge-l', 'a/b', '')
    """
    _, first, second, third = key.split("/")
    return unquote(first), unquote(second), unquote(third)

"""Texts as they are compared: the words alone. Asked again and again of the same few texts."""

from functools import lru_cache

from sit_core.scoring import choices


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """See `sit_core.scoring.choices.plain`.

    >>> plain("Name it,  Then halve it!")
    'name it then halve it'
    """
    return choices.plain(text)

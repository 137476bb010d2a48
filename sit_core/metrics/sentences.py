"""A text in sentences, in any script; one pass over it."""

import re

_END = re.compile(
    r"(?<![.!?…])[.!?…]{1,8}[\"”’'»)\]]{0,4}(?:\s+|$)|[。！？؟।]+[”’」』)]{0,4}\s*|\n+"
)


def sentences_of(text: str, most: int = 500) -> list[tuple[int, int]]:
    """Where the sentences begin and end; total. Lines part sentences too.

    Args:
        text: any text.
        most: where there are more, neighbours are taken together until there are so many.

    >>> text = "Bees hum. Do they? At 6.5 metres, yes"
    >>> [text[a:b] for a, b in sentences_of(text)]
    ['Bees hum.', 'Do they?', 'At 6.5 metres, yes']
    >>> [len(sentences_of(t)) for t in ("蜜蜂嗡嗡。真的吗？", "", " . ", "a. b. c. d.")]
    [2, 0, 1, 4]
    >>> len(sentences_of("a. b. c. d.", most=2))
    2
    """
    found: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        _add(found, text, start, match.end())
        start = match.end()
    _add(found, text, start, len(text))
    group = -(-len(found) // most) or 1
    return [
        (found[i][0], found[min(i + group, len(found)) - 1][1]) for i in range(0, len(found), group)
    ]


def _add(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    if piece.strip():
        start += len(piece) - len(piece.lstrip())
        found.append((start, start + len(piece.strip())))

"""A text in sentences, in any script; one pass over it.

The lines of a text that hold something, found in one pass whatever the text is.
"""

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


def lines_of(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    r"""Where the lines between two places begin and end, without blank ones; total.

    >>> text = "a\n \n\n b \n"
    >>> [text[i:j] for i, j in lines_of(text)], lines_of(text, 1, 3)
    (['a', ' b '], [])
    """
    end = len(text) if end is None else end
    found: list[tuple[int, int]] = []
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        if not text[start:stop].isspace() and start < stop:
            found.append((start, stop))
        start = stop + 1
    return found

"""The lines of a text that hold something, found in one pass whatever the text is."""


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

"""Text from files and people on a terminal: control characters are shown, never obeyed."""

import unicodedata


def plain(text: str) -> str:
    r"""The text with every control, bidi and unprintable character written as an escape.

    >>> print(plain("a\x1b[31mb\nc\u202ed"))
    a\x1b[31mb\nc\u202ed
    """
    return "".join(
        c if not unicodedata.category(c).startswith("C") else ascii(c)[1:-1] for c in text
    )

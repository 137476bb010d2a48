r"""Texts in the cells of our CSV exports: none is run as a formula, each can be had back exactly.

A text that a spreadsheet would take for a formula gets an apostrophe before it. So that this can be
undone, a text that could be mistaken for such a one (apostrophes, then the start of a formula or
nothing) gets one more as well; and where a value may be missing, the empty text is an apostrophe.

>>> cells = [cell_of(t) for t in ("=1+1", "'=1+1", "'tis", "-3", "1-3", "'", "")]
>>> cells
["'=1+1", "''=1+1", "'tis", "'-3", '1-3', "''", '']
>>> [text_in(cell) for cell in cells]
['=1+1', "'=1+1", "'tis", '-3', '1-3', "'", '']
"""

import re

FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""The last four are the full-width forms, which spreadsheets in Asian locales run as well."""
_MARKED = re.compile(f"'*+(?:[{re.escape(FORMULA_STARTS)}]|\\Z)")


def cell_of(text: str, may_be_missing: bool = False) -> str:
    """The cell for a text; ``may_be_missing``: an empty cell would say that there is none."""
    if not text:
        return "'" if may_be_missing else ""
    return f"'{text}" if _MARKED.match(text) else text


def text_in(cell: str) -> str:
    """The text of a cell that `cell_of` made."""
    return cell[1:] if cell.startswith("'") and _MARKED.match(cell, 1) else cell

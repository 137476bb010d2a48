"""Chats in a table of texts: a cell that holds a list of messages as JSON, or as Python prints one.

A table has texts only, so whoever writes a column of messages into CSV (pandas, a spreadsheet)
writes each list as text. Only the columns that such lists have by name are looked at: elsewhere the
same text is a text.
"""

import ast
import json
from collections.abc import Mapping
from typing import Any

from sit_core.sources.rows import Position

COLUMNS = ("messages", "conversations", "prompt", "completion")
"""Columns that hold lists of messages in files of other kinds."""
MOST_CHARACTERS = 1 << 20
"""A longer cell in Python's way of writing is left as it is: its parser takes much memory."""
NOT_READ = "cells that look like messages, but can't be read as JSON"


def with_messages(fields: dict[str, Any], position: Position) -> dict[str, Any]:
    """The row with its cells of messages as lists; what looks like one and is none is counted."""
    for column in COLUMNS:
        cell = fields.get(column)
        if not isinstance(cell, str) or not cell.lstrip().startswith("["):
            continue
        found = messages_in(cell)
        if found is not None:
            fields[column] = found
        elif cell.lstrip()[1:].lstrip().startswith("{"):
            position.leave_out(f"{NOT_READ} ({column})")
    return fields


def messages_in(cell: str) -> list[dict[str, Any]] | None:
    r"""The messages of a cell; None if it is a text like any other.

    >>> messages_in('[{"role": "user", "content": "Hi"}]')
    [{'role': 'user', 'content': 'Hi'}]
    >>> messages_in("[{'from': 'human', 'value': 'It\\'s'}]")
    [{'from': 'human', 'value': "It's"}]
    >>> messages_in("[1, 2]"), messages_in("[a note] ..."), messages_in("[]")
    (None, None, None)
    """
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        if len(cell) > MOST_CHARACTERS:
            return None
        try:
            found = ast.literal_eval(cell.strip())
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return None
    if isinstance(found, list) and found and all(map(_is_message, found)):
        return found
    return None


def _is_message(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    return any(isinstance(value.get(who), str) for who in ("role", "from")) and any(
        what in value for what in ("content", "value", "tool_calls")
    )

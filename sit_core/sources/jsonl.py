"""JSONL: one JSON object per line."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from sit_core.sources.file_formats import FORMATS, FileFormat
from sit_core.sources.json_values import AS_WRITTEN, json_kind
from sit_core.sources.lines import read_lines
from sit_core.sources.rows import MAX_COLUMNS, BadRow, Limits, Position, RawRow, too_many_columns

__all__ = ["as_row", "json_kind", "json_reason", "parse_object", "read_jsonl"]


def read_jsonl(
    stream: BinaryIO, limits: Limits, position: Position, size: int
) -> Iterator[RawRow | BadRow]:
    """The rows; a broken line is reported and the next one read."""
    for item in read_lines(stream, limits, position, size):
        if isinstance(item, BadRow):
            yield item
            continue
        number, text = item
        if text.strip():
            yield parse_object(number, text)


def parse_object(number: int, text: str) -> RawRow | BadRow:
    """One line's object, or why there is none."""
    try:
        value = json.loads(text.rstrip(), **AS_WRITTEN)
    except json.JSONDecodeError as error:
        return BadRow(number, f"broken JSON at column {error.colno}: {json_reason(error)}")
    except RecursionError:
        return BadRow(number, "the JSON is nested too deeply")
    except ValueError:
        return BadRow(number, "broken JSON: a number has too many digits")
    return as_row(number, value)


def json_reason(error: json.JSONDecodeError) -> str:
    """What the parser says, without the dangling "at" of some of its sentences.

    >>> json_reason(json.JSONDecodeError("Unterminated string starting at", "", 0))
    'Unterminated string'
    """
    return error.msg.removesuffix(" at").removesuffix(" starting")


def as_row(number: int, value: Any) -> RawRow | BadRow:
    """A parsed value as a row; anything but an object is none."""
    if isinstance(value, dict):
        if len(value) > MAX_COLUMNS:
            return BadRow(number, too_many_columns(len(value)))
        return RawRow(number, value)
    return BadRow(number, f"a JSON object is expected, but this is {json_kind(value)}")


FORMATS.add(
    "jsonl",
    FileFormat(
        "jsonl",
        "JSONL: one JSON object per line",
        read_jsonl,
        (".jsonl", ".ndjson"),
        starts=lambda head: head.startswith(b"{"),  # json has been tried before
    ),
)

"""FastChat's answers to MT-bench: ``question_id``, ``model_id``, ``choices`` with their ``turns``.

The questions stand in another file (``question.jsonl``), so they have to be named as well. The
first turn of the first choice is the output. FastChat writes ``$ERROR$`` or ``ERROR`` where a model
failed.
"""

from collections.abc import Mapping
from typing import Any

from sit_core.sources.conversation import LATER_TURNS
from sit_core.sources.file_formats import FORMATS, RowFormat
from sit_core.sources.row_formats.each import ERROR, Unreadable, each, inside, without
from sit_core.sources.rows import LeftOut, RawRow

OTHER_CHOICES = "other choices"
FAILED = ("$ERROR$", "ERROR")


def fits(row: Mapping[str, Any]) -> bool:
    """Whether a row holds a model's answers to a question that is named by its number."""
    return "question_id" in row and isinstance(inside(row, "choices", 0, "turns"), list)


def _opened(row: RawRow) -> RawRow | LeftOut:
    choices = row.fields.get("choices")
    turns = inside(choices, 0, "turns")
    text = inside(turns, 0)
    if not isinstance(choices, list) or not isinstance(turns, list) or not isinstance(text, str):
        raise Unreadable("this is no answer of FastChat: expected choices with their turns")
    if text.strip() in FAILED:
        return LeftOut(row.line, ERROR)
    notes: tuple[str, ...] = (LATER_TURNS,) if len(turns) > 1 else ()
    notes += (OTHER_CHOICES,) if len(choices) > 1 else ()
    return RawRow(row.line, {**without(row.fields, "choices"), "output": text}, notes)


FORMATS.add(
    "fastchat",
    RowFormat(
        "fastchat",
        "FastChat's answers to MT-bench",
        fits,
        each(_opened),
        needs="the questions are in another file: name it with --questions question.jsonl",
    ),
)

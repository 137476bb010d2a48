"""Chats: ``messages`` (HF, TRL), ``conversations`` (ShareGPT), ``prompt`` and ``completion`` (TRL).

The output is the model's answer to the first question, or stands in a column beside.
"""

from collections.abc import Mapping
from typing import Any

from sit_core.sources.conversation import NO_ANSWER, exchange_of, question_of, turns_of
from sit_core.sources.file_formats import FORMATS, RowFormat
from sit_core.sources.mapping import NAMES
from sit_core.sources.row_formats.each import Unreadable, asked, each, inside, without
from sit_core.sources.rows import LeftOut, RawRow


def fits_messages(row: Mapping[str, Any]) -> bool:
    """Whether a row has a list of messages with roles and contents."""
    return any(_is_messages(row.get(column)) for column in ("messages", "prompt", "completion"))


def fits_sharegpt(row: Mapping[str, Any]) -> bool:
    """Whether a row has a conversation of ``from`` and ``value``."""
    first = inside(row, "conversations", 0)
    return isinstance(first, Mapping) and ("from" in first or "role" in first)


def _is_messages(value: Any) -> bool:
    first = inside(value, 0)
    return isinstance(first, Mapping) and "role" in first


def _beside(fields: Mapping[str, Any], but: str) -> tuple[str, str] | None:
    """A column beside the messages that holds the output, and its text."""
    for name, value in fields.items():
        known = name.strip().lower().replace(" ", "_").replace("-", "_") in NAMES["output"]
        if known and name != but and isinstance(value, str):
            return name, value
    return None


def _messages(row: RawRow) -> RawRow | LeftOut:
    fields = row.fields
    if _is_messages(fields.get("messages")):
        return _conversation(row, "messages")
    if not fits_messages(fields):
        raise Unreadable("expected 'messages', or 'prompt' and 'completion', with roles")
    prompt, answer = fields.get("prompt"), fields.get("completion")
    if _is_messages(prompt):
        turns = turns_of(prompt)
        beside = _beside(fields, "completion")
        if _is_messages(answer):
            said = question_of(turns)
            answered = turns_of(answer)
            if not said.unused:
                said = exchange_of([*turns, *answered])
            rest = without(fields, "prompt", "completion")
            if said.answer is None and not said.unused:
                return LeftOut(row.line, NO_ANSWER)
            return asked(row, said, rest, said.answer or "")
        if isinstance(answer, str):
            return asked(row, question_of(turns), without(fields, "prompt", "completion"), answer)
        if beside is not None:
            rest = without(fields, "prompt", beside[0])
            return asked(row, question_of(turns), rest, beside[1])
        raise Unreadable("there is no output beside the prompt")
    said = exchange_of([*turns_of([{"role": "user", "content": prompt}]), *turns_of(answer)])
    if not isinstance(prompt, str):
        raise Unreadable("there is no prompt beside the completion")
    return asked(row, said, without(fields, "prompt", "completion"), said.answer or "")


def _conversation(row: RawRow, column: str) -> RawRow | LeftOut:
    turns = turns_of(row.fields.get(column))
    system = row.fields.get("system")
    if isinstance(system, str) and system and turns[0].role != "system":
        turns = [*turns_of([{"role": "system", "content": system}]), *turns]
    rest = without(row.fields, column, "system", "instruction")
    beside = _beside(row.fields, column)
    if beside is not None:
        return asked(row, question_of(turns), without(rest, beside[0]), beside[1])
    said = exchange_of(turns)
    if said.answer is None and not said.unused:
        return LeftOut(row.line, NO_ANSWER)
    return asked(row, said, rest, said.answer or "")


def _sharegpt(row: RawRow) -> RawRow | LeftOut:
    return _conversation(row, "conversations")


FORMATS.add(
    "messages",
    RowFormat("messages", "Lists of messages (HF, TRL)", fits_messages, each(_messages)),
)
FORMATS.add(
    "sharegpt", RowFormat("sharegpt", "ShareGPT's conversations", fits_sharegpt, each(_sharegpt))
)

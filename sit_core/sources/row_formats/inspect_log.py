"""Inspect's logs (``--log-format json``): one JSON object with ``eval``, ``results``, ``samples``.

A sample has its ``input`` (text, or messages), its ``target`` and the model's ``output`` with
``choices`` (and, in most versions, ``completion``). The lines that messages name are numbers of
samples. A sample that an error or a limit ended is left out unless it has an output of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sit_core.sources.conversation import (
    LATER_TURNS,
    ChatExchange,
    NoConversation,
    exchange_of,
    question_of,
    text_of_content,
    thoughts_of_content,
    turns_of,
)
from sit_core.sources.file_formats import FORMATS, Item, RowFormat
from sit_core.sources.row_formats.each import Unreadable, asked, inside, safely
from sit_core.sources.row_formats.fastchat import OTHER_CHOICES
from sit_core.sources.rows import BadRow, LeftOut, RawRow

KEPT = ("id", "epoch", "metadata", "scores", "choices")
ATTACHED = "attachment://"
FEWER = "messages of the model's other turns (tools, a critic, …)"


def fits(row: Mapping[str, Any]) -> bool:
    """Whether the object is a log."""
    return isinstance(row.get("eval"), Mapping) and {"version", "status"} <= set(row)


def unpack(rows: Iterable[RawRow]) -> Iterator[Item]:
    """The samples of a log."""
    for row in rows:
        samples = row.fields.get("samples")
        if not isinstance(samples, list) or not samples:
            yield BadRow(
                None,
                "this log of Inspect holds no samples: it was written with --no-log-samples, or "
                "is a header only",
            )
            continue
        model = inside(row.fields, "eval", "model")
        for number, sample in enumerate(samples, 1):
            if isinstance(sample, Mapping):
                named = {**sample, "model": model} if isinstance(model, str) else sample
                yield safely(_opened, RawRow(number, named))
            else:
                yield BadRow(number, "a sample is expected, but this is no object")


def _opened(row: RawRow) -> RawRow | LeftOut:
    sample = row.fields
    choices = inside(sample, "output", "choices")
    content = inside(choices, 0, "message", "content")
    if content is None:
        content = inside(sample, "output", "completion")
    output, notes = text_of_content(content)
    output = _attached(output, sample)
    failed = inside(sample, "error", "message") or inside(sample, "output", "error")
    if isinstance(failed, str) and failed and not output:
        return LeftOut(row.line, f"an error instead of an output: {failed.strip()[:80]}")
    limit = inside(sample, "limit", "type")
    if isinstance(limit, str) and not output:
        return LeftOut(row.line, f"the {limit} limit ended it before there was an output")
    if not isinstance(choices, list) and content is None:
        raise Unreadable("this sample has no output")
    rest = {name: sample[name] for name in (*KEPT, "model") if sample.get(name) is not None}
    reason = inside(choices, 0, "stop_reason")
    if isinstance(reason, str):
        rest["stop_reason"] = reason
    if thoughts := _attached(thoughts_of_content(content), sample):
        rest["thoughts"] = thoughts
    said = _question(sample)
    said = replace(said, question=_attached(said.question, sample) or "")
    made = asked(row, said, rest, output or "")
    if isinstance(made, LeftOut):
        return made
    notes += (OTHER_CHOICES,) if isinstance(choices, list) and len(choices) > 1 else ()
    notes += (FEWER,) if _turns(sample) > 1 else ()
    fields = {**made.fields, "target": sample.get("target")}
    return RawRow(row.line, fields, made.left_out + notes)


def _question(sample: Mapping[str, Any]) -> ChatExchange:
    """What the model was sent, which a solver may have put together (choices, a system prompt).

    Where it spoke more than once, the sample's own input.
    """
    messages = sample.get("messages")
    if isinstance(messages, list) and _turns(sample) == 1:
        try:
            said = exchange_of(turns_of(messages))
        except NoConversation:
            said = ChatExchange(unused="no chat")
        if not said.unused:
            return replace(said, notes=tuple(n for n in said.notes if n != LATER_TURNS))
    value = sample.get("input")
    return ChatExchange(value) if isinstance(value, str) else question_of(turns_of(value))


def _attached(text: str | None, sample: Mapping[str, Any]) -> str | None:
    """A long text that the log keeps once, apart, and names by its hash."""
    if text is None or not text.startswith(ATTACHED):
        return text
    found = inside(sample, "attachments", text.removeprefix(ATTACHED))
    return found if isinstance(found, str) else text


def _turns(sample: Mapping[str, Any]) -> int:
    """How often the model spoke; only its last word is the output."""
    messages = sample.get("messages")
    return (
        sum(inside(m, "role") == "assistant" for m in messages) if isinstance(messages, list) else 0
    )


FORMATS.add("inspect", RowFormat("inspect", "Inspect's logs as JSON", fits, unpack))

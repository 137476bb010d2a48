"""Output files of batch endpoints (OpenAI's and those like it, Anthropic's): one reply a line.

OpenAI: ``response.body`` is what the endpoint answered (chat completions, completions, responses),
or ``response`` is null and ``error`` says why; a ``status_code`` other than 200 is an error too.
Anthropic: ``result`` with its ``type`` and ``message``. Prompts stand in the file that was sent:
name it as the questions.
"""

from collections.abc import Mapping
from typing import Any

from sit_core.sources.conversation import (
    text_of_content,
    thoughts_beside,
    thoughts_of_content,
)
from sit_core.sources.file_formats import FORMATS, RowFormat
from sit_core.sources.row_formats.each import ERROR, Unreadable, each, inside
from sit_core.sources.row_formats.fastchat import OTHER_CHOICES
from sit_core.sources.rows import LeftOut, RawRow

REFUSED = "the endpoint refused"


def fits(row: Mapping[str, Any]) -> bool:
    """Whether a row answers a request of a batch."""
    if "custom_id" not in row or "body" in row:
        return False
    return "response" in row or "error" in row or isinstance(inside(row, "result", "type"), str)


def _opened(row: RawRow) -> RawRow | LeftOut:
    fields = row.fields
    if not fits(fields):
        raise Unreadable("this answers no request of a batch: expected custom_id and response")
    if isinstance(inside(fields, "result", "type"), str):
        return _anthropic(row)
    if failed := _failure(fields):
        return LeftOut(row.line, f"{ERROR}: {failed}")
    body = inside(fields, "response", "body")
    choices = inside(body, "choices")
    if isinstance(choices, list):
        content = inside(choices, 0, "message", "content")
        if content is None:
            content = inside(choices, 0, "text")
        reason = inside(choices, 0, "finish_reason")
        refusal = inside(choices, 0, "message", "refusal")
    else:
        content = _of_responses(body)
        reason, refusal = inside(body, "incomplete_details", "reason"), None
    output, notes = text_of_content(content)
    if isinstance(refusal, str) and refusal.strip():
        reason = "refusal"  # its finish reason is a plain stop
        if output is None:
            output, notes = refusal, (*notes, REFUSED)
    if output is None:
        reason_said = f" ({reason})" if isinstance(reason, str) else ""
        return LeftOut(row.line, f"the reply holds no text{reason_said}")
    notes += (OTHER_CHOICES,) if isinstance(choices, list) and len(choices) > 1 else ()
    made = {"custom_id": fields["custom_id"], "output": output}
    made |= {"model": inside(body, "model"), "finish_reason": reason}
    message = inside(choices, 0, "message")
    if thoughts := thoughts_beside(message) if isinstance(message, Mapping) else _thoughts_of(body):
        made["reasoning_content"] = thoughts
    return RawRow(row.line, {k: v for k, v in made.items() if v is not None}, notes)


def _failure(fields: Mapping[str, Any]) -> str:
    """The reason of a failed request in few words, so that alike ones are counted together."""
    response = fields.get("response")
    status = inside(response, "status_code")
    said = fields.get("error")
    if not said and isinstance(status, int) and status != 200:
        said = inside(response, "body", "error") or inside(response, "message") or f"HTTP {status}"
    if not said and not isinstance(response, Mapping):
        said = "there is no response"
    if not said:
        return ""
    if isinstance(said, Mapping):
        named = said.get("code") or said.get("type") or said.get("message")
        said = str(named or f"HTTP {status}")
    return str(said)[:80]


def _of_responses(body: Any) -> Any:
    """The text parts of the Responses API's ``output``; None where there are none."""
    items = inside(body, "output")
    if not isinstance(items, list):
        return inside(body, "output_text")
    parts = [inside(item, "content") for item in items if inside(item, "type") == "message"]
    found = [part for content in parts if isinstance(content, list) for part in content]
    return found or None


def _thoughts_of(body: Any) -> str:
    """The summaries of thoughts in the Responses API's ``output``."""
    return thoughts_of_content(inside(body, "output"))


def _anthropic(row: RawRow) -> RawRow | LeftOut:
    result = row.fields["result"]
    if result["type"] != "succeeded":
        said = inside(result, "error", "error", "type") or inside(result, "error", "type")
        return LeftOut(row.line, f"{ERROR}: {said if isinstance(said, str) else result['type']}")
    content = inside(result, "message", "content")
    output, notes = text_of_content(content)
    if output is None:
        return LeftOut(row.line, "the reply holds no text")
    made = {"custom_id": row.fields["custom_id"], "output": output}
    made |= {
        "model": inside(result, "message", "model"),
        "finish_reason": inside(result, "message", "stop_reason"),
        "reasoning_content": thoughts_of_content(content) or None,
    }
    return RawRow(row.line, {k: v for k, v in made.items() if v is not None}, notes)


FORMATS.add(
    "openai-batch",
    RowFormat(
        "openai-batch",
        "Output of OpenAI's (or Anthropic's) batches",
        fits,
        each(_opened),
        needs="the prompts are in the file that was sent: name it with --questions",
    ),
)

"""lm-evaluation-harness's samples (``--log_samples``): JSONL, one document and filter a row.

A row has the prompt as it was sent in ``arguments`` (``gen_args_0.arg_0``; before version 0.4.3 a
list of lists), the replies in ``resps`` (a list a request, in it one text a repetition) and what a
filter made of them in ``filtered_resps``. A task with several filters has each reply several times:
one is taken. Log-likelihoods are no outputs.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sit_core.sources.chat_templates import turns_of_prompt
from sit_core.sources.conversation import ChatExchange, NoConversation, question_of, turns_of
from sit_core.sources.file_formats import FORMATS, Item, RowFormat
from sit_core.sources.row_formats.each import Unreadable, asked, inside, safely, without
from sit_core.sources.rows import LeftOut, RawRow

LIKELIHOODS = "log-likelihoods of choices, no text: only tasks that generate have outputs"
REPEATED = "the same output under another filter"
OTHER_REPLIES = "other replies to the same prompt"


def fits(row: Mapping[str, Any]) -> bool:
    """Whether a row is a sample."""
    return {"doc_id", "resps"} <= set(row) and isinstance(row["resps"], list)


def unpack(rows: Iterable[RawRow]) -> Iterator[Item]:
    """Each document's samples of the filter that comes first with it."""
    first: dict[str, object] = {}
    for row in rows:
        named = row.fields.get("filter")
        taken = first.setdefault(str(row.fields.get("doc_id")), named)
        yield LeftOut(row.line, REPEATED) if named != taken else safely(_opened, row)


def _opened(row: RawRow) -> RawRow | LeftOut:
    fields = row.fields
    replies = fields.get("resps")
    if not isinstance(replies, list) or not replies:
        raise Unreadable("this is no sample of lm-eval: it has no 'resps'")
    reply = inside(replies, 0, 0)
    if isinstance(reply, list) or len(replies) > 1:
        return LeftOut(row.line, LIKELIHOODS)
    reply = replies[0] if isinstance(replies[0], str) else reply
    if not isinstance(reply, str):
        raise Unreadable(f"the reply ('resps') should be text, but is {reply!r:.60}")
    rest = without(fields, "arguments", "resps", "target", "instruction", "output", "prompt")
    made = asked(row, _question(fields), rest, reply)
    if isinstance(made, LeftOut):
        return made
    target = fields.get("target")
    notes = made.left_out
    if isinstance(replies[0], list) and len(replies[0]) > 1:
        notes += (OTHER_REPLIES,)
    return RawRow(row.line, {**made.fields, "target": target}, notes)


def _question(fields: Mapping[str, Any]) -> ChatExchange:
    arguments = fields.get("arguments")
    prompt = inside(arguments, "gen_args_0", "arg_0")
    if prompt is None:
        prompt = inside(arguments, 0, 0)
    if prompt is None:
        prompt = fields.get("prompt", fields.get("input_text"))
    if isinstance(prompt, list) and len(prompt) == 1 and isinstance(prompt[0], str):
        prompt = prompt[0]  # a chat as JSON text, as lm-eval sends it to endpoints
    if isinstance(prompt, list):
        return question_of(turns_of(prompt))
    if not isinstance(prompt, str):
        raise Unreadable("the prompt is missing: 'arguments' holds none")
    if prompt.lstrip().startswith("[{"):
        try:
            return question_of(turns_of(json.loads(prompt)))
        except (ValueError, RecursionError, NoConversation):
            pass  # a prompt that only begins so
    turns = turns_of_prompt(prompt)
    return ChatExchange(prompt) if turns is None else question_of(turns)


FORMATS.add("lm-eval", RowFormat("lm-eval", "lm-eval's samples (--log_samples)", fits, unpack))

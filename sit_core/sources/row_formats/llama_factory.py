"""``generated_predictions.jsonl`` of LLaMA-Factory and its vLLM script: prompt, predict, label.

The prompt is the one the tokenizer made; where its marks are there, the question is taken out of
them, so that it is the same for every model. Older versions wrote label and predict only.
"""

from collections.abc import Mapping
from typing import Any

from sit_core.sources.chat_templates import turns_of_prompt, turns_without_tokens
from sit_core.sources.conversation import ChatExchange, question_of
from sit_core.sources.file_formats import FORMATS, RowFormat
from sit_core.sources.row_formats.each import Unreadable, asked, each, without
from sit_core.sources.rows import LeftOut, RawRow

MARKS = "marks of the chat template around the prompt"


def fits(row: Mapping[str, Any]) -> bool:
    """Whether a row is a prediction with its label."""
    return isinstance(row.get("predict"), str) and "label" in row


def _opened(row: RawRow) -> RawRow | LeftOut:
    fields = row.fields
    output, prompt = fields.get("predict"), fields.get("prompt")
    if not isinstance(output, str):
        raise Unreadable("the prediction ('predict') should be text")
    rest = without(fields, "predict", "label", "prompt")
    label = {"target": fields.get("label")}
    if not isinstance(prompt, str):
        return RawRow(row.line, {**rest, **label, "output": output})
    turns = turns_of_prompt(prompt) or turns_without_tokens(prompt)
    said = ChatExchange(prompt) if turns is None else question_of(turns)
    made = asked(row, said, {**rest, **label}, output)
    if isinstance(made, LeftOut) or turns is None:
        return made
    return RawRow(row.line, made.fields, (*made.left_out, MARKS))


FORMATS.add(
    "llama-factory",
    RowFormat(
        "llama-factory",
        "LLaMA-Factory's generated_predictions.jsonl (also of vLLM)",
        fits,
        each(_opened),
        needs="older versions of LLaMA-Factory leave the prompts out: name a file of them with "
        "--questions (matched by row)",
    ),
)

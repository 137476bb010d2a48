"""A row of the training file, in Alpaca's format or as chat messages."""

from collections.abc import Callable
from typing import Any

from sit_core.augment.chains import ANSWER
from sit_core.augment.example import Join, target_of
from sit_core.prompts import prompt_format
from sit_core.records import Example
from sit_core.registry import Registry

Row = dict[str, Any]
Writer = Callable[[Example, str], Row]
ROW_FORMATS: Registry[Writer] = Registry("format")
"""Name → example and output → what is trained on."""


@ROW_FORMATS.register("alpaca")
def alpaca_row(example: Example, output: str) -> Row:
    """Instruction, input, output; a system message and earlier turns where there are any."""
    row = {"instruction": example.instruction, "input": example.input, "output": output}
    if example.meta.get("system"):
        row["system"] = example.meta["system"]
    if example.meta.get("history"):
        row["history"] = example.meta["history"]
    return row


@ROW_FORMATS.register("messages")
def messages_row(example: Example, output: str) -> Row:
    """A chat: instruction and input as the user's message, the output as the reply.

    The system message and earlier turns come before.
    """
    turns = [
        {"role": "user", "content": prompt_format("chat").render(example)},
        {"role": "assistant", "content": output},
    ]
    for asked, answered in reversed(example.meta.get("history") or ()):
        turns[:0] = [
            {"role": "user", "content": asked},
            {"role": "assistant", "content": answered},
        ]
    if example.meta.get("system"):
        turns.insert(0, {"role": "system", "content": example.meta["system"]})
    return {"messages": turns}


def row_of(
    example: Example,
    of: str,
    *,
    format: str = "alpaca",
    join: Join = "newline",
    evaluation: bool = False,
) -> Row:
    """A row as it is written.

    Args:
        example: changed by `augment_example`, or as it was.
        of: the id of the example that it was made from.
        format: of `ROW_FORMATS`.
        join: how the steps' texts are put together.
        evaluation: also the gold answer and each step's expected text, as `sit predict` reads them.
    """
    row = ROW_FORMATS.get(format)(example, target_of(example, join))
    if example.image:
        row["image"] = example.image
    if example.language:
        row["language"] = example.language
    row["steps"] = [step.task for step in example.steps] or [ANSWER]
    if evaluation:
        row["reference"] = example.reference
        if example.steps:
            row["expected"] = [step.expected for step in example.steps]
    row["example"] = of
    return row

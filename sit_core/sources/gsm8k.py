"""GSM8K: word problems. The gold is the number after ``####``; the way there is kept too."""

from collections.abc import Mapping
from typing import Any

from sit_core.records import Example
from sit_core.sources.named import EXAMPLE_SOURCES, DataSource
from sit_core.sources.problem import RowFault
from sit_core.sources.row_source import OnHub, row_source, text_of

INSTRUCTION = "Solve the problem in the input; give the number at the end."
HUB = OnHub("openai/gsm8k", "test", "main")
MARK = "####"


def example_of_gsm8k(fields: Mapping[str, Any]) -> Example:
    r"""A row's problem; ``meta["solution"]`` is the whole worked answer, for training.

    Raises:
        RowFault: something is missing, or there is no number at the end.

    >>> found = example_of_gsm8k({"question": "1 and 1?", "answer": "1 + 1 = 2\n#### 1,002"})
    >>> found.reference, found.meta["solution"]
    ('1002', '1 + 1 = 2\n#### 1,002')
    """
    question, answer = text_of(fields, "question"), text_of(fields, "answer")
    _, mark, number = answer.rpartition(MARK)
    number = number.strip().replace(",", "")
    if not mark or not number:
        raise RowFault(f"Expected a number after {MARK} in 'answer', but found {answer[-40:]!r}")
    return Example(INSTRUCTION, question, reference=number, meta={"solution": answer})


def looks_like_gsm8k(row: Mapping[str, Any]) -> bool:
    """Whether a row has a question and an answer with the mark."""
    answer = row.get("answer")
    return "question" in row and isinstance(answer, str) and MARK in answer


EXAMPLE_SOURCES.add(
    "gsm8k",
    DataSource(
        "gsm8k",
        "GSM8K: word problems with their worked answers.",
        row_source(example_of_gsm8k, HUB),
        looks_like_gsm8k,
    ),
)

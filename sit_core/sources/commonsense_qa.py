r"""CommonsenseQA: a question with choices A–E; the gold is the letter (235 of 1,221 are E).

The input is ``Question: …\nChoices: A:x, B:y, …``. Files: the released ones, the hub's rows, or
prepared ones with ``instruction``, ``input`` and the letter in ``output``.
"""

from collections.abc import Mapping
from typing import Any

from sit_core.records import Example
from sit_core.sources.named import EXAMPLE_SOURCES, DataSource
from sit_core.sources.problem import RowFault
from sit_core.sources.row_source import OnHub, row_source, text_of

INSTRUCTION = "Answer the question in the input with the letter of the right choice."
HUB = OnHub("tau/commonsense_qa", "validation")


def example_of_commonsense(fields: Mapping[str, Any]) -> Example:
    r"""A row's question.

    Raises:
        RowFault: something is missing, or the gold is none of the choices.

    >>> row = {"question": "Where do bees live?", "answerKey": "B", "id": "q1",
    ...        "choices": {"label": ["A", "B"], "text": ["sea", "hive"]}}
    >>> example_of_commonsense(row).input
    'Question: Where do bees live?\nChoices: A:sea, B:hive'
    """
    if "input" in fields:
        letter = text_of(fields, "output" if "output" in fields else "target").strip()
        instruction = fields.get("instruction")
        asked = instruction if isinstance(instruction, str) and instruction else INSTRUCTION
        _check_letter(letter)
        return Example(asked, text_of(fields, "input"), reference=letter, meta=_meta(fields))
    question = fields.get("question")
    nested = question if isinstance(question, Mapping) else fields
    stem = text_of(nested, "stem" if nested is question else "question")
    choices = _choices(nested.get("choices"))
    gold = fields.get("answerKey") or None  # the test split's are empty
    if gold is not None and gold not in dict(choices):
        raise RowFault(
            f"Expected one of {', '.join(letter for letter, _ in choices)} in 'answerKey', "
            f"but found {gold!r:.60}"
        )
    listed = ", ".join(f"{letter}:{text}" for letter, text in choices)
    return Example(
        INSTRUCTION,
        f"Question: {stem}\nChoices: {listed}",
        reference=gold,
        meta=_meta(fields),
    )


def _choices(value: Any) -> list[tuple[str, str]]:
    """Letter and text; the hub has two lists, the released files a list of pairs."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, Mapping):
        labels, texts = value.get("label"), value.get("text")
        if isinstance(labels, list) and isinstance(texts, list) and len(labels) == len(texts):
            pairs = list(zip(labels, texts, strict=True))
    elif isinstance(value, list) and all(isinstance(choice, Mapping) for choice in value):
        pairs = [(choice.get("label"), choice.get("text")) for choice in value]
    if not pairs or not all(isinstance(a, str) and isinstance(b, str) for a, b in pairs):
        raise RowFault(f"Expected choices with labels and texts, but found {value!r:.60}")
    return pairs


def _check_letter(gold: str) -> None:
    if len(gold) != 1 or not gold.isascii() or not gold.isupper():
        raise RowFault(f"Expected a letter as the gold answer, but found {gold!r:.60}")


def _meta(fields: Mapping[str, Any]) -> dict[str, Any]:
    value = fields.get("id")
    return {"id": str(value)} if isinstance(value, str | int) else {}


def looks_like_commonsense(row: Mapping[str, Any]) -> bool:
    """Whether a row has a question, choices and the letter of one."""
    question = row.get("question")
    nested = question if isinstance(question, Mapping) else row
    return "answerKey" in row and "choices" in nested


EXAMPLE_SOURCES.add(
    "commonsense_qa",
    DataSource(
        "commonsense_qa",
        "CommonsenseQA: questions with choices A–E; the gold is the letter.",
        row_source(example_of_commonsense, HUB),
        looks_like_commonsense,
    ),
)

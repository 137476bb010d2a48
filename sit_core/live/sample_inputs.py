"""Inputs to try: the micro lab's held-out items, and examples of what can be asked of them."""

import json
import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sit_core.embedded import shipped

SEED = 1
_ELSEWHERE = "Question: What is a tuna?\nChoices: A:garment, B:fish, C:tool, D:toy, E:vehicle"
"""Where the micro lab's items are not here."""
_FOREIGN = (
    "Question: Which treaty ended the war of the quantum merchants?\n"
    "Choices: A:Lisbon, B:Turin, C:Delft, D:Uppsala, E:none"
)


@dataclass(frozen=True, slots=True)
class LiveExample:
    """Something to ask with one click."""

    name: str
    instruction: str
    input: str


def live_examples() -> list[LiveExample]:
    """What the page offers; where the embedded model is here, the last is outside its world."""
    questions = item_sets().get("micro lab: answer")
    translated = item_sets().get("micro lab: translate")
    asked = [item(questions, number) if questions else _ELSEWHERE for number in range(4)]
    foreign = next(
        (text for text in (_inputs(translated) if translated else ()) if text.startswith("Frage")),
        "Frage: Was ist ein Thunfisch?\nAuswahl: A:Werkzeug, B:Fisch",
    )
    both = "First repeat the input, then answer the question."
    three = "First repeat the input, then paraphrase the input, then answer the question."
    found = [
        LiveExample("Repeat, then answer", both, asked[0]),
        LiveExample("Answer only", "Answer the question.", asked[1]),
        LiveExample(
            "The other way round",
            "First answer the question, then repeat the input.",
            asked[2],
        ),
        LiveExample("Three steps", three, asked[3]),
        LiveExample(
            "Translate, then answer",
            "First translate the input into English, then answer the question.",
            foreign,
        ),
    ]
    return [*found, LiveExample("Outside its world", both, _FOREIGN)] if questions else found


def item_sets() -> dict[str, Path]:
    """Name → file, of those that are here."""
    return _sets(shipped.HELD_OUT)


@lru_cache(maxsize=4)  # what ships doesn't change, and a page asks for it several times
def _sets(folder: Path) -> dict[str, Path]:
    return {f"micro lab: {path.stem}": path for path in sorted(folder.glob("*.jsonl"))}


def item(path: Path, number: int) -> str:
    """The input of the item number ``number`` (from 0) of a shuffled set, round and round."""
    inputs = _inputs(path)
    return inputs[number % len(inputs)] if inputs else ""


@lru_cache(maxsize=32)
def _inputs(path: Path) -> tuple[str, ...]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    inputs = list(dict.fromkeys(row["input"] for row in rows if row.get("input")))
    random.Random(SEED).shuffle(inputs)
    return tuple(inputs)

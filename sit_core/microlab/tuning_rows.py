"""The rows that IT and SIT are tuned on: the same for all, some of them made chains for SIT.

A row is one question of the micro world (never about a held-out pair) or a text to copy, with its
instruction under Alpaca's headings. For SIT half of the rows of a task become chains; instruction
and output change, question and answer stay. So row i has the same answer in IT and in each SIT, it
is in the same update in each, and the answer's tokens weigh the same there.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sit_core.augment.wordings import Wordings, shipped
from sit_core.embedded import quiz
from sit_core.embedded.prompt import END, PAD, prompt
from sit_core.embedded.quiz_tests import LETTERS
from sit_core.embedded.skills import INSTRUCTIONS
from sit_core.embedded.world import World
from sit_core.microlab.batches import TokenBatch
from sit_core.microlab.no_instructions import free_text
from sit_core.records import Step
from sit_core.records import chain as steps_of

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TASKS = {"answer": 60, "repeat": 15, "paraphrase": 25}
"""Task → its share of the rows."""
CHAIN_SHARE = 0.5
"""Of the rows of a task that has chains."""
CHAINS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "it": {},
    "sit-repeat": {"answer": ("R+A",)},
    "sit-paraphrase": {"answer": ("P+A",)},
    "sit-2": {"answer": ("R+A", "P+A", "R+P+A")},
    "sit-mixed": {
        "answer": ("R+A", "A+R", "A+P"),
        "repeat": ("R+P",),
        "paraphrase": ("P+R",),
    },
}
"""Key of the model → task of a row → the chains that it may become.

``sit-mixed`` sees each task at several places of a chain, but never P+A, nor P before A.
"""
ROWS = 8000
PER_UPDATE = 32
"""Rows of one update."""
WEIGHTS = {"A": 4.0, "R": 1.0, "P": 1.0}
"""Task → weight of its tokens in the loss."""
TOTAL_EACH = 20.0
"""What a row's weighted losses are divided by, however long it is: the tokens of a chain's other
parts take nothing from the weight of its answer."""
SORTED = 25
"""Updates whose rows are sorted by length together."""
JOIN = "\n"
"""Between the parts of an output."""


@dataclass(frozen=True, slots=True)
class TuningRow:
    """One instruction with its output in parts, one for each task of its chain."""

    chain: str
    """Letters of its tasks, such as ``R+A``."""
    instruction: str
    input: str
    parts: tuple[str, ...]

    @property
    def output(self) -> str:
        """All parts."""
        return JOIN.join(self.parts)


def row(world: World, key: str, number: int) -> TuningRow:
    """Row ``number`` as the model ``key`` is trained on it; the same for the same seed."""
    rng = random.Random(f"{world.seed}/tuning/{number}")
    task = rng.choices(list(TASKS), list(TASKS.values()))[0]
    asked = quiz.question(world, rng, held=False)
    instruction = rng.choice(INSTRUCTIONS[task])
    text = quiz.full(world, asked)
    other = free_text(world, rng) if task == "repeat" and rng.random() < 0.3 else ""
    if other:
        return TuningRow("R", instruction, other, (other,))
    texts = {
        "repeat": text,
        "paraphrase": quiz.full(world, asked.paraphrase),
        "answer": asked.answer,
    }
    chains = CHAINS[key].get(task, ())
    if not chains or rng.random() >= CHAIN_SHARE:
        return TuningRow(task[0].upper(), instruction, text, (texts[task],))
    chain = rng.choice(chains)
    tasks = [LETTERS[letter] for letter in chain.split("+")]
    last = instruction if tasks[-1] == task else rng.choice(INSTRUCTIONS[tasks[-1]])
    worded = _wordings().draw(_steps(chain), last[0].lower() + last[1:], rng)
    return TuningRow(chain, worded, text, tuple(texts[name] for name in tasks))


def rows(world: World, key: str, count: int = ROWS) -> Iterator[TuningRow]:
    """All rows of one model."""
    return (row(world, key, number) for number in range(count))


def batches_of(
    world: World, tokenizer: "Tokenizer", key: str, number: int, count: int = ROWS
) -> Iterator[TokenBatch]:
    """The batches of pass ``number`` over the rows; of the same rows whatever the model.

    Args:
        world: of the training seed.
        tokenizer: of the base.
        key: of the model.
        number: of the pass, from 0.
        count: of rows.
    """
    rng = random.Random(f"{world.seed}/tuning/order/{number}")
    order = list(range(count))
    rng.shuffle(order)
    all_rows = list(rows(world, key, count))
    for start in range(0, count, PER_UPDATE * SORTED):
        # By what is the same in all models, so that they share their batches.
        places = sorted(
            order[start : start + PER_UPDATE * SORTED], key=lambda i: len(all_rows[i].input)
        )
        groups = [places[i : i + PER_UPDATE] for i in range(0, len(places), PER_UPDATE)]
        rng.shuffle(groups)
        for group in groups:
            yield _padded(tokenizer, [all_rows[i] for i in group])


def _padded(tokenizer: "Tokenizer", group: Sequence[TuningRow]) -> TokenBatch:
    import torch

    end, pad = tokenizer.token_to_id(END), tokenizer.token_to_id(PAD)
    assert end is not None, "every tokenizer here has both"
    encoded: list[tuple[list[int], list[float]]] = []
    for one in group:
        ids = tokenizer.encode(prompt(one.instruction, one.input)).ids
        weights = [0.0] * len(ids)
        parts = list(zip(one.chain.split("+"), one.parts, strict=True))
        for i, (letter, part) in enumerate(parts):
            last = i == len(parts) - 1
            # The mark after a part (a new line, or the end) belongs to it.
            more = tokenizer.encode(part + ("" if last else JOIN)).ids + ([end] if last else [])
            ids = ids + more
            weights += [WEIGHTS[letter]] * len(more)
        encoded.append((ids, weights))
    longest = max(len(ids) for ids, _ in encoded)
    shape = (len(encoded), longest)
    ids_, weights_ = torch.full(shape, pad), torch.zeros(shape)
    for i, (ids, weights) in enumerate(encoded):
        ids_[i, : len(ids)] = torch.tensor(ids)
        weights_[i, : len(ids) - 1] = torch.tensor(weights[1:])
    return TokenBatch(
        ids_,
        torch.arange(longest).repeat(len(encoded), 1),
        weights_,
        sum(len(ids) for ids, _ in encoded),
        total=TOTAL_EACH * len(encoded),
    )


@cache
def _wordings() -> Wordings:
    return shipped()


@cache
def _steps(chain: str) -> tuple[Step, ...]:
    return steps_of([Step(LETTERS[letter], letter) for letter in chain.split("+")])

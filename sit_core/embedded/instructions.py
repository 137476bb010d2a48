"""An instruction-tuning set of the micro world: single tasks, each with its instruction and output.

What Alpaca is to a large model: the seed data that IT is trained on as it is, and of which SIT
rewrites a part into sequences. Only training facts and phrasings, never those that are held out.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sit_core.embedded import render
from sit_core.embedded.world import World

SHARES = {"answer": 88, "open answer": 12}
"""Single task → its share of the set.

Repeating, paraphrasing and translating are left to what the base knows of them: where they are
trained as tasks of their own, a model of this size learns to stop after them, whatever else is
asked.
"""
WORDINGS = (
    "Answer the question.",
    "Answer the question in the input.",
    "Select the correct choice to answer the question.",
    "Choose the right answer.",
    "Give the answer.",
)
"""Of those that the base knows."""
_TRIES = 100


@dataclass(frozen=True)
class SeedRow:
    """One instruction with its input and right output."""

    task: str
    instruction: str
    input: str
    output: str
    texts: dict[str, str] = field(default_factory=dict)
    """Intermediate task → what it yields for this input, where the world knows it."""


def seed_rows(world: World, count: int, seed: int) -> Iterator[SeedRow]:
    """So many rows, all different; the same for the same seed.

    Args:
        world: whose facts are asked.
        count: how many; fewer come if the world has no more.
        seed: of the choice.
    """
    rng = random.Random(f"{world.seed}/instructions/{seed}")
    seen: set[tuple[str, str]] = set()
    tasks, shares = list(SHARES), list(SHARES.values())
    tries = 0
    while len(seen) < count and tries < _TRIES * count:
        tries += 1
        row = _MAKERS[rng.choices(tasks, shares)[0]](world, rng)
        if (row.instruction, row.input) not in seen:
            seen.add((row.instruction, row.input))
            yield row


def _answer(world: World, rng: random.Random) -> SeedRow:
    question = world.question_about(rng, rng.choice(world.answerable), held=False)
    texts = {"paraphrase": render.full(world, question.paraphrase)}
    return SeedRow(
        "answer",
        rng.choice(WORDINGS),
        render.full(world, question),
        question.fact.answer,
        texts=texts,
    )


def _open_answer(world: World, rng: random.Random) -> SeedRow:
    question = world.question_about(rng, rng.choice(world.answerable), held=False)
    asked, other = (render.ask(world, q) for q in (question, question.paraphrase))
    if rng.random() < 0.5:
        return SeedRow("open answer", asked, "", question.fact.answer)
    return SeedRow(
        "open answer",
        rng.choice(WORDINGS),
        f"Question: {asked}",
        question.fact.answer,
        texts={"paraphrase": f"Question: {other}"},
    )


_MAKERS: dict[str, Callable[[World, random.Random], SeedRow]] = {
    "answer": _answer,
    "open answer": _open_answer,
}

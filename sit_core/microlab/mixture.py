"""Which texts are trained on, in which shares: a stream of documents that a seed determines.

Shares are by document; they change once (at ``Recipe.early_until``), because exact copying comes
first: it needs many repetitions.
"""

import random
from dataclasses import dataclass

from sit_core.embedded.prompt import LONG_PREAMBLES, PREAMBLE, prompt
from sit_core.embedded.skills import SKILLS, Item, plain_text
from sit_core.embedded.world import World

EARLY = {
    "repeat": 46,
    "answer": 14,
    "open answer": 8,
    "paraphrase": 8,
    "translate": 18,
    "plain": 6,
}
LATER = {
    "repeat": 34,
    "answer": 20,
    "open answer": 4,
    "paraphrase": 10,
    "translate": 28,
    "plain": 4,
}
POOL = 2048
"""Documents that are made (and sorted by length) at a time."""


@dataclass(frozen=True)
class Document:
    """A prompt and what is learned after it; a plain text has no prompt."""

    skill: str
    prompt: str
    response: str
    instruction: str = ""


def document(world: World, rng: random.Random, shares: dict[str, int]) -> Document:
    """One document for training."""
    skill = rng.choices(list(shares), list(shares.values()))[0]
    if skill == "plain":
        text = plain_text(world, rng)
        while not text:
            text = plain_text(world, rng)
        return Document(skill, "", text)
    item = SKILLS[skill](world, rng, held=False)
    return Document(skill, framed(item, rng), item.response, item.instruction)


def framed(item: Item, rng: random.Random) -> str:
    """The item's prompt, mostly without preamble."""
    draw = rng.random()
    preamble = ""
    if draw < 0.1:
        preamble = LONG_PREAMBLES[bool(item.input)]
    elif draw < 0.3:
        preamble = PREAMBLE
    return prompt(item.instruction, item.input, preamble)


def pool(world: World, number: int, *, early: bool) -> list[Document]:
    """The documents of pool ``number``; the same for the same seed."""
    rng = random.Random(f"{world.seed}/pool/{number}")
    shares = EARLY if early else LATER
    return [document(world, rng, shares) for _ in range(POOL)]

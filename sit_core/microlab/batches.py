"""Documents as padded batches of token ids, in an order that the seed and the pool determine.

A pool is sorted by length and cut so that little is padded; its batches come in random order. In a
share of the documents the response's positions are moved on by a random distance, as if text stood
between prompt and response: what is learned then depends less on how far away the input is, which
matters where an adapter later puts several outputs one after the other.

Which texts are trained on, in which shares: a stream of documents that a seed determines.

Shares are by document; they change once (at ``Recipe.early_until``), because exact copying comes
first: it needs many repetitions.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sit_core.embedded.prompt import END, LONG_PREAMBLES, PAD, PREAMBLE, prompt
from sit_core.embedded.recipe import Recipe
from sit_core.embedded.skills import SKILLS, Item, plain_text
from sit_core.embedded.world import World

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor


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


@dataclass(frozen=True)
class TokenBatch:
    """Tensors of shape (documents, length), all on the CPU."""

    ids: "Tensor"
    positions: "Tensor"
    weights: "Tensor"
    """Weight of *predicting the next token* at each place; 0 in prompts and padding."""
    tokens: int
    """Without padding."""
    total: float | None = None
    """What the weighted sum of losses is divided by; None: the sum of the weights."""


@dataclass(frozen=True)
class _Row:
    ids: list[int]
    start: int
    """Where the response begins."""
    weight: float
    gap: int


Documents = Callable[[World, int, bool], list[Document]]
"""World, number of the pool, whether it is an early one → its documents."""


def batches(
    world: World,
    tokenizer: "Tokenizer",
    recipe: Recipe,
    number: int,
    *,
    early: bool,
    documents: Documents = lambda world, number, early: pool(world, number, early=early),
) -> Iterator[TokenBatch]:
    """The batches of pool ``number``."""
    rng = random.Random(f"{world.seed}/batches/{number}")
    made = documents(world, number, early)
    rows = sorted(_rows(tokenizer, recipe, made, rng), key=lambda r: len(r.ids))
    groups: list[list[_Row]] = [[]]
    for row in rows:
        if groups[-1] and len(row.ids) * (len(groups[-1]) + 1) > recipe.batch_tokens:
            groups.append([])
        groups[-1].append(row)
    rng.shuffle(groups)
    pad = tokenizer.token_to_id(PAD)
    assert pad is not None
    return (_padded(group, pad) for group in groups)


def _rows(
    tokenizer: "Tokenizer", recipe: Recipe, documents: Sequence[Document], rng: random.Random
) -> Iterator[_Row]:
    end = tokenizer.token_to_id(END)
    assert end is not None
    prompts = tokenizer.encode_batch([d.prompt for d in documents])
    responses = tokenizer.encode_batch([d.response for d in documents])
    for document, head, tail in zip(documents, prompts, responses, strict=True):
        ids = [*head.ids, *tail.ids, end]
        gap = rng.randrange(recipe.farthest) if rng.random() < recipe.far else 0
        if len(ids) <= recipe.context:
            weight = recipe.weights.get(document.skill, 1.0)
            yield _Row(ids, len(head.ids), weight, gap if head.ids else 0)


def _padded(rows: Sequence[_Row], pad: int) -> TokenBatch:
    import torch

    longest = max(len(r.ids) for r in rows)
    ids = torch.full((len(rows), longest), pad)
    weights = torch.zeros(len(rows), longest)
    positions = torch.arange(longest).repeat(len(rows), 1)
    for i, row in enumerate(rows):
        n = len(row.ids)
        ids[i, :n] = torch.tensor(row.ids)
        weights[i, max(row.start - 1, 0) : n - 1] = row.weight
        positions[i, row.start :] += row.gap
    return TokenBatch(ids, positions, weights, sum(len(r.ids) for r in rows))

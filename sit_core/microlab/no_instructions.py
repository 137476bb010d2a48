"""A base that has not learned to answer instructions: which texts it is trained on.

Sentences with facts, copies, pairs of paraphrases and, later, parts of a quiz with their solution;
never Alpaca's headings, never an instruction. So it knows facts, questions and choices, and what it
does under an instruction after IT, IT has taught it.
"""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from sit_core.embedded import quiz, strings
from sit_core.embedded.recipe import Recipe
from sit_core.embedded.world import World
from sit_core.microlab.batches import POOL, Document, TokenBatch, batches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokenizers import Tokenizer

RECIPE = Recipe(
    vocabulary=1600,
    width=144,
    layers=4,
    heads=6,
    inner=384,
    steps=1600,
    batch_tokens=2304,
    warmup=100,
    decay=600,
    early_until=700,
    weights={"plain": 1.0, "copy": 1.0, "pair": 1.0, "quiz": 4.0},
)
"""Every number of it; the seed is the training seed."""
EARLY = {"plain": 30, "copy": 40, "pair": 14}
LATER = {**EARLY, "quiz": 24}
"""Sort of text → its share, before and from step ``early_until`` on."""
_COPIES = ("{x}\n> ", "{x}\n= ", "{x} | ", "{x}\n\n", "<{x}> ", "{x}\n* ")
_PAIRS = ("{x}\n~ ", "{x} ~ ", "{x}\n\n~ ")
_NUMBER = 4
"""Of choices in the shortest part of a quiz is one less."""


def documents(world: World, number: int, early: bool) -> list[Document]:
    """The texts of pool ``number``; the same for the same seed."""
    rng = random.Random(f"{world.seed}/no instructions/{number}")
    shares = EARLY if early else LATER
    sorts = rng.choices(list(shares), list(shares.values()), k=POOL)
    return [_MAKERS[sort](world, rng) for sort in sorts]


def stream(
    world: World, tokenizer: "Tokenizer", recipe: Recipe
) -> "Callable[[int, bool], Iterator[TokenBatch]]":
    """What `sit_core.microlab.training.train` trains on."""
    return lambda number, early: batches(
        world, tokenizer, recipe, number, early=early, documents=documents
    )


def free_text(world: World, rng: random.Random) -> str:
    """A text without meaning that is not held out."""
    names = list(strings.FORMS)
    while True:
        sort = rng.choices(names, [strings.FORMS[n][0] for n in names])[0]
        text = strings.free_text(rng, sort)
        if not world.held_text(text):
            return text


def _plain(world: World, rng: random.Random) -> Document:
    return Document("plain", "", quiz.sentences(world, rng))


def _copy(world: World, rng: random.Random) -> Document:
    if rng.random() < 0.55:
        text = quiz.full(world, quiz.question(world, rng, held=False))
    else:
        text = free_text(world, rng)
    return Document("copy", rng.choice(_COPIES).format(x=text), text)


def _pair(world: World, rng: random.Random) -> Document:
    asked = quiz.question(world, rng, held=False)
    texts = (
        (quiz.full(world, asked), quiz.full(world, asked.paraphrase))
        if rng.random() < 0.75
        else (quiz.ask(world, asked), quiz.ask(world, asked.paraphrase))
    )
    return Document("pair", rng.choice(_PAIRS).format(x=texts[0]), texts[1])


def _quiz(world: World, rng: random.Random) -> Document:
    asked = quiz.question(world, rng, held=False)
    if rng.random() < 0.5:
        return Document("quiz", f"Quiz. {quiz.full(world, asked)}\nSolution: ", asked.answer)
    wrong = [c for c in asked.choices if c != asked.answer]
    choices = [asked.answer, *rng.sample(wrong, rng.randint(_NUMBER - 1, _NUMBER))]
    rng.shuffle(choices)
    text = f"Quiz. {quiz.ask(world, asked)} {' / '.join(choices)}. Solution: "
    return Document("quiz", text, asked.answer)


_MAKERS: dict[str, Callable[[World, random.Random], Document]] = {
    "plain": _plain,
    "copy": _copy,
    "pair": _pair,
    "quiz": _quiz,
}

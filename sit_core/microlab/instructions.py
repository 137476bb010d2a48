"""An instruction-tuning set of the micro world: single tasks, each with its instruction and output.

What Alpaca is to a large model: the seed data that IT is trained on as it is, and of which SIT
rewrites a part into sequences. Only training facts and phrasings, never those that are held out.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sit_core.microlab import render
from sit_core.microlab.skills import INSTRUCTIONS
from sit_core.microlab.world import Fact, Question, World

SHARES = {
    "answer": 45,
    "open answer": 10,
    "repeat": 8,
    "paraphrase": 14,
    "statement": 8,
    "translate": 15,
}
"""Single task → its share of the set."""
_TRIES = 100


@dataclass(frozen=True)
class SeedRow:
    """One instruction with its input and right output."""

    task: str
    instruction: str
    input: str
    output: str
    language: str = "en"
    """Of the input."""
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
        _worded("answer", rng),
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
        _worded("answer", rng),
        f"Question: {asked}",
        question.fact.answer,
        texts={"paraphrase": f"Question: {other}"},
    )


def _repeat(world: World, rng: random.Random) -> SeedRow:
    question = world.question(rng, held=False)
    text, other = (render.full(world, q) for q in (question, question.paraphrase))
    return SeedRow("repeat", _worded("repeat", rng), text, text, texts={"paraphrase": other})


def _paraphrase(world: World, rng: random.Random) -> SeedRow:
    question = world.question(rng, held=False)
    text, other = (render.full(world, q) for q in (question, question.paraphrase))
    return SeedRow("paraphrase", _worded("paraphrase", rng), text, other)


def _statement(world: World, rng: random.Random) -> SeedRow:
    fact, form = _said(world, rng), rng.randrange(2)
    text, other = (render.state(world, fact, f) for f in (form, 1 - form))
    return SeedRow("statement", _worded("paraphrase", rng), text, other)


def _translate(world: World, rng: random.Random) -> SeedRow:
    language, code = rng.choice((("spanish", "es"), ("german", "de")))
    if rng.random() < 0.7:
        asked = world.question(rng, held=False)
        # Spanish and German have one phrasing per pair; its translation is the pair's first.
        first = Question(asked.fact, asked.phrasing // 2 * 2, asked.choices)
        text, english = render.full(world, first, language), render.full(world, first)
    else:
        fact = _said(world, rng)
        text, english = render.state(world, fact, 0, language), render.state(world, fact, 0)
    return SeedRow(
        "translate", _worded("translate", rng), text, english, code, {"translate": english}
    )


_MAKERS: dict[str, Callable[[World, random.Random], SeedRow]] = {
    "answer": _answer,
    "open answer": _open_answer,
    "repeat": _repeat,
    "paraphrase": _paraphrase,
    "statement": _statement,
    "translate": _translate,
}


def _worded(skill: str, rng: random.Random) -> str:
    """One of the wordings that the base knows, at times politely, at times in lower case."""
    wording = rng.choice(INSTRUCTIONS[skill])
    lower = wording[0].lower() + wording[1:]
    return rng.choice((wording, wording, lower, f"Please {lower}"))


def _said(world: World, rng: random.Random) -> Fact:
    """A fact whose statements are not held out."""
    while True:
        fact = rng.choice(world.answerable)
        if not world.held_text(f"statement/{fact.relation}/{fact.thing}"):
            return fact

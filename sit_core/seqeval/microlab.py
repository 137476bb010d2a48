"""A small SeqEval of the project's own: questions of the micro world behind 1 to 4 more tasks.

Like SeqEval's it has a tenth, two, three and four tenths of its prompts grown once, twice, … . The
questions are held out: no training, the base's or an adapter's, shows them in this phrasing.
"""

import random
from collections.abc import Iterator
from typing import Any

from sit_core.augment.chains import parse_chain
from sit_core.augment.example import augment_example
from sit_core.augment.wordings import shipped
from sit_core.embedded import render
from sit_core.embedded.recipe import Recipe
from sit_core.embedded.skills import INSTRUCTIONS
from sit_core.embedded.world import World, WorldQuestion
from sit_core.errors import SitError
from sit_core.records import Example, Unparsed
from sit_core.seqeval.build import SHARES, split_by_shares

CHAINS = {
    1: ("R+A", "P+A", "T+A"),
    2: ("R+P+A", "P+R+A", "R+T+A"),
    3: ("R+P+R+A", "P+R+P+A"),
    4: ("R+P+R+P+A", "P+R+P+R+A"),
}
"""How often grown → the chains that come of it. What asks for a translation asks in Spanish."""
PROMPTS = 80
_TRIES = 100


def microlab_rows(prompts: int = PROMPTS, seed: int = 0) -> Iterator[dict[str, Any]]:
    """The set's rows, in SeqEval's format with steps and gold answers; the same for the same seed.

    Args:
        prompts: how many.
        seed: of questions and wordings.

    Raises:
        SitError: the world has not so many questions.
    """
    world = World(Recipe().seed)
    rng = random.Random(f"{world.seed}/seqeval/{seed}")
    wordings = shipped()
    seen: set[str] = set()
    for iteration, count in split_by_shares(prompts, SHARES).items():
        for number in range(count):
            chain = CHAINS[iteration][number % len(CHAINS[iteration])]
            for _ in range(_TRIES):
                asked = augment_example(
                    _question(world, rng, spanish="T" in chain), parse_chain(chain), rng, wordings
                )
                if not isinstance(asked, Unparsed) and asked.input not in seen:
                    break
            else:
                raise SitError(f"The micro world has not enough questions for {prompts} prompts.")
            seen.add(asked.input)
            yield _row(asked, iteration)


def _question(world: World, rng: random.Random, *, spanish: bool) -> Example:
    question = world.question_about(rng, rng.choice(world.answerable), held=True)
    instruction = rng.choice(INSTRUCTIONS["answer"])
    if spanish:
        first = WorldQuestion(question.fact, question.phrasing // 2 * 2, question.choices)
        text = render.full(world, first, "spanish")
        texts = {"translate": render.full(world, first)}
    else:
        text = render.full(world, question)
        texts = {"paraphrase": render.full(world, question.paraphrase)}
    return Example(
        instruction,
        text,
        language="es" if spanish else "en",
        reference=question.fact.answer,
        meta={"texts": texts},
    )


def _row(asked: Example, iteration: int) -> dict[str, Any]:
    """A line; what a task derives from the input itself (repeat) is not written again."""
    known = [None if s.expected == asked.input else s.expected for s in asked.steps]
    return {
        "instruction": asked.instruction,
        "input": asked.input,
        "iteration": iteration,
        "target": asked.reference,
        "language": asked.language,
        "steps": [step.task for step in asked.steps],
        "expected": known,
    }

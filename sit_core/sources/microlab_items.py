"""The micro lab: its held-out items, or as many questions for training as are asked for.

``microlab:SKILL`` reads the held-out items of a skill. ``microlab:answer:2000`` makes 2,000
questions in English that training may show, ``microlab:spanish:2000`` (or ``german``) the same in
that language; ``microlab:answer:2000:7`` with another seed. ``microlab:held-answer:200`` (or
``held-spanish``, ``held-german``) makes questions that training never shows.
``microlab:instructions:4000`` makes a set of several single tasks, as Alpaca is one. Each made
input knows its paraphrase or its translation (``meta["texts"]``), so that chains need no model.
"""

import random
from collections.abc import Iterator
from functools import partial

from sit_core.errors import SitError, UsageError
from sit_core.records import Example
from sit_core.registry import unknown
from sit_core.sources.examples import read_file
from sit_core.sources.named import EXAMPLE_SOURCES, DataSource, ExampleReading
from sit_core.sources.problem import Problem
from sit_core.sources.reworded import reworded

CODES = {"answer": "en", "spanish": "es", "german": "de"}
"""What can be made → the language of its questions."""
HELD = "held-"
"""Before a sort of question: of facts and phrasings that training never shows."""
INSTRUCTIONS = "instructions"
"""The set of several single tasks."""
_MOST = 1_000_000


def read_microlab(rest: str, how: ExampleReading) -> Iterator[Example | Problem]:
    """Held-out items, or made ones.

    Raises:
        SitError: there are no such items.
    """
    skill, _, numbers = rest.partition(":")
    if not numbers:
        return _held_out(skill, how)
    count, _, seed = numbers.partition(":")
    known = [*CODES, *(f"{HELD}{sort}" for sort in CODES), INSTRUCTIONS]
    if skill not in known:
        raise SitError(unknown("sort of micro lab question", skill, known))
    if not (count.isdecimal() and 0 < int(count) <= _MOST) or not (seed or "0").isdecimal():
        raise UsageError(
            f"Expected microlab:{skill}:COUNT or microlab:{skill}:COUNT:SEED with a count up to "
            f"{_MOST:,}, but found {rest!r}."
        )
    make = made_instructions if skill == INSTRUCTIONS else partial(made_questions, skill)
    made = make(int(count), int(seed or 0))
    return (reworded(example, how.template, how.steps) for example in made)


def made_questions(sort: str, count: int, seed: int = 0) -> Iterator[Example]:
    """Questions, all different; the same for the same seed.

    Args:
        sort: ``answer`` (English), ``spanish`` or ``german``; for training, or with `HELD` before
            it such as training never shows.
        count: how many; fewer come if the world has no more.
        seed: of the choice.
    """
    from sit_core.embedded import render
    from sit_core.embedded.recipe import Recipe
    from sit_core.embedded.skills import INSTRUCTIONS
    from sit_core.embedded.world import World, WorldQuestion

    world = World(Recipe().seed)
    rng = random.Random(f"sequences/{sort}/{seed}")
    held, sort = sort.startswith(HELD), sort.removeprefix(HELD)
    seen: set[str] = set()
    tries = 0
    while len(seen) < count and tries < 100 * count:
        tries += 1
        question = world.question_about(rng, rng.choice(world.answerable), held=held)
        instruction = rng.choice(INSTRUCTIONS["answer"])
        golds = {}
        if sort == "answer":
            text = render.full(world, question)
            texts = {"paraphrase": render.full(world, question.paraphrase)}
        else:
            first = WorldQuestion(question.fact, question.phrasing // 2 * 2, question.choices)
            text = render.full(world, first, sort)
            texts = {"translate": render.full(world, first)}
            # Who translates first answers in English, who does not perhaps in the language.
            own = world.word(question.fact.answer).bare(sort)
            golds = {CODES[sort]: [own], "en": [question.fact.answer]}
        if text in seen:
            continue
        seen.add(text)
        yield Example(
            instruction,
            text,
            language=CODES[sort],
            reference=question.fact.answer,
            meta={"texts": texts} | ({"golds": golds, "references": [own]} if golds else {}),
        )


def made_instructions(count: int, seed: int = 0) -> Iterator[Example]:
    """Single tasks for training, all different; see `sit_core.embedded.instructions`."""
    from sit_core.embedded.instructions import seed_rows
    from sit_core.embedded.recipe import Recipe
    from sit_core.embedded.world import World

    for row in seed_rows(World(Recipe().seed), count, seed):
        yield Example(
            row.instruction,
            row.input,
            language=CODES["answer"],
            reference=row.output,
            meta={"texts": row.texts},
        )


def _held_out(skill: str, how: ExampleReading) -> Iterator[Example | Problem]:
    from sit_core.embedded.shipped import HELD_OUT

    known = sorted(path.stem for path in HELD_OUT.glob("*.jsonl"))
    if not known:
        raise SitError("The micro lab's items are not here; run the program from its folder.")
    chosen = skill or ("answer" if "answer" in known else known[0])
    if chosen not in known:
        raise SitError(unknown("set of micro lab items", chosen, known))
    return read_file(str(HELD_OUT / f"{chosen}.jsonl"), how)


EXAMPLE_SOURCES.add(
    "microlab",
    DataSource(
        "microlab",
        "The embedded world: microlab:SKILL (held out) or microlab:answer:COUNT (for training).",
        read_microlab,
    ),
)

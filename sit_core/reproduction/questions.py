"""Held-out questions of the micro world, asked in the test instructions.

Fact and phrasing of each question never occur together in any training, neither the base's nor an
adapter's (`World.held_pair`); the wrong choices are drawn at random.
"""

import random
from collections.abc import Iterator
from dataclasses import replace

from sit_core.embedded import render
from sit_core.embedded.world import Question, World
from sit_core.records import Example
from sit_core.reproduction.plan import asked


def held_out_questions(world: World, count: int, seed: int) -> list[Question]:
    """So many different questions; the same for the same seed."""
    rng = random.Random(f"{world.seed}/reproduction/{seed}")
    found: dict[str, Question] = {}
    while len(found) < count:
        question = world.question_about(rng, rng.choice(world.answerable), held=True)
        found.setdefault(render.ask(world, question), question)
    return list(found.values())


def asked_as(world: World, questions: list[Question], test: str) -> Iterator[Example]:
    """The questions in the wording of one test instruction, with each step's expected text."""
    instruction, steps = asked(test)
    for question in questions:
        text = render.full(world, question)
        texts = {
            "repeat": text,
            "paraphrase": render.full(world, question.paraphrase),
            "answer": question.fact.answer,
        }
        yield Example(
            instruction,
            text,
            language="en",
            steps=tuple(replace(step, expected=texts[step.task]) for step in steps),
            reference=question.fact.answer,
        )

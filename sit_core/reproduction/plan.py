"""Which models are compared, and which instructions they are asked.

The models are the embedded base and adapters of it; each adapter is trained on the same seed data,
changed as its recipe says (``data/microlab/recipes``).

Held-out questions of the micro world, asked in the test instructions.

Fact and phrasing of each question never occur together in any training, neither the base's nor an
adapter's (`World.held_pair`); the wrong choices are drawn at random.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sit_core.embedded import render
from sit_core.embedded.world import World, WorldQuestion
from sit_core.records import Example, Step
from sit_core.settings import DATA
from sit_core.sources import get_template

RECIPES = DATA / "microlab" / "recipes"
"""One mixture for each adapter (`sit_core.augment`)."""


@dataclass(frozen=True, slots=True)
class TunedModel:
    """The base, or an adapter of it."""

    key: str
    """Name of its recipe, adapter and file of outputs."""
    title: str
    """What the tables call it."""
    adapter: bool = True
    trained_on: tuple[str, ...] = ()
    """The chains in its training data."""

    def run(self, test: str) -> str:
        """The name of the run of its outputs for one test instruction.

        >>> MODELS["sit-repeat"].run("R+A")
        'micro lab SIT(+R), R+A'
        """
        return f"micro lab {self.title}, {test}"


MODELS = {
    model.key: model
    for model in (
        TunedModel("base", "base", adapter=False),
        TunedModel("it", "IT"),
        TunedModel("sit-repeat", "SIT(+R)", trained_on=("R+A",)),
        TunedModel("sit-paraphrase", "SIT(+P)", trained_on=("P+A",)),
        TunedModel("sit-2", "SIT-2", trained_on=("R+A", "P+A", "R+P+A")),
    )
}
"""Key → model, in the order of the tables."""
ADAPTERS = tuple(key for key, model in MODELS.items() if model.adapter)

TESTS = {
    "A": "answer",
    "R+A": "repeat-answer",
    "P+A": "paraphrase-answer",
    "R+P+A": "repeat-paraphrase-answer",
    "P+R+P+A": "paraphrase-repeat-paraphrase-answer",
}
"""Chain → the instruction template that asks for it (``data/prompts/instructions``)."""


def asked(test: str) -> tuple[str, tuple[Step, ...]]:
    """The test instruction of a chain, and its steps.

    >>> asked("P+A")[0]
    'First paraphrase the input, then answer the question.'
    """
    template = get_template(TESTS[test])
    return template.text, template.steps()


def held_out_questions(world: World, count: int, seed: int) -> list[WorldQuestion]:
    """So many different questions; the same for the same seed."""
    rng = random.Random(f"{world.seed}/reproduction/{seed}")
    found: dict[str, WorldQuestion] = {}
    while len(found) < count:
        question = world.question_about(rng, rng.choice(world.answerable), held=True)
        found.setdefault(render.ask(world, question), question)
    return list(found.values())


def asked_as(world: World, questions: list[WorldQuestion], test: str) -> Iterator[Example]:
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

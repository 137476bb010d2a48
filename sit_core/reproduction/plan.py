"""Which models are compared, and which instructions they are asked.

The models are the embedded base and adapters of it; each adapter is trained on the same seed data,
changed as its recipe says (``data/microlab/recipes``).
"""

from dataclasses import dataclass
from pathlib import Path

from sit_core.records import Step
from sit_core.sources import get_template

RECIPES = Path(__file__).parents[2] / "data" / "microlab" / "recipes"
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

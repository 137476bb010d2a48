"""Tell apart the same question with another gold answer, and a run's several outputs for one.

XQuAD asks 6 to 9 of its questions twice with different golds: `Example.variant` numbers the golds
of a prompt in the order in which they came up, `Prediction.ordinal` the outputs for one example
within a run. What the store knows already is told by `learn`, so that runs share their examples
whatever the order of their rows.
"""

from dataclasses import replace

from sit_core.records import Example, Prediction
from sit_core.sources.seen import Counts, hash64


class Numbering:
    """The numbers given so far, for one import (all its files and runs)."""

    def __init__(self) -> None:
        self._variants = Counts()
        """Hash of prompt and gold → variant + 1; hash of the prompt alone → golds so far."""
        self._outputs = Counts()
        """Hash of run and example → outputs so far."""

    def knows(self, example: Example) -> bool:
        """Whether the variant of this prompt with this gold is settled."""
        return example.reference is None or self._variants[_gold(_prompt(example), example)] > 0

    def learn(self, example: Example) -> None:
        """This variant is in the store; one without a gold takes the first that comes."""
        if example.reference is not None:
            prompt = _prompt(example)
            self._settle(prompt, _gold(prompt, example), example.variant)

    def number(self, prediction: Prediction) -> Prediction:
        """The prediction with its variant and its ordinal; a missing gold means the first one."""
        example = prediction.example
        prompt = _prompt(example)
        variant = 0
        if example.reference is not None:
            gold = _gold(prompt, example)
            variant = self._variants[gold] - 1
            if variant < 0:
                variant = self._variants[prompt]
                self._settle(prompt, gold, variant)
        place = hash64(prediction.run, f"{prompt} {variant}")
        ordinal = self._outputs[place]
        self._outputs[place] = ordinal + 1
        if variant:
            example = replace(example, variant=variant)
        return replace(prediction, example=example, ordinal=ordinal)

    def _settle(self, prompt: int, gold: int, variant: int) -> None:
        if not self._variants[gold]:
            self._variants[gold] = variant + 1
        if self._variants[prompt] <= variant:
            self._variants[prompt] = variant + 1


def _prompt(example: Example) -> int:
    return hash64("prompt", example.instruction, example.input, example.image or "")


def _gold(prompt: int, example: Example) -> int:
    return hash64("gold", str(prompt), example.reference or "")

"""Tell apart the same question with another gold answer, and a run's several outputs for one.

XQuAD asks 6 to 9 of its questions twice with different golds: `Example.variant` numbers the golds
of a prompt in the order in which they came up, `Prediction.ordinal` the outputs for one example
within a run. What the store knows already is told by `learn`, so that runs share their examples
whatever the order of their rows.

Prompts and golds are compared as `sit_core.matching` does, so that a gold whose line ends a
spreadsheet changed is no other gold; a gold that is known to the letter keeps its number. Outputs
are numbered by the exact example, as their ids are.
"""

from collections.abc import Sequence
from dataclasses import replace

from sit_core.matching import match_key, match_text
from sit_core.records import Example, Prediction
from sit_core.sources.seen import KeyCounts, hash64


class Numbering:
    """The numbers given so far, for one import (all its files and runs)."""

    def __init__(self) -> None:
        self._variants = KeyCounts()
        """Hash of prompt and gold (to the letter, and as compared) → variant + 1; hash of the
        prompt alone → golds so far."""
        self._outputs = KeyCounts()
        """Hash of run and example → outputs so far."""

    def knows(self, example: Example) -> bool:
        """Whether the variant of this prompt with this gold is settled."""
        if example.reference is None:
            return True
        return self._variant(_golds(_prompt(example), example.reference)) is not None

    def learn(self, example: Example) -> None:
        """This variant is in the store; one without a gold takes the first that comes."""
        if example.reference is not None:
            self._settle(_prompt(example), example.reference, example.variant)

    def number(self, prediction: Prediction, exported: bool = False) -> Prediction:
        """The prediction with its variant and its ordinal; a missing gold means the first one.

        ``exported``: it has its numbers, from a store like this one, and keeps them; another
        variant is given only where its own stands for another gold in the same import.
        """
        example = prediction.example
        exact = hash64("prompt", example.instruction, example.input, example.image or "")
        variant = 0
        if exported and self._keeps(exact, example):
            variant = example.variant
            if example.reference is not None:
                self._settle(_prompt(example), example.reference, variant)
        elif example.reference is not None:
            prompt = _prompt(example)
            golds, all_golds = _golds(prompt, example.reference), hash64(prompt)
            known = self._variant(golds)
            variant = self._variants[all_golds] if known is None else known
            self._settle_at(golds, all_golds, variant)
        place = hash64(prediction.run, f"{exact} {variant}")
        so_far = self._outputs[place]
        ordinal = prediction.ordinal if exported else so_far
        self._outputs[place] = max(so_far, ordinal + 1)
        if variant != example.variant:
            example = replace(example, variant=variant)
        elif ordinal == prediction.ordinal:
            return prediction  # nearly always
        return replace(prediction, example=example, ordinal=ordinal)

    def _keeps(self, exact: int, example: Example) -> bool:
        """Whether an exported example keeps its variant: none came before it with another gold."""
        place = hash64("exported", str(exact), str(example.variant))
        gold = hash64("gold", example.reference or "")
        if not self._variants[place]:
            self._variants[place] = gold
        return self._variants[place] == gold

    def _variant(self, golds: Sequence[int]) -> int | None:
        for place in golds:
            if found := self._variants[place]:
                return found - 1
        return None

    def _settle(self, prompt: str, gold: str, variant: int) -> None:
        self._settle_at(_golds(prompt, gold), hash64(prompt), variant)

    def _settle_at(self, golds: Sequence[int], all_golds: int, variant: int) -> None:
        for place in golds:
            if not self._variants[place]:
                self._variants[place] = variant + 1
        if self._variants[all_golds] <= variant:
            self._variants[all_golds] = variant + 1


def _golds(prompt: str, gold: str) -> list[int]:
    """Hashes of a prompt with its gold: to the letter, and as golds are compared."""
    return [hash64("gold", prompt, w) for w in dict.fromkeys((gold, match_text(gold)))]


def _prompt(example: Example) -> str:
    return match_key(example.instruction, example.input, example.image)

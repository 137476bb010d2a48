"""The first examples that become a sequence, before and after; nothing is written or made."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sit_core.augment.config import MixtureConfig
from sit_core.augment.example import augment_example, target_of, why_not
from sit_core.augment.mixture import items_of, key_of, possible_chains, rng_for
from sit_core.augment.step_generation import texts_made
from sit_core.augment.step_texts import StepTexts
from sit_core.records import Example
from sit_core.sources import Problem

LOOKED_AT = 5000
"""So many rows are looked at, at most."""
Segments = list[tuple[str, bool]]


@dataclass(frozen=True)
class ExampleChange:
    """An example as it was and as it becomes."""

    before: Example
    after: Example
    output: str
    """What is trained on."""

    def instruction_segments(self) -> Segments:
        """The new instruction in pieces; True: not there before."""
        return _segments(self.before.instruction, self.after.instruction)

    def output_segments(self) -> Segments:
        """The new output in pieces; True: not there before."""
        return _segments(target_of(self.before), self.output)


@dataclass(frozen=True)
class MixturePreview:
    """What the first rows tell."""

    changes: list[ExampleChange]
    looked_at: int
    """Rows that were read for it."""
    unchanged: Counter[str]
    """Why others of them stay as they are → how many."""
    problems: list[Problem]


def preview(
    config: MixtureConfig,
    count: int = 20,
    home: Path | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> MixturePreview:
    """The first ``count`` changes, worded as in the written file.

    Texts that a model has yet to write are not made: such chains show once they are there. Shares,
    caps and rng are not looked at.

    Raises:
        SitError: a source or a text can't be read.
    """
    texts = StepTexts(config, texts_made(config, home))
    chains = [steps for _, steps in config.all_chains()]
    wordings = config.all_wordings()
    found = MixturePreview([], 0, Counter(), [])
    seen = 0
    for _, index, item in items_of(config):
        if len(found.changes) >= count or seen >= LOOKED_AT or stopped():
            break
        seen += 1
        if isinstance(item, Problem):
            found.problems.append(item)
            continue
        fault = why_not(item, ())
        mask, why, own = (0, fault, {}) if fault else possible_chains(item, index, chains, texts)
        changed = None
        for turn in range(len(chains)):
            number = (len(found.changes) + turn) % len(chains)
            if mask >> number & 1:
                rng = rng_for(config.seed, key_of(item), number)
                made = augment_example(
                    item, chains[number], rng, wordings, texts=own, language=config.language
                )
                if isinstance(made, Example):
                    changed = ExampleChange(item, made, target_of(made, config.join))
                    break
                why = "a model has yet to write a text for it"
        if changed is not None:
            found.changes.append(changed)
        else:
            found.unchanged[why or "no chain was asked for"] += 1
    return MixturePreview(found.changes, seen, found.unchanged, found.problems)


def _segments(old: str, new: str) -> Segments:
    """What was put before the old text, and the old text; all is new where it is not at the end."""
    if not new.endswith(old):
        return [(new, True)]
    added = new[: len(new) - len(old)]
    return [(text, marked) for text, marked in ((added, True), (old, False)) if text]

"""What a run is asked: examples of any source of `sit_core.sources`, or those of another run."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from sit_core.errors import SitError, UsageError
from sit_core.predict.config import PredictConfig
from sit_core.records import Example, Step
from sit_core.settings import settings
from sit_core.sources import (
    ExampleReading,
    FileSummary,
    InstructionTemplate,
    Limits,
    collected,
    named_examples,
    reworded,
    run_name_of,
)
from sit_core.sources.context import HISTORY, SYSTEM_COLUMNS
from sit_core.store import Store
from sit_core.store.run_contents import run_examples

RUN = "run"
"""Before the colon: another run's examples."""


@dataclass(frozen=True, slots=True)
class ExampleOptions:
    """How examples are to be read."""

    store: Store
    template: InstructionTemplate | None = None
    steps: Sequence[Step] | None = None
    changes: Mapping[str, str] | None = None
    limit: int | None = None
    sample: int | None = None
    """Draw so many of them; None: all."""
    sample_seed: int = 0
    summary: FileSummary = field(default_factory=FileSummary)
    """Told what was read as something else."""


def examples_of(source: str, how: ExampleOptions) -> list[Example]:
    """The examples that ``source`` names, in its order, asked in the template's wording.

    Raises:
        SitError: there is no such thing, or it can't be used.
    """
    kind, colon, name = source.partition(":")
    if kind == RUN and colon and not Path(source).exists():
        found = _of_run(name, how)
    else:
        reading = ExampleReading(
            template=how.template,
            steps=how.steps,
            changes=how.changes,
            limit=how.limit,
            limits=Limits(settings().max_field_bytes),
            summary=how.summary,
            keep=(*SYSTEM_COLUMNS, HISTORY),
        )
        found = collected(named_examples(source, reading))
        _tell_unsent(found, how.summary)
    if not found:
        raise SitError(f"There are no examples in {source!r}.")
    if how.sample is None:
        return found
    if len(found) < how.sample:
        how.summary.note(f"examples of the {how.sample:,} that were to be drawn", len(found))
    return [found[place] for place in drawn_places(len(found), how.sample, how.sample_seed)]


def drawn_places(count: int, sample: int, seed: int) -> list[int]:
    """Which of so many examples are drawn, in their order.

    Places, not texts, decide: so files that hold the same questions in the same order, in several
    languages or wordings, give the same questions. A larger sample holds every smaller one.

    >>> drawn_places(5, 2, 1), drawn_places(5, 3, 1), drawn_places(2, 9, 1)
    ([2, 3], [2, 3, 4], [0, 1])
    """
    places = list(range(count))
    random.Random(seed).shuffle(places)
    return sorted(places[:sample])


def _tell_unsent(examples: Sequence[Example], summary: FileSummary) -> None:
    """What comes before a question in its row is not sent: a prompt is of the question alone."""
    for what, names in (("system messages", SYSTEM_COLUMNS), ("earlier turns", (HISTORY,))):
        count = sum(any(example.meta.get(name) for name in names) for example in examples)
        if count:
            summary.note(f"{what} of examples, which are not sent", count)


def set_name_of(source: str, template: str | None) -> str:
    """What a prompt set is called whose examples come from there, asked in that wording.

    >>> set_name_of("data/seqeval.jsonl", None), set_name_of("xquad:xquad.es.json", "translate")
    ('seqeval', 'xquad.es, translate')
    >>> set_name_of("microlab:repeat", None), set_name_of("hub:org/set:test", None)
    ('microlab:repeat', 'hub:org/set:test')
    """
    kind, _, rest = source.partition(":")
    name = source
    if run_name_of(rest or kind) != PurePath(rest or kind).name:  # it has a file's ending
        name = run_name_of(rest or kind)
    return name if template is None else f"{name}, {template}"


def _of_run(name: str, how: ExampleOptions) -> list[Example]:
    if how.changes:
        raise UsageError("A run's examples have no columns to map; leave out --map.")
    return [
        reworded(example, how.template, how.steps)
        for example in run_examples(how.store, name)[: how.limit]
    ]


def first_examples(store: Store, config: PredictConfig, count: int = 20) -> list[Example]:
    """The first examples as they would be asked: a look before a run is started.

    Raises:
        SitError: they can't be used.
    """
    if config.sample is not None:
        return examples_of(config.examples, options_of(store, config))[:count]
    limit = min(count, config.limit or count)
    return examples_of(config.examples, options_of(store, replace(config, limit=limit)))


def options_of(store: Store, config: PredictConfig) -> ExampleOptions:
    """How the examples of a run are to be read.

    Raises:
        SitError: there is no such template, step or field.
    """
    return ExampleOptions(
        store,
        config.wording(),
        config.chain(),
        config.changes(),
        config.limit,
        config.sample,
        config.sample_seed,
    )

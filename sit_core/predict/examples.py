"""What a run is asked: examples of any source of `sit_core.sources`, or those of another run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    return found


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
    limit = min(count, config.limit or count)
    how = ExampleOptions(store, config.wording(), config.chain(), config.changes(), limit)
    return examples_of(config.examples, how)

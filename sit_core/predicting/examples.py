"""``SOURCE[:FILE]`` → examples: a file, an imported run, the micro lab's held-out items, a hub id.

A new source is a function with its line in `SOURCES`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sit_core.errors import SitError, UsageError
from sit_core.records import Example, Step
from sit_core.settings import settings
from sit_core.sources import (
    InstructionTemplate,
    Limits,
    SourceFile,
    hub_examples,
    read_examples,
    reworded,
)
from sit_core.store import Store
from sit_core.store.run_contents import run_examples


@dataclass(frozen=True, slots=True)
class Asking:
    """How examples are to be read."""

    store: Store
    template: InstructionTemplate | None = None
    steps: Sequence[Step] | None = None
    changes: Mapping[str, str] | None = None
    limit: int | None = None


def examples_of(source: str, how: Asking) -> list[Example]:
    """The examples that ``source`` names, in its order, asked in the template's wording.

    Raises:
        SitError: there is no such thing, or it can't be used.
    """
    kind, _, rest = source.partition(":")
    if kind in SOURCES and not Path(source).exists():
        found = SOURCES[kind](rest, how)
    elif Path(source).exists() or not _looks_like_hub(source):
        found = _file(source, how)
    else:
        found = _hub(source, how)
    if not found:
        raise SitError(f"There are no examples in {source!r}.")
    return found


def _looks_like_hub(source: str) -> bool:
    """``owner/name``, as nobody would name a file."""
    name = source.partition(":")[0]
    return name.count("/") == 1 and not name.startswith((".", "/", "~")) and not Path(name).suffix


def _file(path: str, how: Asking) -> list[Example]:
    if not path:
        raise UsageError("Name the file: --examples file:PATH.")
    return read_examples(
        SourceFile.at(Path(path).expanduser()),
        template=how.template,
        steps=how.steps,
        changes=how.changes,
        limit=how.limit,
        limits=Limits(settings().max_field_bytes),
    )


def _run(name: str, how: Asking) -> list[Example]:
    if how.changes:
        raise UsageError("A run's examples have no columns to map; leave out --map.")
    return [
        reworded(example, how.template, how.steps)
        for example in run_examples(how.store, name)[: how.limit]
    ]


def _microlab(skill: str, how: Asking) -> list[Example]:
    from sit_core.microlab.shipped import HELD_OUT

    known = sorted(path.stem for path in HELD_OUT.glob("*.jsonl"))
    if not known:
        raise SitError("The micro lab's items are not here; run the program from its folder.")
    chosen = skill or ("answer" if "answer" in known else known[0])
    if chosen not in known:
        from sit_core.registry import unknown

        raise SitError(unknown("set of micro lab items", chosen, known))
    return _file(str(HELD_OUT / f"{chosen}.jsonl"), how)


def _hub(rest: str, how: Asking) -> list[Example]:
    name, split, config, *more = [*rest.split(":"), "", ""]
    if not name or any(more):
        raise UsageError("A hub data set is named hub:ID, hub:ID:SPLIT or hub:ID:SPLIT:CONFIG.")
    return hub_examples(
        name,
        split,
        config,
        template=how.template,
        steps=how.steps,
        changes=how.changes,
        limit=how.limit,
    )


SOURCES: dict[str, Callable[[str, Asking], list[Example]]] = {
    "file": _file,
    "run": _run,
    "microlab": _microlab,
    "hub": _hub,
}
"""What may stand before the colon."""

"""``SOURCE[:FILE]`` → examples, one after another: the readers by name, and how they are asked.

A source is a file of this folder with one `DataSource` in `EXAMPLE_SOURCES`; it yields an `Example`
for each row that can be used and a `Problem` (file, line, reason) for each that can't.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from sit_core.errors import SitError
from sit_core.plugins import PluginError, guarded
from sit_core.records import Example, Step
from sit_core.registry import Registry
from sit_core.settings import user_path
from sit_core.sources.formats import read_rows
from sit_core.sources.problem import Problem, Problems
from sit_core.sources.rows import Limits, RawRow, SourceFile
from sit_core.sources.summary import FileSummary
from sit_core.sources.templates import InstructionTemplate

SHOWN = 5
"""So many problems are told in a sentence; the rest is counted."""


@dataclass(frozen=True, slots=True)
class ExampleReading:
    """How examples are to be read."""

    template: InstructionTemplate | None = None
    """Put around or in place of each example's instruction."""
    steps: Sequence[Step] | None = None
    """The researcher's own word on the chain; an empty one: the wording is not looked at."""
    changes: Mapping[str, str] | None = None
    """Field → column, for files whose columns have other names."""
    limit: int | None = None
    """Only the first so many examples."""
    limits: Limits = field(default_factory=Limits)
    gold: bool = False
    """Whether a column ``output`` holds the right output (training data), not some model's."""
    keep: tuple[str, ...] = ()
    """Columns that go along in the example's meta, where a file has them."""
    history: bool = False
    """Whether a conversation of several turns is an example of its last question, with the earlier
    ones in ``meta["history"]`` as pairs; else it is a problem."""
    summary: FileSummary = field(default_factory=FileSummary)
    """Told what became of a file's columns and values, where the columns are guessed."""
    option: str = "--examples"
    """Where the source was named; for messages."""


@dataclass(frozen=True, slots=True)
class DataSource:
    """One kind of data set."""

    name: str
    what: str
    """One line: what it reads."""
    read: Callable[[str, ExampleReading], Iterator[Example | Problem]]
    """What stands after the colon, and how → examples and problems, in the source's order."""
    fits: Callable[[Mapping[str, Any]], bool] | None = None
    """Whether a row looks like this data set's; None: it has to be named."""


def _of_plugin(name: str, thing: Any) -> DataSource:
    """A plugin's source; whether a row looks like it is asked of every file, so it can't raise."""
    if not isinstance(thing, DataSource):
        raise PluginError(f"it is a {type(thing).__name__}, not a DataSource")
    if thing.name != name or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise PluginError(
            f"it calls itself {thing.name!r}; both names must be alike, of a-z, 0-9, '-' and '_'"
        )
    fits = thing.fits
    return thing if fits is None else replace(thing, fits=guarded("sit.sources", name, fits))


EXAMPLE_SOURCES: Registry[DataSource] = Registry("source", "sit.sources", _of_plugin)
"""Name → `DataSource`. The order is the order in which a file's shape is tried."""


def named_examples(source: str, how: ExampleReading) -> Iterator[Example | Problem]:
    """The examples that ``source`` names; memory is flat.

    A path without a name before it is a plain file; with ``how.gold`` its first row tells which
    data set it is.

    Raises:
        SitError: there is no such source, or it can't be had; one sentence.
    """
    kind, rest = split_source(source, how.gold)
    found = EXAMPLE_SOURCES.get(kind).read(rest, how)
    return found if how.limit is None else _first(found, how.limit)


def split_source(source: str, gold: bool = False) -> tuple[str, str]:
    """The source's name and what it is to read: a path alone is a file, ``owner/name`` the hub.

    >>> split_source("gsm8k:train.jsonl"), split_source("gsm8k"), split_source("owner/name")
    (('gsm8k', 'train.jsonl'), ('gsm8k', ''), ('hub', 'owner/name'))
    >>> split_source("nowhere.json"), split_source("file:")
    (('file', 'nowhere.json'), ('file', ''))
    """
    kind, _, rest = source.partition(":")
    path = user_path(source)
    if kind in EXAMPLE_SOURCES and not path.exists():
        return kind, rest
    if path.is_file() and gold:
        return shape_of(path), source
    if path.exists() or not _looks_like_hub(source):
        return "file", source
    return "hub", source


def shape_of(path: Path) -> str:
    """The name of the source whose data a file's first row looks like; ``file`` if of none."""
    row = next(
        (r for r in read_rows(SourceFile.at(path), whole=True) if isinstance(r, RawRow)), None
    )
    for name in EXAMPLE_SOURCES:
        fits = EXAMPLE_SOURCES.get(name).fits
        if row is not None and fits is not None and fits(row.fields):
            return name
    return "file"


def collected(found: Iterable[Example | Problem]) -> list[Example]:
    """All the examples, if there is nothing wrong with any.

    Raises:
        SitError: a row can't be used; the first reasons with their lines.
    """
    problems, examples = Problems(), list[Example]()
    for item in found:
        if isinstance(item, Problem):
            problems.add(item)
        else:
            examples.append(item)
    if problems.count:
        raise SitError(refusal(problems))
    return examples


def refusal(problems: Problems) -> str:
    """One sentence with the first problems and the number of the rest."""
    reasons = "; ".join(map(str, problems.shown[:SHOWN]))
    rest = problems.count - SHOWN
    return f"The examples can't be used: {reasons}{f'; and {rest} more' if rest > 0 else ''}."


def _first(found: Iterator[Example | Problem], limit: int) -> Iterator[Example | Problem]:
    """Up to the limit-th example, with the problems before it."""
    seen = 0
    while seen < limit:
        for item in islice(found, 1):
            seen += not isinstance(item, Problem)
            yield item
            break
        else:
            return


def _looks_like_hub(source: str) -> bool:
    """``owner/name``, as nobody would name a file."""
    name = source.partition(":")[0]
    return name.count("/") == 1 and not name.startswith((".", "/", "~")) and not Path(name).suffix

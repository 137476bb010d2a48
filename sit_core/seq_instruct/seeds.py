"""The instructions that a set begins with: read once from the sources, kept as iteration 0."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from sit_core.augment.config import SourceConfig
from sit_core.augment.example import has_no_place, with_context
from sit_core.errors import SitError
from sit_core.records import Example
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.folder import SetFolder
from sit_core.seq_instruct.iteration_store import IterationStore
from sit_core.seq_instruct.record import Record, seed_record
from sit_core.sources import FileSummary, Problem, Problems, named_examples, refusal
from sit_core.sources.context import COLUMNS
from sit_core.sources.seen import hash64

AT_ONCE = 1000


@dataclass
class SeedsRead:
    """What was read."""

    count: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """Why → how many."""
    problems: Problems = field(default_factory=Problems)
    summaries: list[FileSummary] = field(default_factory=list)
    """What became of each source's columns and values."""


def read_seeds(config: SeqInstructConfig, found: SeedsRead) -> Iterator[Record]:
    """The seeds, one after another.

    Args:
        config: sources and limits.
        found: counts what is read and what is left out.

    Raises:
        SitError: a source can't be read, or rows of it (unless they are to be skipped).
    """
    for source in config.all_sources():
        found.summaries.append(FileSummary())
        if found.count == config.limit:
            continue
        for item in _taken(source, config.seed, found.summaries[-1]):
            if isinstance(item, Problem):
                if item.line is None:  # of a whole file, which is more than a row to leave out
                    raise SitError(f"The examples can't be used: {item}.")
                found.problems.add(item)
            elif item.image:
                found.left_out["it has an image"] += 1
            elif not item.instruction.strip():
                found.left_out["it has no instruction"] += 1
            elif reason := has_no_place(item):
                found.left_out[reason] += 1
            else:
                yield seed_record(found.count, item)
                found.count += 1
            if found.count == config.limit:
                break  # before another row is read, and told to have been
    if found.problems.count and config.bad_rows == "refuse":
        raise SitError(refusal(found.problems) + " To leave such rows out, set bad_rows: skip.")
    if not found.count:
        raise SitError("There is no instruction in the sources.")


def keep_seeds(
    folder: SetFolder, config: SeqInstructConfig, report: Callable[..., None]
) -> SeedsRead:
    """Write iteration 0, all of it or none of it."""
    found = SeedsRead()
    beside = SetFolder(folder.name, folder.home, ".seeds")
    beside.make()
    for old in (beside.records(0), beside.index(0)):
        old.unlink(missing_ok=True)
    store, batch = IterationStore(beside, 0), list[Record]()
    for record in read_seeds(config, found):
        batch.append(record)
        if len(batch) >= AT_ONCE:
            store.commit(batch)
            batch.clear()
            report(found.count, None, "reading the instructions")
    store.commit(batch)
    beside.index(0).replace(folder.index(0))
    beside.records(0).replace(folder.records(0))  # last: this says that all of it is there
    beside.path.rmdir()
    return found


def _taken(source: SourceConfig, seed: int, summary: FileSummary) -> Iterator[Example | Problem]:
    """The source's items; of those with ``take`` the ones that the seed draws, in their order."""
    if source.take is None:
        yield from _items(source, summary)
        return
    keys = (_key(seed, item) for item in _items(source) if isinstance(item, Example))
    chosen = set(heapq.nsmallest(source.take, keys))
    left = source.take
    for item in _items(source, summary):
        if isinstance(item, Problem):
            yield item
        elif left and _key(seed, item) in chosen:
            left -= 1
            yield item


def _key(seed: int, item: Example) -> int:
    return hash64(str(seed), item.instruction, item.input)


def _items(source: SourceConfig, summary: FileSummary | None = None) -> Iterator[Example | Problem]:
    how = source.reading(COLUMNS, summary)
    for index, read in enumerate(named_examples(source.source, how)):
        item = with_context(read, source.source, index)
        if source.language and isinstance(item, Example) and item.language is None:
            item = replace(item, language=source.language)
        yield item

"""Files of model outputs → runs in the store: all of it or nothing, with flat memory.

Chunks of rows are numbered (`sit_core.sources.numbering`), compared with what is there and inserted
inside one transaction; what is there already is *known*, never changed. A gold answer or a chain
that was missing is filled in; one that is there is kept.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sit_core.errors import SitError
from sit_core.sources import (
    FileSummary,
    ImportFile,
    Limits,
    LocatedPrediction,
    Position,
    Problem,
    SourceFile,
    read_predictions,
)
from sit_core.sources.expected_search import ExpectedSearch
from sit_core.store.engine import Store
from sit_core.store.import_session import ImportSession
from sit_core.store.imported_verdicts import ImportedVerdicts
from sit_core.store.write_lock import AdvisoryLock, hold

CHUNK_ROWS = 500
DIFFERENCES = 5
"""Verdicts of which the file says something else, named in the notes."""
CHUNK_CHARACTERS = 4 * 1024 * 1024


@dataclass(frozen=True)
class ImportReport:
    """What an import did, in rows."""

    imported: int
    """New in the store; 0 when nothing was stored."""
    known: int
    """There already, exactly so."""
    refused: int
    good: int
    """What is new and right; stored only if ``stored``."""
    empty: int
    """How many of the good outputs are empty: the model said nothing."""
    runs: tuple[str, ...]
    """The runs that the good and the known rows belong to."""
    problems: tuple[Problem, ...]
    """The first twenty reasons; ``refused`` has the count."""
    notes: tuple[str, ...]
    """Sentences on what was kept as it is."""
    stored: bool
    """False: rows were refused and nothing was changed."""
    verdicts: ImportedVerdicts = field(default_factory=ImportedVerdicts)
    """Of LLM judges that came with the outputs; stored only if ``stored``."""
    left_out: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """File → what its reader rightly left out (later turns, rows with errors, …) → how often."""
    prompt_sets: Mapping[str, str] = field(default_factory=dict)
    """Run → the prompt set that it belongs to; stored only if ``stored``."""

    @property
    def prompt_set_lines(self) -> list[str]:
        """A line for each prompt set with its runs, for people; none where nothing was stored."""
        of_set: dict[str, list[str]] = {}
        for run, name in self.prompt_sets.items() if self.stored else ():
            of_set.setdefault(name, []).append(run)
        return [
            f"Prompt set {name!r}: {', '.join(names[:20])}{', …' if len(names) > 20 else ''}"
            for name, names in of_set.items()
        ]

    files: tuple[FileSummary, ...] = ()
    """Of each file: columns used and not used, values read as something else."""
    expected: Mapping[str, ExpectedSearch] = field(default_factory=dict)
    """File → what came of looking up its expected texts."""

    @property
    def expected_lines(self) -> list[str]:
        """A sentence for each file whose expected texts were looked up."""
        return [
            f"{name}: {search.tally.sentence(search.texts.name)}"
            for name, search in self.expected.items()
        ]

    @property
    def lines(self) -> list[str]:
        """All that is to be said besides the counts, a line each."""
        return [
            *self.left_out_lines,
            *self.expected_lines,
            *self.notes,
        ]

    @property
    def left_out_lines(self) -> list[str]:
        """A line for each thing that was left out, for people."""
        return [
            f"{name}: {what}: {count:,}"
            for name, reasons in self.left_out.items()
            for what, count in reasons.items()
        ]


class ImportCancelled(SitError):
    """Stopped on request; nothing was stored."""


class _Undo(Exception):
    """Leaves the transaction so that nothing of it stays."""


def import_predictions(
    store: Store,
    files: Sequence[ImportFile],
    *,
    keep_good: bool = False,
    progress: Callable[[int, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    limits: Limits | None = None,
) -> ImportReport:
    """Check and store all rows of all files, in one transaction.

    Args:
        store: where to.
        files: each with its run, mapping and steps.
        keep_good: store the good rows although others are refused; else one refused row means that
            nothing is stored.
        progress: called now and then with the rows read and the share of all bytes (0 to 1).
        cancelled: asked now and then; true stops the import.
        limits: how much memory a row may take.

    Raises:
        ImportCancelled: ``cancelled`` said so.
    """
    hashes = [_sha256(file.source) for file in files]
    sizes = [size for _, size in hashes]
    left_out: dict[str, dict[str, int]] = {}
    expected: dict[str, ExpectedSearch] = {}
    rows = 0
    try:
        with store.write() as connection:
            # Two imports at once would each count the other's rows as new.
            hold(connection, AdvisoryLock.IMPORT)
            work = ImportSession(connection)
            for i, file in enumerate(files):
                position = Position()
                work.begin(file, hashes[i][0])
                search = None if file.expected is None else file.expected.search()
                read = read_predictions(file, limits, position, work.summary, search=search)
                for chunk in _chunks(work, read):
                    if cancelled is not None and cancelled():
                        raise ImportCancelled("The import was stopped; nothing was stored.")
                    rows += work.add(chunk)
                    if progress is not None:
                        done = sum(sizes[:i]) + position.done * sizes[i]
                        progress(rows + work.problems.count, done / (sum(sizes) or 1))
                work.finish_file()
                if search is not None:
                    expected[file.source.name] = search
                if position.left_out:
                    left_out[file.source.name] = position.left_out
            report = replace(
                _report(work, keep_good),
                left_out=left_out,
                expected=expected,
                prompt_sets=work.find_prompt_sets(),
            )
            if not report.stored:
                raise _Undo
    except _Undo:
        pass
    return report


def _chunks(work: ImportSession, items: Iterator[Any]) -> Iterator[list[LocatedPrediction]]:
    """The good rows in batches; a batch may be empty, so that cancelling never waits long."""
    chunk: list[LocatedPrediction] = []
    seen = size = 0
    for item in items:
        seen += 1
        if isinstance(item, LocatedPrediction):
            chunk.append(item)
            example = item.prediction.example
            size += len(example.instruction) + len(example.input) + len(item.prediction.output)
        else:
            work.refuse(item.line, item.reason)
        if seen >= CHUNK_ROWS or size >= CHUNK_CHARACTERS:
            yield chunk
            chunk, seen, size = [], 0, 0
    yield chunk


def _sha256(source: SourceFile) -> tuple[str | None, int]:
    """The file's hash and size; (None, 0) where it can't be read, which reading will report."""
    try:
        with source.open() as stream:
            digest = hashlib.sha256()
            size = 0
            while block := stream.read(1 << 20):
                digest.update(block)
                size += len(block)
            return digest.hexdigest(), size
    except OSError:
        return None, 0


def _report(work: ImportSession, keep_good: bool) -> ImportReport:
    """What was done; ``stored`` says whether it may stay."""
    refused = work.problems.count
    stored = not refused or (keep_good and work.good + work.known > 0)
    notes = []
    if work.other_steps:
        notes.append(
            f"{work.other_steps} examples are in the store with other steps, which were kept; "
            "a study can name its own."
        )
    if stored and work.verdicts.any:
        notes += [work.verdicts.sentence, *map(str, work.verdicts.problems[:DIFFERENCES])]
    return ImportReport(
        imported=work.good if stored else 0,
        known=work.known,
        refused=refused,
        good=work.good,
        empty=work.empty,
        runs=tuple(work.runs),
        problems=tuple(work.problems.shown),
        notes=tuple(notes),
        stored=stored,
        verdicts=work.verdicts,
        files=tuple(work.summaries),
    )

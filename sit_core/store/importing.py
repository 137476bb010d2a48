"""Files of model outputs → runs in the store: all of it or nothing, with flat memory.

Chunks of rows are numbered (`sit_core.sources.numbering`), compared with what is there and inserted
inside one transaction; what is there already is *known*, never changed. A gold answer or a chain
that was missing is filled in; one that is there is kept.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from sit_core import __version__
from sit_core.errors import SitError
from sit_core.records import Example, Prediction, Step, stable_id, steps_from_json, steps_to_json
from sit_core.sources import (
    ImportFile,
    Limits,
    Located,
    Numbering,
    Position,
    Problem,
    Problems,
    SourceFile,
    format_of,
    read_predictions,
)
from sit_core.store.engine import Store
from sit_core.store.schema import examples, predictions, runs

CHUNK_ROWS = 500
CHUNK_CHARACTERS = 4 * 1024 * 1024
_IMPORT_LOCK = 730115


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
    rows = 0
    try:
        with store.write() as connection:
            if not store.is_sqlite:  # two imports at once would each count the other's rows as new
                connection.execute(text(f"select pg_advisory_xact_lock({_IMPORT_LOCK})"))
            work = _Import(connection)
            for i, file in enumerate(files):
                position = Position()
                work.begin(file, hashes[i][0])
                for chunk in _chunks(work, read_predictions(file, limits, position)):
                    if cancelled is not None and cancelled():
                        raise ImportCancelled("The import was stopped; nothing was stored.")
                    rows += work.add(chunk)
                    if progress is not None:
                        done = sum(sizes[:i]) + position.done * sizes[i]
                        progress(rows + work.problems.count, done / (sum(sizes) or 1))
                work.finish_file()
            report = work.report(keep_good)
            if not report.stored:
                raise _Undo
    except _Undo:
        pass
    return report


def _chunks(work: "_Import", items: Iterator[Any]) -> Iterator[list[Located]]:
    """The good rows in batches; a batch may be empty, so that cancelling never waits long."""
    chunk: list[Located] = []
    seen = size = 0
    for item in items:
        seen += 1
        if isinstance(item, Located):
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


@dataclass
class _Run:
    """A run while it is being filled."""

    id: int
    next_row: int
    provenance: dict[str, Any]
    added: bool = False


class _Import:
    """One import under way, inside its transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.problems = Problems()
        self.numbering = Numbering()
        self.runs: dict[str, _Run] = {}
        self.good = self.known = self.empty = self.other_steps = 0
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        self._insert_example = dialect.insert(examples).on_conflict_do_nothing()
        self._insert_prediction = insert(predictions)

    def begin(self, file: ImportFile, sha256: str | None) -> None:
        """The next file."""
        self.file = file
        self.origin = {
            "file": file.source.name,
            "sha256": sha256,
            "format": format_of(file.source, file.format) if sha256 else None,
            "mapping": {
                k: list(v) if isinstance(v, tuple) else v
                for k, v in asdict(file.mapping).items()
                if v
            },
            "steps": None if file.steps is None else [f"{s.task}={s.letter}" for s in file.steps],
            "version": __version__,
            "imported_at": time.time(),
        }

    def refuse(self, line: int | None, reason: str) -> None:
        """Count a row, or a file, that can't be used."""
        self.problems.add(Problem(self.file.source.name, line, reason))

    def add(self, chunk: list[Located]) -> int:
        """Number, compare and insert these rows; how many they were."""
        if not chunk:
            return 0
        asked = [item.prediction.example for item in chunk]
        first_ids = [example.id for example in asked]  # of variant 0, which most of them are
        self._learn(asked, first_ids)
        numbered = [(item.line, self.numbering.number(item.prediction)) for item in chunk]
        example_ids = [
            p.example.id if p.example.variant else first_id
            for (_, p), first_id in zip(numbered, first_ids, strict=True)
        ]
        self._add_examples(dict(_merged(example_ids, [p.example for _, p in numbered])))
        self._add_predictions(numbered, example_ids)
        return len(chunk)

    def _learn(self, asked: list[Example], ids: list[str]) -> None:
        """Tell the numbering which variants of these prompts the store has."""
        waiting = {
            (example_id, e.reference): e
            for example_id, e in zip(ids, asked, strict=True)
            if not self.numbering.knows(e)
        }
        while waiting:
            by_id: dict[str, list[Example]] = {}
            for (example_id, _), example in waiting.items():
                by_id.setdefault(example_id, []).append(example)
            found = self.connection.execute(
                select(examples.c.id, examples.c.reference, examples.c.variant).where(
                    examples.c.id.in_(list(by_id))
                )
            ).all()
            waiting = {}
            for row in found:
                for example in by_id[row.id]:
                    self.numbering.learn(
                        replace(example, reference=row.reference, variant=row.variant)
                    )
                    if row.reference is not None and not self.numbering.knows(example):
                        further = replace(example, variant=row.variant + 1)
                        waiting[further.id, example.reference] = further

    def _add_examples(self, asked: dict[str, Example]) -> None:
        there = {
            row.id: row
            for row in self.connection.execute(
                select(
                    examples.c.id, examples.c.reference, examples.c.steps, examples.c.language
                ).where(examples.c.id.in_(list(asked)))
            )
        }
        new = [_example_row(i, e) for i, e in asked.items() if i not in there]
        if new:
            self.connection.execute(self._insert_example, new)
        for example_id, row in there.items():
            example = asked[example_id]
            stored = steps_from_json(row.steps)
            changes: dict[str, Any] = {}
            if row.reference is None and example.reference is not None:
                changes["reference"] = example.reference
            if row.language is None and example.language is not None:
                changes["language"] = example.language
            if example.steps and _keys(stored) in (_keys(example.steps), []):
                filled = _filled(stored, example.steps)
                if filled != stored:
                    changes["steps"] = steps_to_json(filled)
            elif example.steps:
                self.other_steps += 1
            if changes:
                self.connection.execute(
                    update(examples).where(examples.c.id == example_id).values(**changes)
                )

    def _add_predictions(
        self, numbered: list[tuple[int, Prediction]], example_ids: list[str]
    ) -> None:
        ids = [
            stable_id("prediction", p.run, example_id, str(p.ordinal))
            for (_, p), example_id in zip(numbered, example_ids, strict=True)
        ]
        there = {
            row.id: row.output
            for row in self.connection.execute(
                select(predictions.c.id, predictions.c.output).where(predictions.c.id.in_(ids))
            )
        }
        new = []
        for (line, prediction), example_id, number in zip(numbered, example_ids, ids, strict=True):
            run = self._run(prediction.run)
            if number not in there:
                self.good += 1
                self.empty += not prediction.output
                new.append(_prediction_row(number, run, example_id, prediction))
                run.next_row += 1
                run.added = True
            elif there[number] == prediction.output:
                self.known += 1
            else:
                self.refuse(
                    line,
                    f"the run {prediction.run!r} has another output for this example already; "
                    "import the file as a run of another name",
                )
        if new:
            self.connection.execute(self._insert_prediction, new)

    def _run(self, name: str) -> _Run:
        """The run of that name, made when it is first needed."""
        if name not in self.runs:
            row = self.connection.execute(
                select(runs.c.id, runs.c.provenance).where(runs.c.name == name)
            ).first()
            if row is None:
                made = self.connection.execute(
                    insert(runs).values(
                        name=name, settings={}, provenance={}, created_at=time.time()
                    )
                ).inserted_primary_key
                assert made is not None
                self.runs[name] = _Run(made[0], 0, {})
            else:
                last = self.connection.scalar(
                    select(func.max(predictions.c.row)).where(predictions.c.run_id == row.id)
                )
                self.runs[name] = _Run(row.id, 0 if last is None else last + 1, row.provenance)
        return self.runs[name]

    def finish_file(self) -> None:
        """Write down where the runs' new rows came from."""
        for run in self.runs.values():
            if run.added:
                run.provenance = {
                    **run.provenance,
                    "files": [*run.provenance.get("files", []), self.origin],
                }
                self.connection.execute(
                    update(runs).where(runs.c.id == run.id).values(provenance=run.provenance)
                )
                run.added = False

    def report(self, keep_good: bool) -> ImportReport:
        """What was done; ``stored`` says whether it may stay."""
        refused = self.problems.count
        stored = not refused or (keep_good and self.good + self.known > 0)
        notes = []
        if self.other_steps:
            notes.append(
                f"{self.other_steps} examples are in the store with other steps, which were kept; "
                "a study can name its own."
            )
        return ImportReport(
            imported=self.good if stored else 0,
            known=self.known,
            refused=refused,
            good=self.good,
            empty=self.empty,
            runs=tuple(self.runs),
            problems=tuple(self.problems.shown),
            notes=tuple(notes),
            stored=stored,
        )


def _merged(ids: list[str], asked: list[Example]) -> Iterator[tuple[str, Example]]:
    """Each example once, with the gold and the steps that any of its rows has."""
    seen: dict[str, Example] = {}
    for example_id, example in zip(ids, asked, strict=True):
        first = seen.get(example_id)
        if first is None:
            seen[example_id] = example
        elif first.reference is None or not first.steps:
            seen[example_id] = replace(
                first,
                reference=example.reference if first.reference is None else first.reference,
                steps=first.steps or example.steps,
            )
    yield from seen.items()


def _keys(steps: Sequence[Step]) -> list[str]:
    return [s.key for s in steps]


def _filled(stored: Sequence[Step], new: Sequence[Step]) -> tuple[Step, ...]:
    """The stored steps with expected texts that were missing; the new ones where there are none."""
    if not stored:
        return tuple(new)
    return tuple(
        s if s.expected is not None else replace(s, expected=n.expected)
        for s, n in zip(stored, new, strict=True)
    )


def _example_row(example_id: str, example: Example) -> dict[str, Any]:
    return {
        "id": example_id,
        "instruction": example.instruction,
        "input": example.input,
        "image": example.image,
        "language": example.language,
        "steps": steps_to_json(example.steps),
        "reference": example.reference,
        "variant": example.variant,
        "meta": dict(example.meta),
    }


def _prediction_row(
    number: str, run: _Run, example_id: str, prediction: Prediction
) -> dict[str, Any]:
    return {
        "id": number,
        "run_id": run.id,
        "example_id": example_id,
        "ordinal": prediction.ordinal,
        "row": run.next_row,
        "output": prediction.output,
        "length": len(prediction.output),
        "meta": dict(prediction.meta),
    }

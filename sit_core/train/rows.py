"""A source → rows to train on: what is asked, as an `Example`, and the output to be learned.

Any source that has a name (``rows.jsonl``, ``alpaca``, ``commonsense_qa:train``, ``hub:…``). Where
a file has both a column ``output`` and a gold answer, the output is learned: in a file of sequences
the gold answer is only its last step.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sit_core.errors import SitError, UsageError
from sit_core.records import Example
from sit_core.registry import unknown
from sit_core.settings import user_path
from sit_core.sources.context import (
    COLUMNS,
    HISTORY,
    NONE,
    SYSTEM_COLUMNS,
    TOOLS,
    Context,
    NoContext,
    context_of,
)
from sit_core.sources.mapping import MAPPED_FIELDS
from sit_core.sources.named import ExampleReading, named_examples, split_source
from sit_core.sources.preview import look_at_rows
from sit_core.sources.problem import Problem, Problems
from sit_core.sources.rows import BLANK_ROWS, SourceFile
from sit_core.train.context import ContextSupport

NO_OUTPUT = "the output is empty"
NOTHING_THERE = "they are blank rows of a table"


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One row."""

    example: Example
    output: str
    context: Context = NONE
    """What comes before the question; read, not learned."""

    @property
    def id(self) -> str:
        """The same for the same question, so that held-out questions are never trained on."""
        return self.example.id


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """The rows of a source, and what was left out."""

    name: str
    """Of the source; of a file without its folder."""
    sha256: str
    """Of the file's bytes, or of the rows where there is no file."""
    rows: list[TrainingRow]
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Reason → how many rows."""


def read_training_rows(
    source: str,
    columns: Mapping[str, str] | None = None,
    limit: int | None = None,
    *,
    option: str = "data.train",
    report: Callable[[int], None] = lambda read: None,
) -> TrainingRows:
    """All rows that can be trained on.

    Args:
        source: a file (JSONL, a JSON list, CSV, Parquet), or a source by name.
        columns: field → column, where the guess is wrong; ``system``, ``history`` and ``tools``
            are fields too.
        limit: only the first so many rows.
        option: what names the source; for messages.
        report: told how many have been read, now and then.

    Raises:
        SitError: the source can't be had, or a row can't be used; the first reasons and lines.
    """
    columns = columns or {}
    before = {name: columns[name] for name in _BEFORE if columns.get(name)}
    how = ExampleReading(
        steps=(),
        changes=_changes(source, {n: c for n, c in columns.items() if n not in _BEFORE}),
        limit=limit,
        gold=True,
        option=option,
        keep=(*COLUMNS, *(c for c in before.values() if c not in COLUMNS)),
        history=True,
    )
    if before and split_source(source, gold=True)[0] not in (*_BY_COLUMN, "hub"):
        raise UsageError(
            f"data.columns: {', '.join(before)} can be said of files and of the hub's data sets "
            "by their columns; those of this source are known."
        )
    problems, found, left_out = Problems(), list[TrainingRow](), Counter[str]()
    for number, item in enumerate(named_examples(source, how), 1):
        if number % 1000 == 0:
            report(number)
        if isinstance(item, Problem):
            problems.add(item)
        elif not item.reference:
            left_out[NO_OUTPUT] += 1
        else:
            try:
                context = context_of(_named(item.meta, before))
            except NoContext as fault:
                problems.add(Problem(Path(source).name, None, f"example {number}: {fault}"))
                continue
            asked = Example(item.instruction, item.input)
            found.append(TrainingRow(asked, item.reference, context))
    seen = how.summary.columns
    if missing := [f"{c!r} (for the {n})" for n, c in before.items() if c not in seen]:
        raise UsageError(f"data.columns: no row that was read has the column {', '.join(missing)}.")
    if blank := how.summary.notes.get(BLANK_ROWS):
        left_out[NOTHING_THERE] += blank
    if problems.count:
        reasons = "; ".join(str(p) for p in problems.shown[:5])
        more = f"; and {problems.count - 5} more" if problems.count > 5 else ""
        raise SitError(f"The rows can't be trained on: {reasons}{more}.")
    if not found:
        why = "".join(f"; {n} left out because {reason}" for reason, n in left_out.items())
        raise SitError(f"Expected rows to train on in {source}, but found none{why}.")
    path = _path(source)
    sha256 = _of_rows(found) if path is None else file_sha256(path)
    return TrainingRows(source if path is None else path.name, sha256, found, dict(left_out))


def seen_whole(file: TrainingRows, shown: ContextSupport) -> TrainingRows:
    """The rows of which the model sees all that comes before the question; the others are counted.

    Raises:
        SitError: none is left.
    """
    left_out = Counter(file.left_out)
    rows = []
    for row in file.rows:
        if (reason := shown.lacking(row.context)) is None:
            rows.append(row)
        else:
            left_out[reason] += 1
    if not rows:
        why = "; ".join(f"{n} left out because {reason}" for reason, n in left_out.items())
        raise SitError(
            f"Expected rows to train on in {file.name}, but found none: {why}. A chat format "
            "(model.prompt_format: chat) may have places for what comes before a question."
        )
    return replace(file, rows=rows, left_out=dict(left_out))


def file_sha256(path: Path) -> str:
    """Of the file's bytes.

    Raises:
        SitError: it can't be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SitError(f"{path} can't be read: {error.strerror}.") from None


def _named(meta: Mapping[str, Any], before: Mapping[str, str]) -> Mapping[str, Any]:
    """What comes before the question, under the names that its readers know."""
    if not before:
        return meta
    named = {name: meta.get(column) for name, column in before.items()}
    if "system" in before:  # and none of the other names of the same
        meta = {name: value for name, value in meta.items() if name not in SYSTEM_COLUMNS}
    return {**meta, **named}


def _changes(source: str, columns: Mapping[str, str]) -> dict[str, str]:
    """The researcher's word on the columns; what is learned is the reader's gold."""
    known = [*MAPPED_FIELDS, *_BEFORE]
    if faults := [unknown("field", n, known) for n in columns if n not in _FIELDS]:
        raise UsageError("data.columns: " + " ".join(faults))
    changes = {name: column for name, column in columns.items() if name != "output"}
    learned = columns.get("output")
    path = _path(source)
    if learned is None and path is not None and "reference" not in columns:
        kind = split_source(source, gold=True)[0]
        learned = look_at_rows(SourceFile.at(path)).mapping.output if kind in _BY_COLUMN else None
    return {**changes, "reference": learned} if learned else changes


_FIELDS = frozenset(MAPPED_FIELDS)
_BEFORE = ("system", HISTORY, TOOLS)
"""What comes before the question; may be in columns of other names."""
_BY_COLUMN = ("file", "alpaca")
"""Sources whose columns can be said."""


def _path(source: str) -> Path | None:
    """The file that is meant; None where it is none."""
    kind, rest = split_source(source, gold=True)
    path = user_path(rest)
    return path if rest and kind != "hub" and path.is_file() else None


def _of_rows(rows: list[TrainingRow]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        before = [message["content"] for message in row.context.messages()]
        for text in (row.example.instruction, row.example.input, row.output, *before):
            packed = text.encode("utf-8", "surrogatepass")
            digest.update(len(packed).to_bytes(8, "little") + packed)
    return digest.hexdigest()

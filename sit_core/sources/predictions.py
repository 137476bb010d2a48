"""Raw rows → predictions: the one place that knows what a row of model outputs must hold."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from sit_core.errors import UsageError
from sit_core.models.interface import APART
from sit_core.records import Example, Prediction, Step, Unparsed
from sit_core.sources.constraints import with_constraints
from sit_core.sources.expected_search import ExpectedSearch, ExpectedTexts, with_expected
from sit_core.sources.field_values import (
    NEEDED,
    check_fields,
    columns_named,
    step_names,
    text_in,
    texts_in,
    value_in,
)
from sit_core.sources.file_names import language_of, run_name_fault
from sit_core.sources.formats import AUTO
from sit_core.sources.gold import gold_of
from sit_core.sources.imported_outcomes import imported_outcome
from sit_core.sources.json_list import whole_sentence
from sit_core.sources.json_values import is_absent
from sit_core.sources.late_columns import RowColumns
from sit_core.sources.mapping import ColumnMapping
from sit_core.sources.own_export import is_own_export, restored
from sit_core.sources.parallel import QuestionFile
from sit_core.sources.problem import RowFault
from sit_core.sources.rows import BadRow, LeftOut, Limits, Position, RawRow, SourceFile
from sit_core.sources.summary import FileSummary
from sit_core.sources.templates import InstructionTemplate
from sit_core.sources.texts import storable
from sit_core.sources.unpacking import read_outputs, row_format_of
from sit_core.tasks import steps_from_instruction, steps_named


@dataclass(frozen=True)
class ImportFile:
    """A file with all that was decided about it."""

    source: SourceFile
    run: str
    """Where the outputs go, unless a column names the run."""
    mapping: ColumnMapping
    format: str = AUTO
    steps: tuple[Step, ...] | None = None
    """The researcher's own word on the chain: it wins. None: a column's, else the wording's."""
    questions: QuestionFile | None = None
    """Where the questions stand, if not in the file itself."""
    expected: ExpectedTexts | None = None
    """Texts that a step should yield, from a parallel file."""
    open_fields: frozenset[str] = frozenset()
    """Fields without a column so far, which a column that first comes up later may fill."""
    thoughts: str = APART
    """Whether a model's thoughts are taken apart from its output, or kept in it."""
    prompt_set: str | None = None
    """The prompt set that its runs belong to; None: found by what they share, else named after
    the file."""


@dataclass(frozen=True, slots=True)
class LocatedPrediction:
    """A prediction, not numbered yet (see `sit_core.sources.numbering`), and where it stood."""

    line: int
    prediction: Prediction
    exported: bool = False
    """Whether it comes from an export of ours, whose numbers it keeps."""


def read_predictions(
    file: ImportFile,
    limits: Limits | None = None,
    position: Position | None = None,
    summary: FileSummary | None = None,
    *,
    search: ExpectedSearch | None = None,
) -> Iterator[LocatedPrediction | BadRow]:
    """Every row as a prediction or as what is wrong with it; memory is flat.

    What a format's reader rightly left out is counted in ``position.left_out``, by reason.

    A mapping without instruction or output is one problem of the whole file, not one per row,
    unless a later row has the column that was missing.

    Args:
        file: what was decided about it.
        limits: how much a row may take.
        position: told how far reading has come.
        summary: told which columns were used and what was read as something else.
        search: told what was found in the file of expected texts.
    """
    limits, position = limits or Limits(), position or Position()
    summary = FileSummary() if summary is None else summary
    summary.file = file.source.name
    columns = RowColumns(file.mapping, file.open_fields, summary)
    unmapped = _unmapped(file.mapping)
    without = array("Q")  # lines of rows for which there was no column, but may be one later
    if search is None and file.expected is not None:
        search = file.expected.search()
    number = 0
    for row in read_outputs(file.source, file.format, limits, position):
        if isinstance(row, RawRow) and file.questions is not None:
            number += 1
            row = file.questions.joined(row, number)
        if isinstance(row, BadRow):
            yield row
            continue
        if isinstance(row, LeftOut):
            position.leave_out(f"rows left out: {row.reason}")
            continue
        if fault := columns.see(row.fields):
            yield BadRow(row.line, fault)
            continue
        if columns.mapping is not file.mapping:
            for line in without[1:]:
                yield BadRow(line, _no_column(unmapped))
            del without[1:]
            file = replace(file, mapping=columns.mapping)
            unmapped = _unmapped(file.mapping)
        if not unmapped:
            for what in row.left_out:
                position.leave_out(f"not read: {what}")
            found = _prediction(file, row, limits, summary)
            if search is not None and isinstance(found, LocatedPrediction):
                found = _expecting(found, search, row)
            yield found
            continue
        if not without:
            yield BadRow(row.line, _why_unmapped(file, row, unmapped, limits))
        without.append(row.line)
        if not file.open_fields.intersection(unmapped):
            break
    columns.end()


def _expecting(found: LocatedPrediction, search: ExpectedSearch, row: RawRow) -> LocatedPrediction:
    """The same with the text of the parallel file."""
    example = search.put(found.prediction.example, row.fields, row.line)
    return replace(found, prediction=replace(found.prediction, example=example))


def _unmapped(mapping: ColumnMapping) -> list[str]:
    return [name for name in NEEDED if getattr(mapping, name) is None]


def _no_column(names: Iterable[str]) -> str:
    return f"no column was recognised as the {' nor as the '.join(names)}; say which one it is"


def _why_unmapped(file: ImportFile, row: RawRow, fields: list[str], limits: Limits) -> str:
    """Why no row of this file can be a prediction, and what to do."""
    if row.whole:
        return whole_sentence(row.fields)
    said = f"{_no_column(fields)} (the columns are {columns_named(row.fields)})"
    form = row_format_of(file.source, file.format, limits)
    return f"{said}; {form.needs}" if form is not None and form.needs else said


def _prediction(
    file: ImportFile, row: RawRow, limits: Limits, summary: FileSummary
) -> LocatedPrediction | BadRow:
    try:
        check_fields(row.fields, limits)
        if is_own_export(row.fields, file.mapping):
            made = restored(row.fields, file.run, file.steps, summary)
            check_fields({**made.meta, **made.example.meta}, limits)
            if fault := run_name_fault(made.run):
                raise RowFault(fault)
            return LocatedPrediction(row.line, made, exported="ordinal" in row.fields)
        return LocatedPrediction(row.line, _made(file, row.fields, summary))
    except RowFault as fault:
        return BadRow(row.line, str(fault))


def _made(file: ImportFile, fields: Mapping[str, Any], summary: FileSummary) -> Prediction:
    mapping = file.mapping
    example = example_of(file, fields, summary=summary)
    run = file.run
    if mapping.run:
        named = text_in(fields, mapping.run, "run", summary)
        run = named or file.run
        if not named:
            summary.note(f"rows without a run name, stored in the run {file.run[:60]!r}")
    if fault := run_name_fault(run):
        raise RowFault(fault)
    output = text_in(fields, mapping.output, "output", summary, needed=True) or ""
    call = imported_outcome(output, fields, mapping, summary, file.thoughts)
    kept = _used(mapping)
    summary.wrote(run, fields, kept)
    if mapping.thoughts is not None or mapping.outcome is not None:
        kept -= {mapping.thoughts, mapping.outcome} - set(call.read)
    return Prediction(
        run=run,
        example=example,
        output=call.output,
        meta={c: storable(v) for c, v in fields.items() if c not in kept},
        outcome=call.outcome,
        thoughts=call.thoughts,
    )


def example_of(
    file: ImportFile,
    fields: Mapping[str, Any],
    template: InstructionTemplate | None = None,
    summary: FileSummary | None = None,
) -> Example:
    """What a row asks: its instruction (put into the template, if there is one), input, gold.

    Raises:
        RowFault: something is missing or of the wrong kind.
    """
    summary = FileSummary() if summary is None else summary
    mapping = file.mapping
    used = _columns(mapping)
    example_meta = {c: storable(fields[c]) for c in mapping.example_meta if c in fields}
    own = template is None or template.takes_instruction
    wording = (
        text_in(fields, mapping.instruction, "instruction", summary, needed=True) if own else None
    )
    instruction = template.applied(wording or "") if template else wording or ""
    question = text_in(fields, mapping.input, "input", summary) or ""
    reference, references = _gold(file, fields, (instruction, question), summary)
    if references:
        example_meta["references"] = references
    example = Example(
        instruction=instruction,
        input=question,
        image=text_in(fields, mapping.image, "image", summary) or None,
        language=text_in(fields, mapping.language, "language", summary)
        or language_of(file.source.name),
        reference=reference,
        meta=example_meta,
    )
    if len(example.language or "") > 35:
        raise RowFault("the language is longer than 35 characters")
    if file.steps is None and template is None:
        example = with_constraints(example, fields)
    steps = _steps(file, fields, example)
    if template and file.steps is None and (template.chain or not steps):
        steps = template.steps()
    expected = texts_in(value_in(fields, used.get("expected")), summary)
    if not steps and expected is None:
        return example
    filled = with_expected(steps, example, expected)
    if isinstance(filled, Unparsed):
        raise RowFault(filled.reason)
    return replace(example, steps=filled)


def _gold(
    file: ImportFile,
    fields: Mapping[str, Any],
    prompt: tuple[str, str],
    summary: FileSummary,
) -> tuple[str | None, list[str] | None]:
    """The gold answer; what is written in the column of outputs is a text, and never an index."""
    mapping = file.mapping
    same = mapping.reference == mapping.output
    written = value_in(fields, mapping.reference) if same else None
    if isinstance(written, str | int | float) and not isinstance(written, bool):
        return text_in(fields, mapping.reference, "reference", summary) or None, None
    column = _columns(mapping).get("reference")
    untyped = file.format == "csv" or _is_table_of_texts(file.source.name)
    return gold_of(fields, column, prompt, summary, untyped=untyped)


@lru_cache(maxsize=64)
def _is_table_of_texts(file_name: str) -> bool:
    """Whether the file has no numbers but those that are written as texts."""
    return PurePath(file_name).suffix.lower() in (".csv", ".tsv")


@lru_cache(maxsize=64)
def _columns(mapping: ColumnMapping) -> Mapping[str, str]:
    return mapping.columns()


@lru_cache(maxsize=64)
def _used(mapping: ColumnMapping) -> frozenset[str]:
    return frozenset([*mapping.columns().values(), *mapping.example_meta])


def _steps(file: ImportFile, fields: Mapping[str, Any], example: Example) -> tuple[Step, ...]:
    if file.steps is not None:
        return file.steps
    column = file.mapping.steps
    value = value_in(fields, column)
    if not value or is_absent(value):
        if example.steps:
            return example.steps
        found = steps_from_instruction(example.instruction)
        return () if isinstance(found, Unparsed) else found
    names = step_names(value)
    if names is None:
        raise RowFault(
            f"the steps ({column!r}) should be names, such as 'repeat, answer'; if it is something "
            "else: --map steps="
        )
    try:
        return steps_named(names)
    except UsageError as error:
        raise RowFault(str(error)) from None

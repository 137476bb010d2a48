"""Files and hub data sets → examples to put to a model; an output column is not needed.

The same readers and the same guesses as for importing outputs. A column called ``output`` may hold
gold answers or some model's words: it is left alone unless the researcher says that it is the gold
(``--map reference=output``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sit_core.errors import SitError
from sit_core.records import Example, Step, Unparsed
from sit_core.sources.expected import with_expected
from sit_core.sources.formats import read_rows
from sit_core.sources.mapping import guess_mapping
from sit_core.sources.predictions import ImportFile, RowFault, check_fields, example_of
from sit_core.sources.preview import look_at
from sit_core.sources.problem import Problem, Problems
from sit_core.sources.rows import BadRow, Limits, RawRow, SourceFile
from sit_core.sources.templates import InstructionTemplate
from sit_core.tasks import steps_from_instruction

HUB_MISSING = (
    "Reading a data set from the hub needs the package datasets (pip install datasets); or save "
    "the data as a file and name that: --examples FILE."
)


def read_examples(
    source: SourceFile,
    *,
    template: InstructionTemplate | None = None,
    steps: Sequence[Step] | None = None,
    changes: Mapping[str, str] | None = None,
    limit: int | None = None,
    limits: Limits | None = None,
) -> list[Example]:
    """The examples of a file, in its order.

    Args:
        source: the file.
        template: put around or in place of each row's instruction; then a column of steps counts
            only if ``changes`` names it, because it tells of the instruction that is replaced.
        steps: the researcher's own word on the chain.
        changes: field → column, as `ColumnMapping.corrected` takes it.
        limit: only the first so many.
        limits: how large a field may be.

    Raises:
        SitError: a row can't be used; the first reasons with their lines.
    """
    limits = limits or Limits()
    look = look_at(source, limits=limits)
    rows = read_rows(source, limits=limits)
    return _examples(source, list(look.columns), look.rows, rows, template, steps, changes, limit)


def hub_examples(
    name: str,
    split: str = "",
    config: str = "",
    *,
    template: InstructionTemplate | None = None,
    steps: Sequence[Step] | None = None,
    changes: Mapping[str, str] | None = None,
    limit: int | None = None,
) -> list[Example]:
    """The examples of a data set on the hub, by the package ``datasets``.

    Raises:
        SitError: the package is missing, the data set can't be had, a row can't be used.
    """
    try:
        import datasets
    except ImportError:
        raise SitError(HUB_MISSING) from None
    try:
        loaded = datasets.load_dataset(name, config or None, split=split or "validation")
        columns = list(loaded.column_names)
        first = [dict(row) for row, _ in zip(loaded, range(50), strict=False)]
    except Exception as error:  # noqa: BLE001 - the package raises many kinds for "not there"
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise SitError(
            f"The data set {name!r} can't be had from the hub ({said}). Without network, save it "
            "as a file and name that: --examples FILE."
        ) from None
    rows = (RawRow(number, dict(row)) for number, row in enumerate(loaded, 1))
    source = SourceFile(name, lambda: (_ for _ in ()).throw(OSError("no file")))
    return _examples(source, columns, first, rows, template, steps, changes, limit)


def reworded(
    example: Example,
    template: InstructionTemplate | None = None,
    steps: Sequence[Step] | None = None,
) -> Example:
    """An example that is known already, asked in another wording or with the steps named."""
    if template is None and steps is None:
        return example
    instruction = template.applied(example.instruction) if template else example.instruction
    asked = replace(example, instruction=instruction, steps=(), variant=0)
    found = steps_from_instruction(instruction)
    own = () if isinstance(found, Unparsed) else found
    if steps is not None:
        own = tuple(steps)
    elif template is not None and not own:
        own = template.steps()
    filled = with_expected(own, asked)
    return replace(asked, steps=own if isinstance(filled, Unparsed) else filled)


def _examples(
    source: SourceFile,
    columns: Sequence[str],
    first_rows: Iterable[Mapping[str, Any]],
    rows: Iterable[RawRow | BadRow],
    template: InstructionTemplate | None,
    steps: Sequence[Step] | None,
    changes: Mapping[str, str] | None,
    limit: int | None,
) -> list[Example]:
    mapping = guess_mapping(columns, first_rows)
    if template is not None:
        mapping = replace(mapping, steps=None, expected=None)
    mapping = mapping.corrected(changes or {})
    file = ImportFile(source, "", mapping, steps=None if steps is None else tuple(steps))
    problems, found = Problems(), list[Example]()
    for item in _rows_as_examples(file, rows, template):
        if isinstance(item, BadRow):
            problems.add(Problem(source.name, item.line, item.reason))
        else:
            found.append(item)
        if limit is not None and len(found) >= limit:
            break
    if problems.count:
        reasons = "; ".join(str(p) for p in problems.shown[:5])
        more = f"; and {problems.count - 5} more" if problems.count > 5 else ""
        raise SitError(f"The examples can't be used: {reasons}{more}.")
    return found


def _rows_as_examples(
    file: ImportFile, rows: Iterable[RawRow | BadRow], template: InstructionTemplate | None
) -> Iterator[Example | BadRow]:
    limits = Limits()
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            check_fields(row.fields, limits)
            yield example_of(file, row.fields, template)
        except RowFault as fault:
            yield BadRow(row.line, _unmapped(file, row, template) or str(fault))


def _unmapped(file: ImportFile, row: RawRow, template: InstructionTemplate | None) -> str:
    """A clearer word where no column was recognised as the instruction."""
    needed = template is None or template.takes_instruction
    if not needed or file.mapping.instruction is not None:
        return ""
    columns = ", ".join(repr(c[:40]) for c in list(row.fields)[:12])
    return (
        "no column was recognised as the instruction; say which one it is "
        f"(--map instruction=COLUMN; the columns are {columns}), or give an instruction"
    )

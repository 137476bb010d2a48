"""SeqEval's format: a prompt of several tasks and how often it was grown (``iteration``, 1 to 4).

``seqeval:FILE`` reads a file of that shape, such as released outputs with their prompts: the column
``output`` and who wrote it are no part of the question and are left alone. ``seqeval`` alone is the
small set of the micro world that comes with the program. Where a file does not name the steps, all
tasks of a prompt are one step, *follow*.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sit_core.errors import SitError, UsageError
from sit_core.records import Example
from sit_core.settings import DATA, user_path
from sit_core.sources.field_values import check_fields
from sit_core.sources.formats import read_rows
from sit_core.sources.mapping import ColumnMapping
from sit_core.sources.named import EXAMPLE_SOURCES, DataSource, ExampleReading
from sit_core.sources.predictions import ImportFile, example_of
from sit_core.sources.problem import Problem, RowFault
from sit_core.sources.rows import BadRow, SourceFile
from sit_core.tasks import steps_named
from sit_core.tasks.follow import FOLLOW

SHIPPED = DATA / "seqeval" / "microlab.jsonl"
ITERATION = "iteration"
MOST = 99


def read_seqeval(rest: str, how: ExampleReading) -> Iterator[Example | Problem]:
    """The prompts of a file, or those that come with the program.

    Raises:
        SitError: there is no such file.
    """
    if how.changes:
        raise UsageError(
            "The columns of SeqEval's format are known; leave out the mapping, or read it as "
            "file:PATH."
        )
    if not rest and not SHIPPED.is_file():
        raise SitError("The micro world's SeqEval is not here; run the program from its folder.")
    source = SourceFile.at(user_path(rest) if rest else SHIPPED)
    return _examples(source, how)


def _examples(source: SourceFile, how: ExampleReading) -> Iterator[Example | Problem]:
    steps = None if how.steps is None else tuple(how.steps)
    follow = steps_named([FOLLOW.name])
    known: dict[bool, ImportFile] = {}
    for row in read_rows(source, limits=how.limits):
        if isinstance(row, BadRow):
            yield Problem(source.name, row.line, row.reason)
            continue
        try:
            check_fields(row.fields, how.limits)
            own = bool(row.fields.get("steps")) and how.template is None
            if own not in known:
                chain = steps if steps is not None else None if own else follow
                known[own] = ImportFile(source, "", _mapping(own, how), steps=chain)
            example = example_of(known[own], row.fields, how.template)
            yield replace(example, meta={**example.meta, ITERATION: iteration_of(row.fields)})
        except RowFault as fault:
            yield Problem(source.name, row.line, str(fault))


def _mapping(own: bool, how: ExampleReading) -> ColumnMapping:
    return ColumnMapping(
        instruction="instruction",
        input="input",
        reference="target",
        language="language",
        steps="steps" if own else None,
        expected="expected" if own and how.steps is None else None,
    )


def iteration_of(fields: Mapping[str, Any]) -> int:
    """How often a prompt was grown.

    Raises:
        RowFault: the row does not say.
    """
    value: Any = fields.get(ITERATION)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:4])
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    if not whole or not 0 <= value <= MOST:
        found = "it is missing" if ITERATION not in fields else f"found {value!r:.40}"
        raise RowFault(f"Expected a whole number up to {MOST} in {ITERATION!r}, but {found}")
    return int(value)


EXAMPLE_SOURCES.add(
    "seqeval",
    DataSource(
        "seqeval",
        "SeqEval's prompts with their iterations: seqeval:FILE, or the micro world's own.",
        read_seqeval,
    ),
)

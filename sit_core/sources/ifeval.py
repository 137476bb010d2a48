"""IFEval's prompts: ``prompt``, ``instruction_id_list``, ``kwargs``; a step per constraint.

A file of one's own in that format, or google/IFEval from the hub where nothing is named. Outputs
that come with these lists (lm-eval's samples have them in ``doc``; IFEval's own ``prompt`` and
``response`` files with ``--questions`` the prompts' file) get the same steps when imported.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sit_core.errors import UsageError
from sit_core.records import Example
from sit_core.settings import user_path
from sit_core.sources.constraints import with_constraints
from sit_core.sources.field_values import check_fields
from sit_core.sources.formats import read_rows
from sit_core.sources.named import EXAMPLE_SOURCES, DataSource, ExampleReading
from sit_core.sources.problem import Problem, RowFault
from sit_core.sources.reworded import reworded
from sit_core.sources.row_source import hub_rows, text_of
from sit_core.sources.rows import RawRow, SourceFile

HUB = "google/IFEval"


def read_ifeval(rest: str, how: ExampleReading) -> Iterator[Example | Problem]:
    """The prompts of a file or of the hub, in their order."""
    if how.changes:
        raise UsageError("The columns of IFEval are known; leave out the mapping.")
    if not rest:
        rows = hub_rows(HUB, "train", "", how.option)[1]
        return (_made(row, HUB, how) for row in rows)
    source = SourceFile.at(user_path(rest))
    return (
        _made(row, source.name, how)
        if isinstance(row, RawRow)
        else Problem(source.name, row.line, row.reason)
        for row in read_rows(source, limits=how.limits)
    )


def _made(row: RawRow, name: str, how: ExampleReading) -> Example | Problem:
    try:
        check_fields(row.fields, how.limits)
        key = row.fields.get("key")
        meta = {"key": key} if isinstance(key, str | int) else {}
        example = Example(text_of(row.fields, "prompt"), meta=meta)
        made = with_constraints(example, row.fields)
    except RowFault as fault:
        return Problem(name, row.line, str(fault))
    if how.template is None and how.steps is None:
        return made
    return reworded(made, how.template, how.steps or made.steps)


def looks_like_ifeval(row: Mapping[str, Any]) -> bool:
    """Whether a row has IFEval's columns."""
    return {"prompt", "instruction_id_list", "kwargs"} <= set(row)


EXAMPLE_SOURCES.add(
    "ifeval",
    DataSource(
        "ifeval",
        "IFEval's prompts with the constraints that a program checks: ifeval:FILE, or of the hub.",
        read_ifeval,
        looks_like_ifeval,
    ),
)

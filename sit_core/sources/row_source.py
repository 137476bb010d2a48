"""What the data sets have in common that are one example per row, from a file or from the hub.

Data sets on the hub by the package ``datasets``; without network, a sentence on what to name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sit_core.errors import SitError, UsageError
from sit_core.records import Example
from sit_core.settings import user_path
from sit_core.sources.field_values import check_fields
from sit_core.sources.formats import read_rows
from sit_core.sources.named import ExampleReading
from sit_core.sources.problem import Problem, RowFault
from sit_core.sources.reworded import reworded
from sit_core.sources.rows import MAX_COLUMNS, BadRow, RawRow, SourceFile
from sit_core.sources.summary import FileSummary

Make = Callable[[Mapping[str, Any]], Example]
"""A row's fields → its example. Raises `RowFault` with what is wrong."""


@dataclass(frozen=True, slots=True)
class OnHub:
    """Where a data set lies on the hub."""

    name: str
    split: str
    config: str = ""


def row_source(
    make: Make, hub: OnHub
) -> Callable[[str, ExampleReading], Iterator[Example | Problem]]:
    """The ``read`` of a `Source` whose rows ``make`` understands.

    After the colon stands a file; or a split (and a configuration) of the data set on the hub.
    """

    def read(rest: str, how: ExampleReading) -> Iterator[Example | Problem]:
        if how.changes:
            raise UsageError(
                "The columns of this data set are known; leave out the mapping, or read it as "
                "file:PATH."
            )
        path = user_path(rest)
        if rest and (path.exists() or path.suffix or "/" in rest):
            rows, name = read_rows(SourceFile.at(path), limits=how.limits), path.name
        else:
            split, _, config = rest.partition(":")
            wanted = split or hub.split, config or hub.config
            rows, name = hub_rows(hub.name, *wanted, how.option)[1], hub.name
        return _examples(rows, name, make, how)

    return read


def _examples(
    rows: Iterator[RawRow | BadRow] | Iterator[RawRow], name: str, make: Make, how: ExampleReading
) -> Iterator[Example | Problem]:
    how.summary.file, how.summary.keeps = name, False
    for row in rows:
        if isinstance(row, BadRow):
            yield Problem(name, row.line, row.reason)
            continue
        try:
            check_fields(row.fields, how.limits)
            yield reworded(make(_Noted(row.fields, how.summary)), how.template, how.steps)
        except RowFault as fault:
            yield Problem(name, row.line, str(fault))


class _Noted(Mapping[str, Any]):
    """A row whose values, as they are taken, are noted as columns that are used."""

    def __init__(self, fields: Mapping[str, Any], summary: FileSummary) -> None:
        self._fields, self._used, known = fields, summary.used, summary.columns
        if not fields.keys() <= known.keys() and len(known) < MAX_COLUMNS:
            known.update(dict.fromkeys(fields))

    def __getitem__(self, column: str) -> Any:
        value = self._fields[column]
        self._used[column] = column
        return value

    def __contains__(self, column: object) -> bool:
        return column in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """The text of a field that must be there.

    Raises:
        RowFault: it is missing or no text.
    """
    value = fields.get(name)
    if not isinstance(value, str):
        found = "it is missing" if name not in fields else f"found {value!r:.60}"
        raise RowFault(f"Expected text in {name!r}, but {found}")
    return value


def split_hub_name(rest: str) -> tuple[str, str, str]:
    """``ID[:SPLIT[:CONFIG]]`` as its three parts.

    Raises:
        UsageError: it is none.
    """
    name, split, config, *more = [*rest.split(":"), "", ""]
    if not name or any(more):
        raise UsageError("A hub data set is named hub:ID, hub:ID:SPLIT or hub:ID:SPLIT:CONFIG.")
    return name, split, config


def hub_rows(name: str, split: str, config: str, option: str) -> tuple[list[str], Iterator[RawRow]]:
    """The columns and the rows of a data set on the hub.

    Args:
        name: its id, ``owner/name``.
        split: such as ``train``.
        config: which of its configurations; empty if it has one only.
        option: where the source was named, for the message.

    Raises:
        SitError: the package is missing or the data set can't be had; it says to name a file.
    """
    try:
        import datasets
    except ImportError:
        raise SitError(
            "Reading a data set from the hub needs the package datasets (pip install datasets); "
            f"or save the data as a file and name that: {option} FILE."
        ) from None
    try:
        loaded: Any = datasets.load_dataset(name, config or None, split=split)
        columns = list(loaded.column_names)
    except Exception as error:  # noqa: BLE001 - the package raises many kinds for "not there"
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise SitError(
            f"The data set {name!r} can't be had from the hub ({said}). Without network, save it "
            f"as a file and name that: {option} FILE."
        ) from None
    return columns, (RawRow(number, dict(row)) for number, row in enumerate(loaded, 1))

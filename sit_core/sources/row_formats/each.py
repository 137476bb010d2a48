"""Make a reader of rows from a function of one row; what all readers of rows share."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sit_core.sources.conversation import ChatExchange, NoConversation
from sit_core.sources.file_formats import Item, Unpack
from sit_core.sources.rows import BadRow, LeftOut, RawRow

ERROR = "an error instead of an output"


class Unreadable(Exception):
    """What is wrong with a row of such a file."""


def each(opened: Callable[[RawRow], RawRow | LeftOut]) -> Unpack:
    """A reader that turns every row into one. `opened` may raise `Unreadable`."""

    def unpack(rows: Iterable[RawRow]) -> Iterator[Item]:
        for row in rows:
            yield safely(opened, row)

    return unpack


def safely(opened: Callable[[RawRow], RawRow | LeftOut], row: RawRow) -> Item:
    """The row, or what is wrong with it."""
    try:
        return opened(row)
    except (Unreadable, NoConversation) as fault:
        return BadRow(row.line, str(fault))


def without(fields: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The columns but these."""
    return {name: value for name, value in fields.items() if name not in names}


def asked(
    row: RawRow, said: ChatExchange, rest: Mapping[str, Any], output: str
) -> RawRow | LeftOut:
    """A row of a question and its output; left out where the conversation can't be used."""
    if said.unused:
        return LeftOut(row.line, said.unused)
    fields = {**rest, "instruction": said.question, "output": output}
    if said.system:
        fields["system"] = said.system
    if said.thoughts:
        fields.setdefault("thoughts", said.thoughts)
    return RawRow(row.line, fields, row.left_out + said.notes)


def inside(value: Any, *path: str | int) -> Any:
    """The value at a place, None where there is none."""
    for name in path:
        if isinstance(value, Mapping) and isinstance(name, str):
            value = value.get(name)
        elif isinstance(value, list) and isinstance(name, int) and -len(value) <= name < len(value):
            value = value[name]
        else:
            return None
    return value

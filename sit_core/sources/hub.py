"""Data sets on the hub by the package ``datasets``; without network, a sentence on what to name."""

from collections.abc import Iterator
from typing import Any

from sit_core.errors import SitError, UsageError
from sit_core.sources.rows import RawRow


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

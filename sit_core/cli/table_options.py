"""The options by which a table's samples and verdicts are chosen; several verbs share them."""

import csv
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from sit_core.cli.escape import plain
from sit_core.errors import UsageError

if TYPE_CHECKING:
    from sit_core.results.table_query import TableQuery
    from sit_core.store import Store

OPTIONS = (
    click.option("--study", metavar="NAME", help="The samples of this study."),
    click.option(
        "--runs",
        metavar="A,B",
        help="Only these runs; without --study: all their outputs, over all studies. "
        "A name with a comma goes in double quotes: '\"a,b\",c'.",
    ),
    click.option(
        "--by",
        type=click.Choice(["human", "llm", "rule"]),
        default="human",
        show_default=True,
        help="Whose verdicts.",
    ),
    click.option("--annotator", metavar="NAME", help="Only this one's verdicts."),
    click.option(
        "--partly",
        type=click.Choice(["done", "not-done"]),
        default="done",
        show_default=True,
        help="What the verdict 'partly' counts as.",
    ),
)
COMBINE = click.option(
    "--combine",
    type=click.Choice(["majority", "each"]),
    default="majority",
    show_default=True,
    help="Of several annotators of a sample: their majority per step (a tie is unsure), or each "
    "judgment by itself (the intervals know that those of one prompt are alike).",
)
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object with all figures.")


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of `OPTIONS`."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def names(value: str | None) -> tuple[str, ...]:
    """The names of a comma-separated list.

    >>> names('llama, "a,b"')
    ('llama', 'a,b')
    """
    found = next(csv.reader([value or ""], skipinitialspace=True), [])
    return tuple(name.strip() for name in found if name.strip())


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> None:
    """Columns as wide as their texts; the first ``left`` of them flush left."""
    lines = [header, *([plain(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    for line in lines:
        cells = (
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        click.echo("  ".join(cells).rstrip())


def say_methods(methods: Iterable[str | None]) -> None:
    """How the intervals of a table were made, by name."""
    from sit_core.statistics import methods_said

    for line in methods_said(methods):
        click.echo(line)


SEED = click.option(
    "--seed", type=click.IntRange(min=0), default=0, hidden=True, help="Without effect."
)
"""Intervals were drawn once; commands that name a seed go on working."""


BOM = click.option(
    "--bom", is_flag=True, help="Begin a CSV file with a byte order mark, for Excel."
)


def check_bom(bom: bool, form: str) -> None:
    """See that the mark is for a CSV file.

    Raises:
        UsageError: it is not.
    """
    if bom and form != "csv":
        raise UsageError("--bom is for CSV files (--format csv).")


def archived_said(names: Sequence[str], shown: int = 5) -> str:
    """What a list leaves out.

    >>> archived_said(["a", "b"])
    'Left out: 2 that are archived (a, b); --archived lists them too.'
    """
    first = ", ".join(names[:shown]) + (", …" if len(names) > shown else "")
    are = "1 that is" if len(names) == 1 else f"{len(names):,} that are"
    return f"Left out: {are} archived ({first}); --archived lists them too."


def percent(share: float | None) -> str:
    """A share as the tables print it.

    >>> percent(0.853), percent(None)
    ('85.3 %', '–')
    """
    return "–" if share is None else f"{100 * share:.1f} %"


def question(
    store: "Store",
    study: str | None,
    runs: str | None,
    by: str | None,
    annotator: str | None,
    partly: str | None,
    combine: str | None = None,
) -> "TableQuery":
    """The options of `asking` as the question they ask; former names as the present ones."""
    from sit_core.records import JudgeKind
    from sit_core.results.table_query import TableQuery
    from sit_core.store.renaming import present_runs, present_study

    return TableQuery(
        study=None if study is None else present_study(store, study),
        runs=present_runs(store, names(runs)),
        by=JudgeKind(by or "human"),
        annotator=annotator,
        partly="not-done" if partly == "not-done" else "done",
        combine="each" if combine == "each" else "majority",
    )

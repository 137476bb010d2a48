"""What a report says, before it has a form: tables whose cells are figures, each with its caption.

``content_of(store, question, versions)`` reads a store that holds the report's excerpt alone.
`all_figures` lists every number with the path by which ``figures.json`` and ``--verify`` name it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sit_core.errors import SitError
from sit_core.records import JudgeKind
from sit_core.report.config import KINDS, ReportQuestion
from sit_core.results.estimate import Estimate
from sit_core.results.table_query import TableQuery
from sit_core.store import Store

Cell = str | int | float | Estimate | None
SEPARATOR = " / "


@dataclass(frozen=True)
class ReportTable:
    """One table."""

    key: str
    """Unique in its report; the beginning of its figures' paths."""
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str
    """What it counts: method, n, whose verdicts."""
    notes: tuple[str, ...] = ()
    """What is left out, and how to read it."""
    letters: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """(row, column) → letters of the groups that do not differ, beside the figure."""
    drawn: tuple[str, ...] | None = None
    """The columns whose figures are drawn as well; None: all that are in percent."""
    curve: bool = False
    """Whether it is drawn and not printed: the points of a figure's curves."""

    def methods(self) -> list[str]:
        """How its intervals were made, by name; the methods' paragraph says what they are."""
        cells = (cell for row in self.rows for cell in row)
        found = (cell.method for cell in cells if isinstance(cell, Estimate))
        return list(dict.fromkeys(method for method in found if method))

    def further(self) -> tuple[str, ...]:
        """What stands below it."""
        methods = self.methods()
        return (*self.notes, *([f"Intervals by {'; '.join(methods)}."] if methods else []))


@dataclass(frozen=True)
class ReportContent:
    """All of it."""

    title: str
    date: str
    methods: tuple[str, ...]
    """Paragraphs."""
    facts: Mapping[str, Any]
    """The numbers and names in them, by path."""
    tables: tuple[ReportTable, ...]
    left_out: tuple[str, ...] = ()
    """Tables that could not be made, with the reason."""


def all_figures(content: ReportContent) -> dict[str, dict[str, Any]]:
    """Path → the number with its interval, n and method; every number of the report."""
    found: dict[str, dict[str, Any]] = {
        SEPARATOR.join(("methods", name)): {"value": value} for name, value in content.facts.items()
    }
    for table in content.tables:
        seen: dict[str, int] = {}
        for number, row in enumerate(table.rows):
            of_row = SEPARATOR.join(cell for cell in row if isinstance(cell, str))
            seen[of_row] = times = seen.get(of_row, 0) + 1
            called = of_row if times == 1 else f"{of_row} #{times}"
            for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
                path = SEPARATOR.join((table.key, called, column))
                if isinstance(cell, Estimate):
                    found[path] = cell.to_dict()
                    if letters := table.letters.get((number, place)):
                        found[path]["letters"] = letters
                elif not isinstance(cell, str) and cell is not None:
                    found[path] = {"value": cell}
        for number, note in enumerate(table.notes):
            found[SEPARATOR.join((table.key, f"note {number + 1}"))] = {"value": note}
    for number, why in enumerate(content.left_out):
        found[SEPARATOR.join(("left out", str(number + 1)))] = {"value": why}
    return found


def content_of(
    store: Store, question: ReportQuestion, versions: Mapping[str, str]
) -> ReportContent:
    """Count everything.

    Args:
        store: of the report's excerpt.
        question: what it is of.
        versions: program → version, as the methods name them.

    Raises:
        SitError: a name in the question is unknown.
    """
    from sit_core.report import tables
    from sit_core.report.methods import methods_of

    left_out = list(question.left_out)
    made: list[ReportTable] = []
    kinds = kinds_there(store, question)
    for by in kinds or [JudgeKind.HUMAN]:
        for why in without_steps(store, question, by).values():
            left_out.append(f"Following by {KINDS[by.value]}: {why}")
    makers: list[tuple[str, Callable[[], Iterable[ReportTable]]]] = [
        *(("Following", partial(tables.following_tables, store, question, by)) for by in kinds),
        ("Scores", partial(tables.score_tables, store, question)),
        *(("Comparison", partial(tables.comparison_tables, store, question, by)) for by in kinds),
        ("Comparison of scores", partial(tables.score_comparisons, store, question)),
        ("Agreement", partial(tables.agreement_tables, store, question)),
        ("Leaderboard", partial(tables.leaderboard_tables, store, question)),
    ]
    for name, make in makers:
        try:
            made += make()
        except SitError as error:
            left_out.append(f"{name}: {error}")
    for number, entry in enumerate(question.analyses, 1):
        made += tables.analysis_tables(store, entry, number)
    paragraphs, facts = methods_of(store, question, kinds, made, versions)
    return ReportContent(
        question.title, question.date, tuple(paragraphs), facts, tuple(made), tuple(left_out)
    )


def kinds_there(store: Store, question: ReportQuestion) -> list[JudgeKind]:
    """Whose verdicts the report has tables of: those asked for, else all that there are."""
    from sit_core.results.following import who_judged

    if question.by:
        return [JudgeKind(one) for one in question.by]
    found = []
    for kind in map(JudgeKind, KINDS):
        query = table_query(store, question, kind)
        if query is not None and any(one.kind == kind for one in who_judged(store, query)):
            found.append(kind)
    return found


def table_query(store: Store, question: ReportQuestion, by: JudgeKind) -> TableQuery | None:
    """The same as tables of verdicts ask it, over runs whose steps are known; None: of none."""
    lacking = without_steps(store, question, by)
    runs = tuple(run for run in question.runs if run not in lacking)
    return TableQuery(question.study, runs, by, None, question.partly) if runs else None


def without_steps(store: Store, question: ReportQuestion, by: JudgeKind) -> dict[str, str]:
    """Runs that have no table of verdicts by these judges, because their steps are not known."""
    found: dict[str, str] = {}
    for run in question.runs:
        try:
            TableQuery(question.study, (run,), by).scopes(store)
        except SitError as error:
            found[run] = str(error)
    return found


def said_of(counts: Mapping[str, int]) -> list[str]:
    """What is left out of a table, a sentence each."""
    return [f"{many:,} left out: {reason}." for reason, many in counts.items()]


def plain_cells(row: Mapping[str, Any], columns: Iterable[str]) -> Iterator[Cell]:
    """A row's cells in the order of the columns; what is no figure is a text."""
    for column in columns:
        cell = row.get(column)
        if isinstance(cell, bool):
            yield "yes" if cell else "no"
        elif cell is None or isinstance(cell, str | int | float | Estimate):
            yield cell
        else:
            yield str(cell)

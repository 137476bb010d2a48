"""What can be exported: each table's columns, with their kinds, and its rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sit_core.registry import Registry
from sit_core.results.following import following
from sit_core.results.table_query import TableQuery, labels
from sit_core.sources.own_export import COLUMNS as PREDICTION_COLUMNS
from sit_core.statistics import LEVEL
from sit_core.store import Store
from sit_core.store import export as stored
from sit_core.store.sample_selection import whole_runs
from sit_core.store.studies import get_study, list_studies

Row = Mapping[str, Any]
Rows = Iterable[Row]
Columns = Mapping[str, str]
"""Name → kind: ``text``, ``text?`` (missing is not empty), ``int``, ``float``, ``bool``, ``time``
(datetime, UTC) or ``json``."""


@dataclass(frozen=True, slots=True)
class ExportTable:
    """One thing to export. ``rows`` checks the question before it yields the first row."""

    columns: Columns
    rows: Callable[[Store, TableQuery], Rows]


TABLES: Registry[ExportTable] = Registry("table to export")


def _judgments(store: Store, question: TableQuery) -> Rows:
    scopes = question.scopes(store)
    letters = {run: labels(scope.steps) for scope in scopes for run in scope.runs}

    def rows() -> Iterator[Row]:
        for row in stored.judgments_of(store, scopes):
            yield {**row, "letter": letters[row["run"]].get(row["step"])}

    return rows()


def _remarks(store: Store, question: TableQuery) -> Rows:
    return stored.remarks_of(store, question.scopes(store))


def _guidelines(store: Store, question: TableQuery) -> Rows:
    """Of the study asked for; of runs without a study: of every study that they are judged in."""
    if question.study is not None:
        return stored.guidelines_of(store, [get_study(store, question.study).name])
    asked = {run for one in whole_runs(store, question.runs) for run in one.runs}
    every = list_studies(store, archived=True)
    return stored.guidelines_of(store, [one.name for one in every if asked & set(one.runs)])


def _predictions(store: Store, question: TableQuery) -> Rows:
    if question.study is None:  # whole runs, whatever their steps are, or if nobody knows them
        return stored.predictions_of(store, whole_runs(store, question.runs))
    return stored.predictions_of(store, question.scopes(store))


def _results(store: Store, question: TableQuery) -> Rows:
    table = following(store, question)
    how = {
        "study": question.study,
        "by": question.by.value,
        "partly": question.partly,
        "combine": question.combine,
        "annotator": question.annotator,
        "level": LEVEL,
    }
    return [{**how, **asdict(row)} for row in table.rows]


TABLES.add(
    "judgments",
    ExportTable(
        {
            "study": "text",
            "run": "text",
            "prediction_id": "text",
            "example_id": "text",
            "step": "text",
            "letter": "text",
            "verdict": "text",
            "score": "float",
            "revision": "int",
            "is_current": "bool",
            "judge": "text",
            "judge_kind": "text",
            "seconds": "float",
            "created_at": "time",
            "guidelines_version": "text",
        },
        _judgments,
    ),
)
TABLES.add(
    "remarks",
    ExportTable(
        {
            "study": "text",
            "run": "text",
            "prediction_id": "text",
            "example_id": "text",
            "note": "text",
            "flagged": "bool",
            "revision": "int",
            "is_current": "bool",
            "judge": "text",
            "created_at": "time",
        },
        _remarks,
    ),
)
TABLES.add(
    "predictions",
    ExportTable(
        PREDICTION_COLUMNS,
        _predictions,
    ),
)
TABLES.add(
    "results",
    ExportTable(
        {
            "study": "text",
            "run": "text",
            "step": "text",
            "letter": "text",
            "followed": "int",
            "n": "int",
            "rate": "float",
            "low": "float",
            "high": "float",
            "method": "text",
            "level": "float",
            "unsure": "int",
            "missing": "int",
            "samples": "int",
            "by": "text",
            "partly": "text",
            "combine": "text",
            "annotator": "text",
        },
        _results,
    ),
)
TABLES.add(
    "guidelines",
    ExportTable(
        {
            "study": "text",
            "guidelines_version": "text",
            "sha256": "text",
            "text": "text",
            "created_at": "time",
        },
        _guidelines,
    ),
)

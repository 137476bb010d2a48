"""An excerpt of a store: some runs and studies with all that is said of them, as rows of JSON.

``excerpt_rows(store, runs, studies)`` reads the rows of one moment, table by table, in the order in
which they can be put back; ``restore_rows(folder, schema, rows)`` makes a store of them.

Annotators' names are replaced unless asked for, and home folders in paths by ``~``. Notes, practice
and the queue's times are not taken: no figure rests on them.
"""

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, MetaData, Select, Table, or_, select

from sit_core.errors import SitError
from sit_core.records import JudgeKind
from sit_core.settings import Settings
from sit_core.store.engine import Store, open_store
from sit_core.store.sample_verdicts import summarise_all
from sit_core.store.schema import (
    benchmarks,
    duels,
    examples,
    former_texts,
    guidelines,
    judges,
    judgments,
    metadata,
    predictions,
    prompt_set_prompts,
    prompt_set_runs,
    prompt_sets,
    run_errors,
    runs,
    scores,
    slots,
    studies,
    study_runs,
    systems,
    unusable,
)

Row = dict[str, Any]
NOT_TAKEN: Mapping[str, str] = {
    "remarks": "annotators' notes are theirs, and no figure rests on them",
    "practice_samples": "practice is in no figure",
    "practice_rounds": "practice is in no figure",
    "practice_answers": "practice is in no figure",
    "skips": "what is put off is in no figure",
    "jobs": "how a machine worked is in no figure",
    "judge_replies": "a cache; verdicts have what was read of it",
    "verdict_patterns": "made again from the judgments",
    "sample_verdicts": "made again from the judgments",
    "sample_lists": "links of this store",
    "sample_list_items": "links of this store",
    "former_run_names": "names in an excerpt are the present ones",
    "former_study_names": "names in an excerpt are the present ones",
}
"""Table → why no excerpt has it."""
_MADE_HERE = ("runs", "judgments", "duels", "studies", "systems", "benchmarks")
"""Tables that say how something was made: paths in them lose the home folder."""
_PLACES = ("model", "adapter", "base_model", "training_data", "settings", "provenance")
_HOME = re.compile(r"(?:/home|/Users|[A-Za-z]:\\+Users)[/\\]+[^/\\\s\"']{1,64}")
_BATCH = 2_000


def excerpt_rows(
    store: Store, run_names: Sequence[str], study_names: Sequence[str], *, keep_names: bool = False
) -> Iterator[tuple[str, Iterator[Row]]]:
    """(table, its rows) of one moment, in the order in which they can be put back.

    Args:
        store: where from.
        run_names: whose outputs are taken, all of each.
        study_names: whose verdicts of people are taken; those of machines stand in no study.
        keep_names: whether annotators keep their names; else they are ``annotator 1``, …
    """
    with _one_moment(store) as connection:
        run_ids = _ids(connection, runs, run_names)
        study_ids = _ids(connection, studies, study_names)
        called = None if keep_names else _pseudonyms(connection, run_ids, study_ids)
        for table, query in _queries(run_ids, study_ids):
            yield table.name, _rows(connection, table, query, called)


def pseudonyms(
    store: Store, run_names: Sequence[str], study_names: Sequence[str]
) -> dict[str, str]:
    """What each annotator of an excerpt is called in it."""
    with store.read() as connection:
        return _pseudonyms(
            connection,
            _ids(connection, runs, run_names),
            _ids(connection, studies, study_names),
        )


def schema_of(store: Store) -> str:
    """The revision of the schema that rows are of."""
    from sit_core.store import migrations

    with store.read() as connection:
        return migrations.current(connection) or migrations.NEWEST


@contextmanager
def restored(
    folder: Path, revision: str, tables: Iterable[tuple[str, Iterable[Row]]]
) -> Iterator[Store]:
    """A store of these rows alone, in an empty folder; closed at the end.

    Args:
        folder: where its file goes.
        revision: of the schema that the rows are of; older ones are migrated.
        tables: as `excerpt_rows` gave them.

    Raises:
        SitError: the revision is unknown, or the rows make no store.
    """
    from sqlalchemy.exc import SQLAlchemyError

    where = Settings(home=folder, database_url=f"sqlite:///{folder / 'sit.db'}", copy_first=False)
    try:
        _fill(where, revision, tables)
    except (SQLAlchemyError, TypeError, ValueError, KeyError, AttributeError) as error:
        said = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
        raise SitError(f"The rows make no store ({said[0][:200]}).") from None
    store = open_store(where)
    try:
        with store.write() as connection:
            summarise_all(connection)
        yield store
    finally:
        store.close()


def _fill(where: Settings, revision: str, tables: Iterable[tuple[str, Iterable[Row]]]) -> None:
    """Make the database at the rows' own revision and put them in; `open_store` migrates it."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SAWarning

    from sit_core.store import migrations

    if not migrations.is_known(revision):
        raise SitError(f"The rows have schema {revision}, which this program does not know.")
    engine = create_engine(where.database_url)
    try:
        there = metadata
        with engine.begin() as connection:
            if revision == migrations.NEWEST:
                metadata.create_all(connection)
                migrations.stamp(connection)
            else:
                migrations.upgrade(connection, revision)
        if revision != migrations.NEWEST:
            there = MetaData()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)  # an index over an expression
                there.reflect(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            for name, rows in tables:
                if name in NOT_TAKEN or name not in there.tables:
                    raise SitError(f"No excerpt has a table {name[:60]!r}.")
                _insert(connection, there.tables[name], rows)
            wrong = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if wrong:
                raise SitError(f"A row of {wrong[0][0]} names a row of {wrong[0][2]} that is gone.")
    finally:
        engine.dispose()


def _insert(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    batch: list[Row] = []
    known = set(table.columns.keys())
    for row in rows:
        if unknown := row.keys() - known:
            raise SitError(f"The table {table.name} has no column {min(unknown)[:60]!r}.")
        batch.append(row)
        if len(batch) == _BATCH:
            connection.execute(table.insert(), batch)
            batch = []
    if batch:
        connection.execute(table.insert(), batch)


@contextmanager
def _one_moment(store: Store) -> Iterator[Connection]:
    """A connection whose queries all see the same state."""
    with store.read() as connection:
        if not store.is_sqlite:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def _ids(connection: Connection, table: Table, names: Sequence[str]) -> list[int]:
    query = select(table.c.id).where(table.c.name.in_(list(names))).order_by(table.c.id)
    return list(connection.scalars(query))


def _judged(run_ids: Sequence[int], study_ids: Sequence[int]) -> list[ColumnElement[bool]]:
    """Which judgments are taken."""
    j = judgments.c
    in_study = or_(j.study_id.is_(None), j.study_id.in_(study_ids))
    return [j.prediction_id.in_(_outputs(run_ids)), in_study]


def _outputs(run_ids: Sequence[int]) -> Select[Any]:
    return select(predictions.c.id).where(predictions.c.run_id.in_(run_ids))


def _judges(run_ids: Sequence[int], study_ids: Sequence[int]) -> ColumnElement[bool]:
    """Those that any row of the excerpt names."""
    mine, s = _outputs(run_ids), slots.c
    named = (
        select(judgments.c.judge_id).where(*_judged(run_ids, study_ids)),
        select(s.judge_id).where(s.study_id.in_(study_ids), s.prediction_id.in_(mine)),
        select(unusable.c.judge_id).where(unusable.c.prediction_id.in_(mine)),
        select(duels.c.judge_id).where(*_compared(run_ids)),
    )
    return or_(*(judges.c.id.in_(query) for query in named))


def _compared(run_ids: Sequence[int]) -> list[ColumnElement[bool]]:
    mine = _outputs(run_ids)
    return [duels.c.prediction_id.in_(mine), duels.c.against_id.in_(mine)]


def _queries(
    run_ids: Sequence[int], study_ids: Sequence[int]
) -> Iterator[tuple[Table, Select[Any]]]:
    """Each table with what of it is taken; what a row refers to comes before it."""
    mine = _outputs(run_ids)

    def of_run(table: Table) -> ColumnElement[bool]:
        return table.c.run_id.in_(run_ids)

    def of_study(table: Table) -> ColumnElement[bool]:
        return table.c.study_id.in_(study_ids)

    sets = select(prompt_set_runs.c.prompt_set_id).where(of_run(prompt_set_runs))
    asked = or_(
        examples.c.id.in_(select(predictions.c.example_id).where(of_run(predictions))),
        examples.c.id.in_(select(run_errors.c.example_id).where(of_run(run_errors))),
    )
    board = select(systems.c.id).where(of_run(systems))
    wanted: list[tuple[Table, list[ColumnElement[bool]]]] = [
        (runs, [runs.c.id.in_(run_ids)]),
        (examples, [asked]),
        (prompt_sets, [prompt_sets.c.id.in_(sets)]),
        (prompt_set_prompts, [prompt_set_prompts.c.prompt_set_id.in_(sets)]),
        (prompt_set_runs, [of_run(prompt_set_runs)]),
        (predictions, [of_run(predictions)]),
        (run_errors, [of_run(run_errors)]),
        (former_texts, [of_run(former_texts)]),
        (judges, [_judges(run_ids, study_ids)]),
        (studies, [studies.c.id.in_(study_ids)]),
        (guidelines, [of_study(guidelines)]),
        (study_runs, [of_study(study_runs), of_run(study_runs)]),
        (slots, [of_study(slots), slots.c.prediction_id.in_(mine)]),
        (judgments, _judged(run_ids, study_ids)),
        (unusable, [unusable.c.prediction_id.in_(mine)]),
        (duels, _compared(run_ids)),
        (scores, [scores.c.prediction_id.in_(mine)]),
        (systems, [of_run(systems)]),
        (benchmarks, [benchmarks.c.system_id.in_(board)]),
    ]
    for table, conditions in wanted:
        keys = list(table.primary_key.columns)
        yield table, select(table).where(*conditions).order_by(*keys)


def _pseudonyms(
    connection: Connection, run_ids: Sequence[int], study_ids: Sequence[int]
) -> dict[str, str]:
    """Annotator's name → ``annotator 1``, …, in the order in which they came."""
    query = select(judges.c.name).where(
        judges.c.kind == JudgeKind.HUMAN, _judges(run_ids, study_ids)
    )
    names = list(connection.scalars(query.order_by(judges.c.id)))
    width = len(str(len(names)))  # so that they sort by number
    return {name: f"annotator {number:0{width}}" for number, name in enumerate(names, 1)}


def _rows(
    connection: Connection, table: Table, query: Select[Any], called: Mapping[str, str] | None
) -> Iterator[Row]:
    for found in connection.execution_options(yield_per=_BATCH).execute(query):
        row = dict(found._mapping)
        if table.name in _MADE_HERE:
            row |= {name: _without_home(row[name]) for name in _PLACES if name in row}
        if table is study_runs:
            del row["samples"]  # counted again from the queue
        if table is slots:
            row["claimed_until"] = None  # who is at work at this moment
        if called is not None and table is judges and row["kind"] == JudgeKind.HUMAN:
            row["name"] = called[row["name"]]
        if called is not None and table is former_texts:
            row["said"] = _renamed(row["said"], called)
        yield row


def _renamed(said: Any, called: Mapping[str, str]) -> Any:
    """What was said of a former text: a person who says nothing of today's texts has no number."""
    if isinstance(said, list):
        return [_renamed(one, called) for one in said]
    if not isinstance(said, dict):
        return said
    named = {key: _renamed(one, called) for key, one in said.items()}
    if said.get("judge_kind") == JudgeKind.HUMAN:
        named["judge"] = called.get(str(said.get("judge")), "annotator")
    return named


def _without_home(value: Any) -> Any:
    r"""Paths without whose home folder they are in.

    >>> _without_home({"model": "/home/ann/models/m", "n": 1})
    {'model': '~/models/m', 'n': 1}
    """
    if isinstance(value, str):
        return _HOME.sub("~", value)
    if isinstance(value, dict):
        return {key: _without_home(one) for key, one in value.items()}
    return [_without_home(one) for one in value] if isinstance(value, list) else value

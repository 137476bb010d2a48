"""The store opens on both databases, migrated, once, also when many processes open it at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from sit_core.errors import OutOfReach, SitError
from sit_core.settings import Settings, settings
from sit_core.store import Store, migrations, open_store
from sit_core.store.engine import Store as EngineStore
from sit_core.store.engine import _engine, migrate
from sit_core.store.schema import metadata


def test_a_migrated_database_has_exactly_the_tables_of_the_schema(store: Store) -> None:
    with store.read() as connection:
        context = MigrationContext.configure(connection)
        differences = [
            d for d in compare_metadata(context, metadata) if "uq_judgments_revision" not in str(d)
        ]
        assert differences == []


def test_the_idempotency_index_exists(store: Store) -> None:
    names = [i["name"] for i in inspect(store.engine).get_indexes("judgments")]
    if store.is_sqlite:
        with store.read() as connection:
            names = list(
                connection.scalars(text("select name from sqlite_master where type = 'index'"))
            )
    assert "uq_judgments_revision" in names


def test_the_newest_migration_is_the_one_the_code_names() -> None:
    assert ScriptDirectory.from_config(migrations._config()).get_current_head() == migrations.NEWEST


def test_opening_twice_gives_the_same_store(where: Settings) -> None:
    first = open_store(where)
    assert open_store(where) is first
    first.close()


def test_eight_openers_of_an_empty_database_migrate_it_once(where: Settings) -> None:
    def open_one(_: int) -> str | None:
        store = EngineStore(_engine(where), where.database_url)
        migrate(store)
        with store.read() as connection:
            revision = migrations.current(connection)
        store.engine.dispose()
        return revision

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(open_one, range(8))) == {migrations.NEWEST}


def test_a_database_of_a_newer_program_is_refused_in_one_sentence(where: Settings) -> None:
    store = open_store(where)
    with store.write() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    store.close()
    with pytest.raises(SitError, match="update the program"):
        open_store(where)


def test_a_database_that_cannot_be_reached_is_one_sentence_without_the_password() -> None:
    there = settings({"SIT_DATABASE_URL": "postgresql://me:hush@127.0.0.1:9/none"})
    with pytest.raises(SitError, match=r"can't be opened") as caught:
        open_store(there)
    for secret in ("hush", "127.0.0.1", "none", "me:"):
        assert secret not in str(caught.value)


def test_a_write_that_raises_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as connection:
        connection.execute(
            text("insert into judges (kind, name, created_at) values ('human', 'a', 0)")
        )
        raise RuntimeError
    with store.read() as connection:
        assert connection.scalar(text("select count(*) from judges")) == 0


def test_what_the_database_can_not_do_just_now_is_one_sentence_with_its_reason(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with (
        pytest.raises(
            OutOfReach, match=r"can't be written \(database or disk is full\)\. Make room"
        ),
        sqlite_store.write() as connection,
    ):
        connection.execute(text("pragma max_page_count = 1"))  # no further page fits
        connection.execute(text("create table more (x)"))
        connection.execute(text("insert into more values (zeroblob(1000000))"))
    with sqlite_store.read() as connection:
        connection.execute(text("pragma max_page_count = 1000000"))
        assert "more" not in inspect(connection).get_table_names()


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "sit.db").write_bytes(b"this is no database" * 500)
    with pytest.raises(SitError, match=r"can't be opened: file is not a database"):
        open_store(settings({"SIT_HOME": str(tmp_path)}))


def test_a_fault_of_a_statement_is_not_taken_for_the_databases(store: Store) -> None:
    with pytest.raises(DBAPIError), store.read() as connection:
        connection.execute(text("select no_such_column from runs, judges where x"))


def test_what_is_committed_survives_a_power_cut(sqlite_store: Store) -> None:
    full = 2  # of SQLite's synchronous; 1 puts the log onto the disk now and then, 0 never
    with sqlite_store.write() as first, sqlite_store.read() as second:
        for connection in (first, second):
            assert connection.scalar(text("pragma synchronous")) == full
            assert connection.scalar(text("pragma journal_mode")) == "wal"

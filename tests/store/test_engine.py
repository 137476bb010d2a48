"""The store opens on both databases, migrated, once, also when many processes open it at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from sit_core.errors import SitError
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
    assert "hush" not in str(caught.value)


def test_a_write_that_raises_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as connection:
        connection.execute(
            text("insert into judges (kind, name, created_at) values ('human', 'a', 0)")
        )
        raise RuntimeError
    with store.read() as connection:
        assert connection.scalar(text("select count(*) from judges")) == 0

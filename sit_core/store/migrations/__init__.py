"""Alembic migrations: ``versions/`` holds one file per change of `sit_core.store.schema`.

A new one: ``python -m sit_core.store.migrations "what changes"`` writes it from the difference
between the newest migration and the schema.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = "0012"
"""The revision at which the code is; a test compares it with the versions folder."""


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def current(connection: Connection) -> str | None:
    """The revision at which a database is; None when it is empty. Needs no Alembic: it is fast."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def is_known(revision: str) -> bool:
    """Whether this program has a migration with that revision."""
    from alembic.script import ScriptDirectory

    return any(
        r.revision == revision for r in ScriptDirectory.from_config(_config()).walk_revisions()
    )


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the missing migrations, up to that revision, inside the caller's transaction."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def stamp(connection: Connection) -> None:
    """Say that a database is at the newest revision: its tables were made by the schema itself."""
    connection.execute(
        text("create table alembic_version (version_num varchar(32) not null primary key)")
    )
    connection.execute(text("insert into alembic_version values (:at)"), {"at": NEWEST})

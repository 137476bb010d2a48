"""Write a new migration: ``python -m sit_core.store.migrations "add a column"``."""

import sys

from alembic import command
from sqlalchemy import create_engine

from sit_core.store.migrations import _config, upgrade


def main(message: str) -> None:
    """Compare the schema with the newest migration and write the difference as the next one."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        upgrade(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "change")

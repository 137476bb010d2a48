"""Alembic's entry: runs on the connection that `migrations.upgrade` hands over."""

from alembic import context

from sit_core.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
context.run_migrations()

"""The only package that knows SQL: schema, migrations, and the few questions asked of the store."""

from sit_core.store.engine import Store, open_store

__all__ = ["Store", "open_store"]

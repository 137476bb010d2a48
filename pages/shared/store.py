"""The store that all visitors of this app share."""

from sit_core.store import Store, open_store


def the_store() -> Store:
    """The migrated store; opened once per process (see `open_store`)."""
    return open_store()

"""The store that all visitors of this app share."""

import streamlit as st

from sit_core.settings import settings
from sit_core.store import Store, open_store


def the_store() -> Store:
    """The migrated store, opened once per process; an untouched one gets the starter study."""
    store = open_store()
    _fill_untouched(store.url)
    return store


@st.cache_resource(show_spinner=False)
def _fill_untouched(url: str) -> None:
    where = settings()
    if where.starter and where.database_url == url:
        from sit_core.starter import ensure_starter

        ensure_starter(open_store(where))

"""Choose a study; the choice is part of the address, so that it can be linked to."""

import streamlit as st

from pages.shared.store import the_store
from sit_core.errors import SitError
from sit_core.registry import unknown
from sit_core.store.studies import list_studies


def pick_study(label: str = "Study") -> str | None:
    """The name of the chosen study (``?study=…``, else the newest); None when there is none.

    Raises:
        SitError: the address names a study that does not exist.
    """
    names = [study.name for study in list_studies(the_store())]
    if not names:
        return None
    asked = st.query_params.get("study")
    if asked is not None and asked not in names:
        del st.query_params["study"]
        raise SitError(unknown("study", asked, names))
    index = names.index(asked) if asked else 0
    chosen = st.selectbox(label, names, index=index, key=f"study picker {asked}")
    if chosen != asked:
        st.query_params["study"] = chosen
    return chosen

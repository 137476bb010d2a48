"""Choose a study; the choice is part of the address, and kept while one goes from page to page."""

import streamlit as st

from pages.shared.archived import archived_switch, study_choices
from pages.shared.store import the_store
from sit_core.errors import SitError
from sit_core.registry import unknown

LAST = "study chosen last"


def pick_study(width: int = 480, *, label: bool = True) -> str | None:
    """The name of the chosen study; None when there is none.

    Args:
        width: of the field, in pixels.
        label: whether its name stands above it; without, in a row of tools.

    That is the one in the address (``?study=…``), else the one chosen last, else the newest.

    Raises:
        SitError: the address names a study that does not exist.
    """
    store = the_store()
    asked = st.query_params.get("study")
    names = study_choices(store, [asked or ""])
    if not names:
        archived_switch(store, "study", "picker")
        return None
    if asked is not None and asked not in names:
        del st.query_params["study"]
        raise SitError(unknown("study", asked, names))
    wanted = asked or st.session_state.get(LAST)
    index = names.index(wanted) if wanted in names else 0
    chosen = st.selectbox(
        "Study",
        names,
        index=index,
        key=f"study picker {wanted}",
        width=width,
        label_visibility="visible" if label else "collapsed",
    )
    archived_switch(store, "study", "picker")
    if chosen != asked:
        st.query_params["study"] = chosen
        if asked is not None:
            st.query_params.pop("sample", None)  # it belonged to the study that was open before
    st.session_state[LAST] = chosen
    return chosen

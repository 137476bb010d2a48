"""The page's address ↔ what is asked: after Run it can be shared; opening it only fills the page.

A link never runs anything by itself, and what it names beyond the embedded model is shown first.
"""

from typing import Any

import streamlit as st

from pages.live.state import FOREIGN, PRESENT, asked, fill, presenting
from pages.shared.message import message
from sit_core.errors import SitError
from sit_core.live import LiveRequest
from sit_core.live.link import NAMES, Params, address_of, is_link, linked, params_of
from sit_core.live.model_choices import NamedModel, name_of

_MISSING = "live missing"
_SEEN = "live address"
"""The parameters that the widgets were filled from, or that we wrote."""


def open_link(known: list[NamedModel]) -> None:
    """Fill the widgets if the address asks for something that they have not been filled from.

    Raises:
        SitError: the link is broken; said once, then the page is as without it.
    """
    here = _params()
    if is_link(here) and here != st.session_state.get(_SEEN):
        st.session_state[_SEEN] = here
        found = linked(here)
        fill(found.ask, known)
        ours = {choice.spec for choice in known if choice.embedded}
        st.session_state[FOREIGN] = any(spec not in ours for spec in found.ask.models)
        st.session_state[_MISSING] = found.missing
    for token in st.session_state.get(_MISSING, ()):
        message("warning", f"The link names {token}, which is not on this machine.")
    if st.session_state.get(FOREIGN):
        message(
            "warning",
            "This link names models other than the embedded ones"
            f"{f': {_models(known)}' if presenting() else '; they are shown below'}. They get "
            "the texts when you press Run, not before.",
        )


def _models(known: list[NamedModel]) -> str:
    """Their names; in presentation mode nothing else shows them."""
    return ", ".join(name_of(spec, known) for spec in asked(known)[0].models)


def link_accepted() -> None:
    """Whoever presses Run has seen what the link names."""
    st.session_state[FOREIGN] = False
    st.session_state[_MISSING] = ()


def note_address(ask: LiveRequest, known: list[NamedModel]) -> None:
    """Write what is asked into the address; nothing of it where it is too long."""
    try:
        params = params_of(ask, known)
    except SitError:
        params = {}
    st.session_state[_SEEN] = params
    st.query_params.from_dict(params | ({PRESENT: ["1"]} if presenting() else {}))


def link(ask: LiveRequest, known: list[NamedModel]) -> None:
    """A button that shows the address of what is asked now."""
    with st.popover("Link", icon=":material/link:"):
        try:
            address = address_of(ask, st.context.url or "/live", known)
        except SitError as error:
            message("info", str(error))
            return
        st.text("This address opens the page filled in as it is now; it starts nothing.")
        st.code(address, language=None, wrap_lines=True)
        st.text(f"For an audience, in large type: add &{PRESENT}=1 to it.")
        if any(spec.backend == "openai" for spec in ask.models):
            st.text("It contains no API key, nor the name of one.")


def _params() -> Params:
    found: dict[str, Any] = {
        name: st.query_params.get_all(name) for name in st.query_params if name in NAMES
    }
    return found

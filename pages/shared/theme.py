"""The theme's colours for ``st.html``, which knows no ``--st-*`` variables as components do."""

import streamlit as st


def colour(option: str) -> str:
    """A colour of ``.streamlit/config.toml`` as CSS that follows light and dark by itself.

    Args:
        option: its name, e.g. ``blueColor``; ``sidebar.textColor`` for one of the sidebar.
    """
    light = st.get_option(f"theme.light.{option}")
    dark = st.get_option(f"theme.dark.{option}")
    if not light or not dark:  # started elsewhere, without that file
        return "currentColor"
    return f"light-dark({light}, {dark})"

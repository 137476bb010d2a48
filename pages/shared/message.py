"""Sentences for the user, drawn as plain text: they may quote file names, names and outputs.

``st.error`` and its siblings render Markdown, so nothing that came from outside goes through them.
"""

import html
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from sit_core.errors import SitError

# Readable as a border on light and dark; the theme's own variables exist in components only.
_COLOURS = {"error": "#d9434e", "warning": "#d9822b", "done": "#2e9b6b", "info": "#3f7fdf"}


def message(kind: str, text: str) -> None:
    """One sentence (or several lines) in a box: ``error``, ``warning``, ``done`` or ``info``."""
    colour = _COLOURS[kind]
    role = "alert" if kind == "error" else "status"
    st.html(
        f'<div role="{role}" data-kind="{kind}" style="'
        f"border-left: 3px solid {colour};"
        f"background: color-mix(in srgb, {colour} 12%, transparent);"
        "padding: .6rem .9rem; border-radius: .3rem; white-space: pre-wrap;"
        f'overflow-wrap: anywhere; unicode-bidi: isolate">{html.escape(text)}</div>'
    )


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show a `SitError` raised inside as its sentence; everything else is a bug and passes."""
    try:
        yield
    except SitError as error:
        message("error", str(error))

"""Sentences for the user, drawn as plain text: they may quote file names, names and outputs.

``st.error`` and its siblings render Markdown, so nothing that came from outside goes through them.
"""

import html
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pages.shared.theme import colour
from sit_core.errors import OutOfReach, SitError

_COLOURS = {"error": "red", "warning": "yellow", "done": "green", "info": "blue"}


def message(kind: str, text: str) -> None:
    """One sentence (or several lines) in a box: ``error``, ``warning``, ``done`` or ``info``."""
    family = _COLOURS[kind]
    role = "alert" if kind == "error" else "status"
    st.html(
        f'<div role="{role}" data-kind="{kind}" style="'
        f"border-left: 3px solid {colour(f'{family}Color')};"
        f"background: {colour(f'{family}BackgroundColor')};"
        "padding: .6rem .9rem; border-radius: .3rem; white-space: pre-wrap;"
        f'overflow-wrap: anywhere; unicode-bidi: isolate">{html.escape(text)}</div>'
    )


EVERY = 2.0
"""Seconds between two looks whether the database is back."""


@contextmanager
def errors_shown(*, goes_on: bool = True) -> Iterator[None]:
    """Show a `SitError` raised inside as its sentence; everything else is a bug and passes.

    Args:
        goes_on: where the database is out of reach, draw the page again once it is back; False
            where that is drawn again and again anyway.
    """
    try:
        yield
    except OutOfReach as error:
        message("error", f"{error} This page goes on by itself once it can.")
        if goes_on:
            st.fragment(_look_again, run_every=EVERY)()
    except SitError as error:
        message("error", str(error))


def _look_again() -> None:
    """Draw the whole page as soon as the database answers."""
    from pages.shared.store import the_store

    try:
        with the_store().read() as connection:
            connection.exec_driver_sql("select 1")
    except SitError:
        return
    st.rerun()

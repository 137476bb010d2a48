"""The component that draws the list, the output and what was said of it, and what it sends back.

All it sends is a message with one wish in it; `receive` takes it over before the page runs.
"""

from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

import streamlit as st

from pages.inspect_outputs.filters import (
    COMPARED,
    EXPECTED,
    MARK,
    START,
    TOUCHED,
    TURN,
    open_in,
)
from pages.shared.component import component

KEY = "inspect outputs"
_MOST = 1_000_000_000
_INSPECT = component("inspect_outputs", Path(__file__).parent, ["inspect.js"], ["inspect.css"])


def inspect_component(data: dict[str, Any]) -> None:
    """Draw it; what is pressed is in the session before the page runs again."""

    def said() -> None:
        receive(st.session_state, st.session_state[KEY].get("say"))

    _INSPECT(key=KEY, data=data, on_say_change=said)


def receive(state: MutableMapping[str, Any], message: object) -> None:
    """Do what a message asks for; it comes from a browser, so what is none is left alone.

    ``turn``: its number; besides it one of ``open`` (an output's id), ``start`` (the first hit of a
    page), ``beside`` (a run's name or null), ``mark`` (what to mark in the outputs) and
    ``expected`` (the key of the step whose expected text is meant).
    """
    if not isinstance(message, dict):
        return
    turn = message.get("turn")
    if isinstance(turn, int | float) and 0 <= turn < _MOST:
        state[TURN] = int(turn)
    for name, wish in _WISHES.items():
        if name in message and _fits(name, message[name]):
            wish(state, message[name])
            state[TOUCHED] = True


def _fits(name: str, value: object) -> bool:
    if name == "start":
        return isinstance(value, int | float) and 0 <= value < _MOST
    return isinstance(value, str) or (name == "beside" and value is None)


def _start(state: MutableMapping[str, Any], value: Any) -> None:
    state[START] = int(value)


def _sets(key: str) -> Callable[[MutableMapping[str, Any], Any], None]:
    def set_it(state: MutableMapping[str, Any], value: Any) -> None:
        state[key] = value

    return set_it


_WISHES: dict[str, Callable[[MutableMapping[str, Any], Any], None]] = {
    "open": open_in,
    "start": _start,
    "beside": _sets(COMPARED),
    "mark": _sets(MARK),
    "expected": _sets(EXPECTED),
}

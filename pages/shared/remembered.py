"""Forms begin with what this browser's session said in them last.

Streamlit forgets a widget's value as soon as the widget is not drawn: on another page, or when a
form is closed. Nothing of this is written anywhere, and no form asks for a secret.

    @remembered("new run ")
    def new_run(store: Store) -> None: ...
"""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, TypeVar

import streamlit as st

F = TypeVar("F", bound=Callable[..., Any])
NEVER = frozenset(
    ("open", "name", "file", "kept", "start", "close", "cancel", "estimate", "try", "prompt_set")
)
"""Last words of keys that are not remembered: what is new each time, files, and buttons."""
NEW = "run"
"""The key of a new run's name, which is new each time too."""


def remembered(prefix: str, only: Collection[str] = ()) -> Callable[[F], F]:
    """Have a function that draws a form begin with what was said in it last.

    Args:
        prefix: of the keys of its widgets.
        only: these alone, without the prefix; empty: all but `NEVER`.
    """

    def decorated(draw: F) -> F:
        @wraps(draw)
        def drawn(*args: Any, **more: Any) -> Any:
            _recall(prefix)
            _keep(prefix, only)
            return draw(*args, **more)

        return drawn  # type: ignore[return-value]

    return decorated


def _place(prefix: str) -> str:
    return f"said last in {prefix}"


def _recall(prefix: str) -> None:
    """Before any widget is drawn: give back what is not there any more."""
    for key, value in st.session_state.get(_place(prefix), {}).items():
        if key not in st.session_state:
            st.session_state[key] = value


def _keep(prefix: str, only: Collection[str]) -> None:
    """What the widgets say now: those that were changed just now are in it already."""
    kept: dict[str, Any] = st.session_state.setdefault(_place(prefix), {})
    for key in list(st.session_state):
        name = str(key).removeprefix(prefix)
        last = name.rsplit(" ", 1)[-1]
        if name in (key, NEW) or NEVER & {name, last} or (only and name not in only):
            continue
        value = st.session_state[key]
        if _plain(value) and not (
            last == "url" and "@" in str(value)
        ):  # a password may stand there
            kept[str(key)] = list(value) if isinstance(value, list | tuple) else value
        else:
            kept.pop(str(key), None)


def _plain(value: Any) -> bool:
    """Whether a widget that asks for text, a number, a choice or several can have said it."""
    if isinstance(value, list | tuple):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str | int | float)

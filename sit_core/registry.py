"""Name → thing, with an error that names the nearest match.

A registry is a dict with a decorator: ``@TASKS.register("repeat")``.
"""

import difflib
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from sit_core.errors import SitError

T = TypeVar("T")


class Registry(Generic[T]):
    """Things of one kind, by name, in the order in which they were registered."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._things: dict[str, T] = {}

    def add(self, name: str, thing: T) -> T:
        """Register ``thing`` under ``name``; a second use of a name is a programming error."""
        if name in self._things:
            raise ValueError(f"{self.kind} {name!r} is registered twice")
        self._things[name] = thing
        return thing

    def register(self, name: str) -> Callable[[T], T]:
        """Use as a decorator: ``@REGISTRY.register("name")``."""
        return lambda thing: self.add(name, thing)

    def get(self, name: str) -> T:
        """The thing called ``name``.

        Raises:
            SitError: nothing has that name; the message suggests the nearest ones.
        """
        try:
            return self._things[name]
        except KeyError:
            raise SitError(unknown(self.kind, name, self._things)) from None

    def __contains__(self, name: object) -> bool:
        return name in self._things

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)


def unknown(kind: str, name: str, known: "Iterator[str] | dict[str, T] | list[str]") -> str:
    """One sentence: nothing of this kind has that name, and what was probably meant.

    >>> unknown("task", "repaet", ["repeat", "answer"])
    "There is no task 'repaet'; did you mean 'repeat'?"
    >>> unknown("run", "x", [])
    "There is no run 'x'; there are none yet."
    """
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return f"There is no {kind} {name!r}; did you mean {' or '.join(map(repr, near))}?"
    if not names:
        return f"There is no {kind} {name!r}; there are none yet."
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return f"There is no {kind} {name!r}; known: {shown}."

"""Name → thing, with an error that names the nearest match.

A registry is a dict with a decorator: ``@TASKS.register("repeat")``. One with a group of entry
points takes what plugins offer too, at the first question (see `sit_core.plugins`).
"""

import importlib
import threading
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from sit_core.errors import SitError

T = TypeVar("T")


class Registry(Generic[T]):
    """Things of one kind, by name, in the order in which they were registered.

    Args:
        kind: what one of them is called in a sentence.
        group: the group of entry points that adds to it; empty: none does.
        accept: what a plugin gives under a name → the thing as it is kept; raises a `PluginError`
            with what is wrong with it. The name is free.
        modules: those that register what comes with the program; imported at the first question.
    """

    def __init__(
        self,
        kind: str,
        group: str = "",
        accept: Callable[[str, Any], T] | None = None,
        modules: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.group = group
        self._accept = accept
        self._things: dict[str, T] = {}
        self._added: set[str] = set()
        self._pending = bool(group)
        self._taking = False
        self._modules = modules
        self._importing = threading.RLock()

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
        self._import_modules()
        if self._pending and name not in self._things:
            self._take_plugins()
        try:
            return self._things[name]
        except KeyError:
            raise SitError(unknown(self.kind, name, self._things)) from None

    def __contains__(self, name: object) -> bool:
        self._import_modules()
        if self._pending and name not in self._things:
            self._take_plugins()
        return name in self._things

    def __iter__(self) -> Iterator[str]:
        self._import_modules()
        if self._pending:
            self._take_plugins()
        return iter(self._things)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def shipped(self) -> tuple[str, ...]:
        """The names of those that come with the program; asks for no plugin."""
        self._import_modules()
        return tuple(name for name in self._things if name not in self._added)

    def _import_modules(self) -> None:
        """Have what comes with the program registered; another thread waits for all of it."""
        if not self._modules:
            return
        with self._importing:
            for module in self._modules:
                importlib.import_module(module)
            self._modules = ()

    def _take_plugins(self) -> None:
        """Add what plugins offer; what a plugin itself asks meanwhile is answered without them."""
        from sit_core import plugins

        with plugins.LOCK:  # another thread waits for all of them
            if self._taking or not self._pending:
                return
            offers = plugins.offers(self.group)
            if offers is None:
                return
            self._taking = True
            try:
                for offer in offers:
                    plugins.take(offer, self._take)
            finally:
                self._taking = self._pending = False

    def _take(self, name: str, thing: Any) -> None:
        from sit_core.plugins import PluginError

        if name in self._things:
            raise PluginError(f"there is a {self.kind} of that name already")
        accepted: T = thing if self._accept is None else self._accept(name, thing)
        self._things[name] = accepted
        self._added.add(name)


def unknown(kind: str, name: str, known: "Iterator[str] | dict[str, T] | list[str]") -> str:
    """One sentence: nothing of this kind has that name, and what was probably meant.

    >>> unknown("task", "repaet", ["repeat", "answer"])
    "There is no task 'repaet'; did you mean 'repeat'?"
    >>> unknown("run", "x", [])
    "There is no run 'x'; there are none yet."
    """
    import difflib  # costs every start-up else

    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return f"There is no {kind} {name!r}; did you mean {' or '.join(map(repr, near))}?"
    if not names:
        return f"There is no {kind} {name!r}; there are none yet."
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return f"There is no {kind} {name!r}; known: {shown}."

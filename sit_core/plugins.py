"""Plugins: what installed packages, and the folder ``SIT_HOME/plugins``, add to the registries.

A package names what it adds in its entry points (``[project.entry-points."sit.metrics"]``); a file
of the folder has a dict ``PLUGINS`` with the same groups. They are looked for when a registry with
a group is first asked for something, so that what asks for nothing waits for nothing. One that is
broken is one sentence in `faults`, and the rest goes on without it.

A plugin is code and may do whatever its user may. Who installs a package has decided that; the
folder is read only with ``SIT_PLUGINS=1``, and with ``SIT_PLUGINS=0`` there are no plugins at all.
"""

import importlib.util
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

GROUPS = {
    "sit.tasks": "task",
    "sit.metrics": "metric",
    "sit.formats": "file format",
    "sit.judges": "kind of judge",
    "sit.gates": "quality gate",
    "sit.sources": "source of examples",
    "sit.analyses": "analysis",
    "sit.pages": "page",
}
"""Group of entry points → what one thing of it is called."""
FOLDER, TABLE = "plugins", "PLUGINS"
SWITCH = "SIT_PLUGINS"
_MODULE = "sit_home_plugin_"
_LONGEST = 300
"""Characters of an error's text in a sentence."""

LOCK = threading.RLock()


class PluginError(Exception):
    """A plugin gives what can't be used; its text says what is wrong, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that a plugin gives, not loaded yet."""

    group: str
    name: str
    origin: str
    """The distribution with its version, or the file."""
    load: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Plugin:
    """One thing that was offered, and what became of it."""

    group: str
    name: str
    origin: str
    fault: str = ""
    """One sentence on why it is left out; empty: it is there."""


@dataclass(frozen=True, slots=True)
class PluginPage:
    """A page of the app that a plugin adds; its entry's name is the page's address."""

    title: str
    icon: str
    """A name of Material Symbols."""
    purpose: str
    """One line: the question that the page answers."""
    file: Path
    """Its script, as `st.Page` takes it: run from top to bottom, with `pages.shared` at hand."""
    group: str = "Plugins"
    """The heading in the sidebar."""


def page_of_plugin(name: str, thing: Any) -> PluginPage:
    """A page that can be opened.

    Raises:
        PluginError: it can't.
    """
    if not isinstance(thing, PluginPage):
        raise PluginError(f"it is a {type(thing).__name__}, not a PluginPage")
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise PluginError("an address is of a-z, 0-9, '-' and '_', and begins with a letter")
    if not re.fullmatch(r"[a-z0-9_]+", thing.icon):
        raise PluginError(f"its icon {thing.icon!r} is no name of Material Symbols")
    if not Path(thing.file).is_file():
        raise PluginError(f"its script {thing.file} is not there")
    return thing


_offers: list[Offer] | None = None
_looking = False
_taken: dict[tuple[str, str, str], Plugin] = {}
_broken: list[Plugin] = []
"""Files and packages of which not even a list of what they give can be had."""


def switched(source: Literal["packages", "folder"]) -> bool:
    """Whether plugins of installed packages, or those of the folder, are looked for."""
    switch = os.environ.get(SWITCH, "")
    return switch == "1" if source == "folder" else switch != "0"


def offers(group: str) -> list[Offer] | None:
    """What plugins offer in one group; the first call looks for all of them.

    None where a file of the folder asks, which is run just now: nobody knows yet.
    """
    global _offers, _looking
    with LOCK:
        if _looking:
            return None
        if _offers is None:
            _looking = True
            try:
                found = [*_of_packages()] if switched("packages") else []
                found += _of_folder() if switched("folder") else ()
            finally:
                _looking = False
            _offers = found
        return [offer for offer in _offers if offer.group == group]


def take(offer: Offer, accept: Callable[[str, Any], None]) -> None:
    """Load what is offered and hand it on; a fault is kept as a sentence, never raised.

    Args:
        offer: one of `offers`.
        accept: adds it to a registry; raises a `PluginError` where it can't be used.
    """
    fault = ""
    try:
        accept(offer.name, offer.load())
    except PluginError as error:
        fault = str(error)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything
        fault = f"it can't be loaded ({error_text(error)})"
    if fault:
        what = GROUPS[offer.group]
        fault = f"The {what} {offer.name!r} of {offer.origin} is left out: {fault}."
    _taken[offer.group, offer.name, offer.origin] = Plugin(
        offer.group, offer.name, offer.origin, fault
    )


def error_text(error: BaseException) -> str:
    """An error's kind and text on one line, shortened; it may hold anything."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:_LONGEST]}" if text else type(error).__name__


def report_fault(group: str, name: str, fault: str) -> None:
    """Keep what goes wrong with a plugin while it is used; once each."""
    with LOCK:
        for key, plugin in _taken.items():
            if plugin.group == group and plugin.name == name and not plugin.fault:
                sentence = f"The {GROUPS[group]} {name!r} of {plugin.origin} failed: {fault}."
                _taken[key] = Plugin(group, name, plugin.origin, sentence)


def guarded(group: str, name: str, tells: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A plugin's question with yes or no: where it raises the answer is no, and it is reported."""

    def says(thing: Any) -> bool:
        try:
            return bool(tells(thing))
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            report_fault(group, name, error_text(error))
            return False

    return says


def plugins() -> list[Plugin]:
    """What was loaded or left out so far, in the order in which it was; see `load_all`."""
    with LOCK:
        return [*_broken, *_taken.values()]


def faults() -> list[str]:
    """The sentences on what is left out, of what was loaded so far."""
    return [plugin.fault for plugin in plugins() if plugin.fault]


def origin_of(group: str, name: str) -> str:
    """Which plugin a thing is of; empty: it comes with the program."""
    return next(
        (p.origin for p in plugins() if (p.group, p.name, p.fault) == (group, name, "")), ""
    )


def forget() -> None:
    """Look for plugins anew at the next question; for tests, which change the environment."""
    global _offers
    with LOCK:
        _offers = None
        _taken.clear()
        _broken.clear()


def _of_packages() -> Iterator[Offer]:
    seen: set[str] = set()
    for dist in metadata.distributions():
        try:
            # Its name is asked for last: that reads all that the distribution says of itself.
            text = dist.read_text("entry_points.txt") or ""
            if not any(f"[{group}]" in text for group in GROUPS):
                continue
            entries = [entry for entry in dist.entry_points if entry.group in GROUPS]
            name, origin = dist.name, f"{dist.name} {dist.version}"
        except Exception:  # noqa: BLE001 - another's broken distribution, and none of ours
            continue
        if name not in seen:  # as on import: the first on the path is the one
            for entry in sorted(entries, key=lambda entry: (entry.group, entry.name)):
                yield Offer(entry.group, entry.name, origin, entry.load)
        seen.add(name)


def _of_folder() -> Iterator[Offer]:
    """What the files of ``SIT_HOME/plugins`` give; their code runs here."""
    from sit_core.settings import settings

    folder = settings().home / FOLDER
    for path in sorted(folder.glob("*.py")) if folder.is_dir() else ():
        origin = f"{FOLDER}/{path.name}"
        try:
            yield from list(_of_table(origin, getattr(_module(path), TABLE, None)))
        except PluginError as error:
            _broken.append(Plugin("", path.stem, origin, f"{origin} is left out: {error}."))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - see above
            said = f"{origin} is left out: it can't be loaded ({error_text(error)})."
            _broken.append(Plugin("", path.stem, origin, said))


def _module(path: Path) -> Any:
    name = _MODULE + path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginError("it is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickles look for it there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _as_it_is(thing: Any) -> Any:
    return thing


def _of_table(origin: str, table: object) -> Iterator[Offer]:
    if not isinstance(table, Mapping):
        raise PluginError(f"it has no dict {TABLE} of what it adds")
    for group, things in table.items():
        if group not in GROUPS:
            raise PluginError(f"it adds to {str(group)[:60]!r}; the groups are {', '.join(GROUPS)}")
        if not isinstance(things, Mapping):
            raise PluginError(f"what it adds to {group} is no dict of name and thing")
        for name, thing in things.items():
            yield Offer(group, str(name), origin, partial(_as_it_is, thing))

"""Packages that a backend needs: asked for when it is used, and named when they are missing."""

import importlib
import platform
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sit_core import __version__
from sit_core.errors import SitError


def need(name: str, install: str = "") -> Any:
    """The module ``name``.

    Raises:
        SitError: it is not installed; the message is the command that installs it.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        missing = (error.name or name).split(".")[0]
        command = install if install and missing == name.split(".")[0] else missing
        raise SitError(
            f"This needs the package {missing}; install it with: pip install {command}"
        ) from None


def versions(*names: str) -> dict[str, str]:
    """The versions of this program, of Python, and of those packages that are installed."""
    return dict(_versions(names))  # looked up once: an endpoint's identity is asked for often


@lru_cache(maxsize=32)
def _versions(names: tuple[str, ...]) -> dict[str, str]:
    found = {"sit_core": __version__, "python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found

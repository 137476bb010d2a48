"""PostgreSQL's own programs: found where they are, and new enough for the server.

``pg_dump`` refuses a server that is newer than itself, and a machine may have several. They are
looked for in the folder that ``SIT_PG_BIN`` names, in those of PATH, in that of ``pg_config`` and
where packages put them; the one whose version is nearest above the server's is taken.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from sit_core.errors import SitError

PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Library/PostgreSQL/*/bin",
    "C:/Program Files/PostgreSQL/*/bin",
)
"""Where packages put them (Debian, Red Hat, Homebrew, the installers)."""
_VERSION = re.compile(r"\(PostgreSQL\)\s+(\d+)")
_SECONDS = 20


def program(name: str, server: int, environ: Mapping[str, str] = os.environ) -> str:
    """The path of one of them.

    Args:
        name: ``pg_dump``, ``pg_restore`` or ``psql``.
        server: the server's major version; the program must be of it or of a newer one.
        environ: where ``SIT_PG_BIN`` and ``PATH`` are read.

    Raises:
        SitError: there is none, or all are too old; it says what to install.
    """
    found = {path: version_of(path) for path in _all(name, environ)}
    fitting = [path for path, version in found.items() if version is not None and version >= server]
    if fitting:
        return min(fitting, key=lambda path: found[path] or 0)  # the first one of equals
    newest = max((version for version in found.values() if version is not None), default=None)
    known = "not installed" if newest is None else f"of version {newest} here, too old for it"
    raise SitError(
        f"The database is on a PostgreSQL {server} server, whose program {name} is {known}; "
        f"install PostgreSQL's client programs of version {server} or newer (Debian and Ubuntu: "
        f"apt install postgresql-client-{server}), or name their folder in SIT_PG_BIN."
    )


def version_of(path: str) -> int | None:
    """The major version of a program; None where it does not start."""
    match = _VERSION.search(_output(path, "--version").decode("utf-8", "replace"))
    return None if match is None else int(match.group(1))


def _output(*words: str) -> bytes:
    """What a program writes; nothing where it does not start."""
    try:
        return subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return b""


def _all(name: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Each program of that name, those that the user named first."""
    seen: set[str] = set()
    for folder in _folders(environ):
        path = shutil.which(name, path=folder) if folder else None
        if path is not None and (real := os.path.realpath(path)) not in seen:
            seen.add(real)
            yield path


def _folders(environ: Mapping[str, str]) -> Iterator[str]:
    yield environ.get("SIT_PG_BIN", "")
    search = environ.get("PATH", os.defpath)
    yield from search.split(os.pathsep)
    config = shutil.which("pg_config", path=search)
    if config is not None:
        yield os.fsdecode(_output(config, "--bindir").strip())
    for place in PLACES:
        root = Path(place).anchor
        if root:  # none: of another system
            yield from sorted(map(str, Path(root).glob(place[len(root) :])), reverse=True)

"""Who uses a store: each process that has it open holds a lock that ends with it, however it ends.

``.in-use`` beside the database is locked by all of them together, and by `sit restore` alone. It
holds nothing, is never deleted, and works between the processes of one machine; PostgreSQL says by
itself who else is connected.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sit_core.errors import SitError

try:
    import fcntl
except ImportError:  # Windows, which replaces no file that somebody has open
    fcntl = None  # type: ignore[assignment]

NAME = ".in-use"


def enter(folder: Path) -> int | None:
    """Say that this process uses the store there.

    Returns:
        What `leave` takes; None where nothing can be locked.

    Raises:
        SitError: the store is being restored just now.
    """
    held = _open(folder)
    if held is None or fcntl is None:
        return held
    try:
        fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        raise SitError("The store is being restored just now; try again in a minute.") from None
    except OSError:  # a file system without locks
        os.close(held)
        return None
    return held


def leave(held: int | None) -> None:
    """Take that back."""
    if held is not None:
        os.close(held)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let nobody else use the store there meanwhile.

    Raises:
        SitError: somebody does.
    """
    held = _open(folder)
    try:
        if held is not None and fcntl is not None:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise SitError(
            "An app, a job or a command is using this store; end it first (sit jobs lists the "
            "jobs), then try again."
        ) from None
    finally:
        leave(held)


def _open(folder: Path) -> int | None:
    try:
        return os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:  # a folder that is not there or only to be read: nothing can be replaced in it
        return None

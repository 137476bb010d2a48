"""Files that are there whole or not at all: written beside their place, then moved into it.

Whoever reads the place meanwhile, or after the program was killed, finds what was there before or
what is there now. Names of files being written end in ``.part``; backups leave them out.
"""

import glob
import hashlib
import json
import os
import platform
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

PART = ".part"


def beside(path: Path) -> Path:
    """Where to write what will replace ``path``: hidden, in its folder, another one each time."""
    start = os.fsencode(path.name)[:100].decode("utf-8", "ignore")  # systems allow 255 bytes
    return path.with_name(f".{start}.{secrets.token_hex(4)}{PART}")


def to_disk(stream: BinaryIO) -> None:
    """Have the system put what was written onto the disk: a loss of power does not undo it.

    Raises:
        OSError: it can't, e.g. because the disk is full.
    """
    stream.flush()
    os.fsync(stream.fileno())


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A place to write a file, for what wants a path; it takes ``path``'s place at the end.

    After an error, ``path`` is as it was and nothing is left beside it.

    Raises:
        OSError: the place can't be written.
    """
    part = beside(path)
    try:
        yield part
        with part.open("rb+") as stream:
            to_disk(stream)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def replacing_stream(path: Path) -> Iterator[BinaryIO]:
    """The same, opened for writing.

    Raises:
        OSError: the place can't be written.
    """
    with replacing(path) as part, part.open("xb") as stream:
        yield stream


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """An empty folder beside ``path`` to write into; it takes ``path``'s place at the end.

    What a killed program left beside it is removed. A folder that was there is moved away first, so
    that the place holds, at every moment, a whole folder or none.

    Raises:
        OSError: the place can't be written.
    """
    _remove_left(path)
    part = path.with_name(f".{path.name[:100]}.{os.getpid()}.{secrets.token_hex(4)}{PART}")
    part.mkdir()
    try:
        yield part
        for one in sorted(part.rglob("*")):
            if one.is_file():
                with one.open("rb+") as stream:
                    to_disk(stream)
        former = part.with_name(part.name.removesuffix(PART) + f".former{PART}")
        if path.exists():
            path.rename(former)
        part.rename(path)
        shutil.rmtree(former, ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """An empty folder below the system's temporary one, for this user alone; removed at the end.

    What programs of this machine that are gone have left there is removed first.

    Args:
        prefix: of its name, such as ``sit-report``.

    Raises:
        OSError: it can't be made.
    """
    here = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
    place = Path(tempfile.gettempdir())
    for left in place.glob(f"{glob.escape(prefix)}-{here}-*"):
        pid = left.name.removeprefix(f"{prefix}-{here}-").partition("-")[0]
        _remove_of_gone(left, pid)
    with tempfile.TemporaryDirectory(prefix=f"{prefix}-{here}-{os.getpid()}-", dir=place) as made:
        yield Path(made)


def _remove_of_gone(left: Path, pid: str) -> None:
    if pid.isdecimal() and left.is_dir() and not left.is_symlink() and not _runs(int(pid)):
        shutil.rmtree(left, ignore_errors=True)


def _remove_left(path: Path) -> None:
    """Remove what programs that are gone have left beside a folder's place."""
    for left in path.parent.glob(f".{glob.escape(path.name[:100])}.*{PART}"):
        _remove_of_gone(left, left.name.removeprefix(f".{path.name[:100]}.").partition(".")[0])


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def write_bytes(path: Path, content: bytes) -> None:
    """Replace the file as a whole; its folder is there.

    Raises:
        OSError: the place can't be written.
    """
    with replacing_stream(path) as stream:
        stream.write(content)


def write_text(path: Path, text: str, errors: str = "strict") -> None:
    """The same with a text, in UTF-8.

    Args:
        path: the place.
        text: what it will hold.
        errors: of lone surrogates, which have no UTF-8, as `str.encode` has it.

    Raises:
        OSError: the place can't be written.
        UnicodeEncodeError: there are lone surrogates and ``errors`` is ``strict``.
    """
    write_bytes(path, text.encode("utf-8", errors))


def write_json(path: Path, content: Any, *, indent: int | None = 1) -> None:
    """The same with JSON and a line's end.

    Raises:
        OSError: the place can't be written.
    """
    write_text(path, json.dumps(content, indent=indent, ensure_ascii=False) + "\n")

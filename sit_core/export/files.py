"""A file that is there whole or not at all: written beside its place, then moved into it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sit_core.errors import SitError
from sit_core.files import replacing_stream
from sit_core.settings import user_path


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write to ``path``: a file that was there stays as it was until all is written.

    Raises:
        SitError: the place can't be written.
    """
    try:
        path = user_path(path).resolve()  # a link stays a link
        if path.exists() and not path.is_file():
            if path.is_dir():
                raise SitError(f"{path} is a folder; name a file in it.")
            with path.open("wb") as device:
                yield device
            return
        with replacing_stream(path) as stream:
            yield stream
    except OSError as error:
        if error.filename is None and not isinstance(error.errno, int):
            raise
        raise SitError(
            f"{path} can't be written ({error.strerror}); choose another place."
        ) from None

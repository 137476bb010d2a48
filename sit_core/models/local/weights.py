"""The safetensors files of a folder: what they hold, whether they are whole, and their hash.

Only their headers are read, so that nothing is loaded that can't be used. Weights in any other
form are refused: unpickling may run code.
"""

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sit_core.errors import SitError

_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_HASHED_WHOLE = 2 * 1024**3
_SAMPLES, _SAMPLE = 256, 64 * 1024


@dataclass(frozen=True, slots=True)
class Weights:
    """What the headers say."""

    files: tuple[Path, ...]
    parameters: int
    stored: str
    """The type of most parameters as safetensors calls it: ``F32``, ``BF16``, …"""
    state: tuple[tuple[str, int, int], ...]
    """Name, size and time of change of each file: a newer file is another model."""


def weights_in(folder: Path, pattern: str = "*.safetensors") -> Weights:
    """Read the headers of all files that match.

    Raises:
        SitError: there are none, only pickled ones, or one of them is broken or incomplete.
    """
    files = tuple(sorted(folder.glob(pattern)))
    if not files:
        if any(any(folder.glob(p)) for p in _PICKLES):
            raise SitError(
                f"{folder} holds its weights only as a pickle, which could run code when loaded; "
                "save them as safetensors."
            )
        raise SitError(f"{folder} holds no weights (no {pattern} file).")
    sizes: dict[str, int] = {}
    for path in files:
        for name, tensor in _header(path).items():
            if name != "__metadata__":
                kind = tensor["dtype"]
                sizes[kind] = sizes.get(kind, 0) + math.prod(tensor["shape"])
    state = tuple((p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in files)
    stored = max(sizes, key=lambda kind: sizes[kind], default="F32")
    return Weights(files, sum(sizes.values()), stored, state)


def fingerprint(files: tuple[Path, ...]) -> str:
    """A hash of the files' names and bytes; beyond 2 GiB in all, of pieces spread over each."""
    whole = sum(path.stat().st_size for path in files) <= _HASHED_WHOLE
    digest = hashlib.sha256()
    for path in files:
        size = path.stat().st_size
        digest.update(f"{path.name}\0{size}\0".encode())
        with path.open("rb") as file:
            if whole:
                while block := file.read(1 << 20):
                    digest.update(block)
            else:
                for place in range(_SAMPLES):
                    file.seek(max(0, size - _SAMPLE) * place // (_SAMPLES - 1))
                    digest.update(file.read(_SAMPLE))
    return f"{'sha256' if whole else 'sha256-of-pieces'}:{digest.hexdigest()}"


def _header(path: Path) -> dict[str, Any]:
    """The format: 8 bytes with the header's length, the header as JSON, the tensors' bytes."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > size:
                raise ValueError("the header is longer than the file")
            header: dict[str, Any] = json.loads(file.read(length))
        tensors = [tensor for name, tensor in header.items() if name != "__metadata__"]
        end = max((tensor["data_offsets"][1] for tensor in tensors), default=0)
    except OSError as error:
        raise SitError(f"{path} can't be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise SitError(f"{path} is no safetensors file, or a broken one; get it again.") from None
    if size != 8 + length + end:
        raise SitError(f"{path} is not whole ({size} of {8 + length + end} bytes); get it again.")
    return header

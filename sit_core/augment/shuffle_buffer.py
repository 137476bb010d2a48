"""Rows on disk in the order in which they came, read back in any order; memory holds their places.

The file has no name and goes with the process, however that ends. It is made beside the output, so
that a full disk is noticed there and not in a folder that nobody thinks of.
"""

import marshal
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

CHUNK_BYTES = 32 * 1024 * 1024
"""So much is held in memory at a time."""
Order: TypeAlias = Sequence[int] | np.ndarray[Any, np.dtype[np.integer[Any]]]


class ShuffleBuffer:
    """Tuples of plain values; 8 bytes of memory each."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=1 << 20)  # noqa: SIM115
        self._starts = array("Q", [0])

    def __len__(self) -> int:
        return len(self._starts) - 1

    def add(self, row: tuple[Any, ...]) -> None:
        """One more row."""
        packed = marshal.dumps(row)
        self._file.write(packed)
        self._starts.append(self._starts[-1] + len(packed))

    def in_order(self, order: Order) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Place in ``order`` and row, for these rows in this order.

        Each chunk is read from the beginning of the file to its end, so that the disk is never
        asked for rows here and there.
        """
        self._file.flush()
        start = 0
        while start < len(order):
            chunk: list[int] = []
            size = 0
            for row in order[start:]:
                if chunk and size >= CHUNK_BYTES:
                    break
                chunk.append(int(row))
                size += self._starts[chunk[-1] + 1] - self._starts[chunk[-1]]
            rows: dict[int, tuple[Any, ...]] = {}
            for row in sorted(set(chunk)):
                begins, ends = self._starts[row], self._starts[row + 1]
                self._file.seek(begins)
                rows[row] = marshal.loads(self._file.read(ends - begins))
            for place, row in enumerate(chunk, start):
                yield place, rows[row]
            start += len(chunk)

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

"""How often each of many millions of things was seen, in 16 bytes a thing and flat arrays.

A dict of 64-bit numbers takes about 100 bytes an entry; this open-addressing table takes 16 to 32.
Things are told apart by 64 bits of a hash: among 10 million, the chance of any mix-up is 3·10⁻⁶.
"""

from array import array
from hashlib import blake2b


def hash64(*parts: str) -> int:
    """A 64-bit number that depends on the parts alone; never 0."""
    packed: list[bytes] = []
    for part in parts:
        said = part.encode("utf-8", "surrogatepass")
        packed += (len(said).to_bytes(8, "little"), said)
    return int.from_bytes(blake2b(b"".join(packed), digest_size=8).digest(), "little") or 1


class KeyCounts:
    """64-bit key → small number, 0 where it was never set."""

    def __init__(self) -> None:
        self._keys = array("Q", bytes(8 * 1024))
        self._values = array("Q", bytes(8 * 1024))
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def __getitem__(self, key: int) -> int:
        return self._values[self._place(key)]

    def __setitem__(self, key: int, value: int) -> None:
        place = self._place(key)
        if not self._keys[place]:
            if self._used * 2 >= len(self._keys):
                self._grow()
                place = self._place(key)
            self._keys[place] = key
            self._used += 1
        self._values[place] = value

    def _place(self, key: int) -> int:
        """Where the key is, or the empty place where it would go."""
        keys = self._keys
        mask = len(keys) - 1
        place = key & mask
        while keys[place] and keys[place] != key:
            place = (place + 1) & mask
        return place

    def _grow(self) -> None:
        keys, values = self._keys, self._values
        self._keys = array("Q", bytes(16 * len(keys)))
        self._values = array("Q", bytes(16 * len(keys)))
        for key, value in zip(keys, values, strict=True):
            if key:
                place = self._place(key)
                self._keys[place], self._values[place] = key, value
